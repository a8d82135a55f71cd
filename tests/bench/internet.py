"""How fast the simulated internet answers, and how soon it is ready: a namespace of its own, and clients in a second process.

Exchanges a second of wall time, and of the server's own processor time, which a busy machine changes little.
Run as a program, this file is the clients: `python internet.py KIND SECONDS`, inside the namespace.
"""

from __future__ import annotations

import json
import signal
import socket
import ssl
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

KINDS = (
    "http, kept alive",
    "http, new connections",
    "https, kept alive",
    "https, new connections",
    "http/2, kept alive",
)
SECONDS = 3.0
CLIENTS = 8
_ADDRESS = "203.0.113.80"
_REQUEST = b"GET /api/v1/status HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: bench/1\r\nAccept: */*\r\n\r\n"


def internet() -> None:
    """Prints both figures."""
    import psutil

    from tests.integration.test_internet import Namespace

    ready = []
    print(
        f"the simulated internet, {CLIENTS} clients, exchanges a second of wall time and of the server's processor time:"
    )
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            place_answers(Path(folder))
            namespace = Namespace(Path(folder))
            try:
                namespace.run(sys.executable, "-P", "-m", "internet", "network")
                begin = time.perf_counter()
                server = namespace.serve()
                ready.append(time.perf_counter() - begin)
                before = sum(psutil.Process(server.pid).cpu_times()[:2])
                done = namespace.run(sys.executable, __file__, kind, str(SECONDS))
                spent = sum(psutil.Process(server.pid).cpu_times()[:2]) - before
                server.send_signal(signal.SIGTERM)
                server.communicate()
            finally:
                namespace.close()
        count = int(json.loads(done.stdout))
        print(f"  {kind:<24} {count / SECONDS:7.0f} /s   {count / spent:7.0f} /s of one processor")
    print(f"  ready after {statistics.median(ready):.3f} s (most {max(ready):.3f})")


def place_answers(folder: Path) -> None:
    """The answers that a sandbox has."""
    from analyzer.sandbox import answers

    answers.place(folder, off=False, additional=None)


def load(kind: str, seconds: float) -> int:
    """The exchanges of all clients."""
    end = time.monotonic() + seconds
    counts = [0] * CLIENTS

    def work(number: int) -> None:
        while time.monotonic() < end:
            with opened(kind) as line:
                counts[number] += multiplex(line, end) if "/2" in kind else ask(line, end if "kept" in kind else 0)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def opened(kind: str) -> socket.socket:
    """A connection of the kind."""
    secure = kind.startswith("https")
    line = socket.create_connection((_ADDRESS, 443 if secure else 80))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _CONTEXT.wrap_socket(line, server_hostname="shop.example") if secure else line


def ask(line: socket.socket, end: float) -> int:
    """Ask once, or until a time, and count the answers."""
    count = 0
    while True:
        line.sendall(_REQUEST)
        data = b""
        while b"\r\n\r\n" not in data:
            data += line.recv(65_536)
        if not data.startswith(b"HTTP/1.1 200"):
            raise ValueError(data[:100])
        count += 1
        if time.monotonic() >= end:
            return count


def multiplex(line: socket.socket, end: float) -> int:
    """Ask ten times at once over HTTP/2, until a time, and count the answers."""
    from h2.config import H2Configuration
    from h2.connection import H2Connection
    from h2.events import StreamEnded

    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    count = 0
    while time.monotonic() < end:
        for _ in range(10):
            client.send_headers(client.get_next_available_stream_id(), _HEADERS, end_stream=True)
        line.sendall(client.data_to_send())
        left = 10
        while left:
            left -= sum(isinstance(event, StreamEnded) for event in client.receive_data(line.recv(65_536)))
        client.increment_flow_control_window(1000)
        count += 10
    return count


_HEADERS = [(":method", "GET"), (":scheme", "http"), (":authority", "shop.example"), (":path", "/api/v1/status")]
_CONTEXT = ssl.create_default_context()
_CONTEXT.check_hostname = False
_CONTEXT.verify_mode = ssl.CERT_NONE

if __name__ == "__main__":
    print(load(sys.argv[1], float(sys.argv[2])))
