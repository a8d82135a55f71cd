"""Sleeps for ten years."""

import time


def main():
    time.sleep(10)
    time.sleep(315_360_000)
