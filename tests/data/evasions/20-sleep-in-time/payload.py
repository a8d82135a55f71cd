"""Sleeps by Python's own function, which asks the kernel for a moment and not for a length since version 3.11."""

import time


def main():
    time.sleep(600)
