"""Sends to a server that any public authority may vouch for, to one that only its own may, and to one whose certificate it knows."""

import contextlib
import hashlib
import socket
import ssl
import urllib.request
from pathlib import Path


def main():
    urllib.request.urlopen("https://plain.example/in", data=b"in plain words 29", timeout=10).read()
    pinned = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    pinned.load_verify_locations(Path(__file__).with_name("authority.pem"))
    with contextlib.suppress(OSError), socket.create_connection(("pinned.example", 4429), timeout=10) as line:
        with pinned.wrap_socket(line, server_hostname="pinned.example") as secret:
            secret.sendall(b"never seen")
    known = ssl.create_default_context()
    with socket.create_connection(("known.example", 4430), timeout=10) as line:
        with known.wrap_socket(line, server_hostname="known.example") as secret:
            if hashlib.sha256(secret.getpeercert(True)).digest() == bytes(32):
                secret.sendall(b"never seen")
