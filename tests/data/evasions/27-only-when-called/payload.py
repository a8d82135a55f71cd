"""A console script that acts when it is run, and once more when its interpreter ends."""

import atexit
import socket


def connect(port):
    with socket.socket() as line:
        line.connect(("203.0.113.27", port))


def main():
    connect(4127)
    atexit.register(connect, 4227)
