"""Makes files whose names look like the end of a record, like another record, or like a terminal's commands."""

import os
import socket

NAMES = (
    b"e30-line\nfeed",
    b'e30-a, b", 0) = 0\n99 1700000000.000000 connect(3, {sa_family=AF_INET, sin_port=htons(1)}, 16) = 0',
    b"e30-\x1b[2J\x1b]0;owned\x07",
    b"e30-\xff\xfe",
    b"e30-" + b"\\x1b'\"<script>" + b"x" * 200,
    "e30-\u202egpj.exe".encode(),
)


def main():
    folder = os.path.expanduser("~/e30").encode()
    os.mkdir(folder)
    for name in NAMES:
        path = folder + b"/" + name
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        os.rename(path, path + b"2")
    with socket.socket() as line:
        line.connect(("203.0.113.30", 4030))
