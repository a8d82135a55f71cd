"""The simulated internet under clients that want too much: 10,000 connections at once, and uploads of 1 GiB.

Run as a program, this file is the clients: `python test_internet_limits.py crowd|upload` inside the namespace.
"""

from __future__ import annotations

import resource
import signal
import socket
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

CONNECTIONS = 10_000
UPLOAD = 1 << 30
CHUNK = b"x" * (1 << 20)
MEMORY_KIB = 300 * 1024


# --- inside the namespace ---


def crowd() -> None:
    """Opens all, then asks as another client."""
    held = []
    for _ in range(CONNECTIONS):
        line = socket.socket()
        line.connect(("203.0.113.5", 9000))
        held.append(line)
    held[-1].sendall(b"\x01the last one")
    with urllib.request.urlopen("http://203.0.113.6/x", timeout=60) as answer:
        assert answer.status == 200


def upload() -> None:
    """To a port that nobody knows, and by HTTP."""
    head = f"POST /u HTTP/1.1\r\nHost: u.example\r\nContent-Length: {UPLOAD}\r\n\r\n".encode()
    for address, beginning in ((("203.0.113.5", 9000), b"\x01"), (("203.0.113.5", 80), head)):
        with socket.create_connection(address) as line:
            line.sendall(beginning)
            for _ in range(UPLOAD // len(CHUNK)):
                line.sendall(CHUNK)
            line.shutdown(socket.SHUT_WR)
            line.settimeout(60)
            line.recv(100)


# --- outside ---


pytestmark = pytest.mark.embedded


def visit(folder: Path, what: str) -> tuple[list[dict[str, Any]], int]:
    """What was recorded of the clients, and the most memory that the service had, in KiB."""
    from tests.integration.test_internet import ORDINARY, Namespace, read

    namespace = Namespace(folder)
    try:
        assert namespace.run(sys.executable, "-P", "-m", "internet", "network").returncode == 0
        server = namespace.serve()
        done = namespace.run(*ORDINARY, sys.executable, __file__, what)
        assert done.returncode == 0, done.stderr
        status = Path(f"/proc/{server.pid}/status").read_text()
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
        assert server.communicate()[1] == b""
    finally:
        namespace.close()
    return read(folder / "exchanges.jsonl"), int(status.partition("VmHWM:")[2].split()[0])


def limits(records: list[dict[str, Any]]) -> list[str]:
    return [record["detail"] for record in records if record["kind"] == "limit"]


@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_NOFILE)[1] < CONNECTIONS + 1000, reason="this machine allows fewer descriptors"
)
def test_ten_thousand_connections_are_borne_and_others_answered(tmp_path: Path) -> None:
    records, memory = visit(tmp_path, "crowd")
    (told,) = limits(records)
    assert told == "more than 4000 connections at once: the oldest were closed"
    connections = [record for record in records if record["kind"] == "tcp"]
    assert len(connections) == CONNECTIONS + 1
    assert [one["bytes_in"] for one in connections if one["protocol"] == "unknown"] == [13]
    assert memory < MEMORY_KIB


def test_uploads_of_a_gibibyte_are_counted_and_not_kept(tmp_path: Path) -> None:
    records, memory = visit(tmp_path, "upload")
    assert [record["bytes_in"] >= UPLOAD for record in records if record["kind"] == "tcp"] == [True, True]
    assert [record["request_bytes"] for record in records if record["kind"] == "http"] == [UPLOAD]
    assert any("kept and searched in part only" in detail for detail in limits(records))
    assert memory < MEMORY_KIB
    assert (tmp_path / "sent.bin").stat().st_size < 64 << 20
    assert (tmp_path / "exchanges.jsonl").stat().st_size < 1 << 20


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    {"crowd": crowd, "upload": upload}[sys.argv[1]]()
