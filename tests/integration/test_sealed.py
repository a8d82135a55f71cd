"""Nothing that a package does reaches the host or a network: tried in both sandboxes by `escapee.py`, listened for by `listening.py`."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.sandbox.interface import Manner
from tests.integration.analysing import PLACES, behaviors
from tests.integration.listening import Ears, listening, own_addresses
from tests.packages import make_wheel

GATEWAY = "172.17.0.1"
NOBODY = ("192.0.2.1", "2001:db8::1")
SECONDS = 5.0


class Escape(NamedTuple):
    """What the package says that it could do, what the report says, and what was heard outside."""

    sandbox: str
    facts: dict[str, Any]
    report: Report
    ears: Ears
    output: str


def targets(port: int) -> list[tuple[str, int]]:
    """This machine's addresses at that port and at the engine's, the gateway of its containers, and nobody's."""
    addresses = dict.fromkeys([*own_addresses(), GATEWAY, *NOBODY])
    return [(address, port) for address in addresses] + [(GATEWAY, 2375)]


@pytest.fixture(
    scope="module",
    params=[pytest.param(one.values, marks=one.marks, id="-".join(one.values)) for one in (PLACES[0], *PLACES[2:])],
)
def escape(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> Escape:
    """One run of the package that tries everything."""
    sandbox, tracer = request.param
    kept: dict[str, str] = {}

    def keep(analysis: Analysis) -> None:
        (path,) = (analysis.record.folder / "steps").glob("*-import.out")
        kept["output"] = path.read_text(errors="replace")

    with listening(f"token-{secrets.token_hex(8)}".encode()) as ears:
        text = (Path(__file__).parent / "escapee.py").read_text(encoding="utf-8")
        names = [ears.local, f"{ears.local}-datagram"]
        for name, value in (("TARGETS", targets(ears.port)), ("NAMES", names), ("TOKEN", ears.token)):
            text = text.replace(f"\n{name} = ", f"\n{name} = {value!r} or ", 1)
        wheel = make_wheel(tmp_path_factory.mktemp("wheel"), "escapee", modules={"escapee.py": text})
        cache = Cache(cache_directory)
        options = Options(sandbox=sandbox, tracer=tracer, manner=Manner(callables=False))
        report = analyze(str(wheel), options, cache, SimpleIndex(cache), lambda stage: None, keep)
        time.sleep(0.2)  # what is under way between two sockets of this machine
    lines = [line for line in kept["output"].splitlines() if line.startswith("FACTS")]
    assert lines, (kept["output"], report.phases)
    return Escape(sandbox, json.loads(lines[0].removeprefix("FACTS")), report, ears, kept["output"])


def worked(facts: dict[str, Any]) -> set[str]:
    """What came to more than an error."""
    return {name for name, came in facts.items() if came == "worked"}


def test_the_ears_hear() -> None:
    """Without this, silence would prove nothing."""
    token = f"token-{secrets.token_hex(8)}".encode()
    with listening(token) as ears, contextlib.ExitStack() as stack:
        ways: list[Callable[[], object]] = []
        for address in own_addresses():
            if "%" in address:  # of an interface that may be down
                continue
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                line = stack.enter_context(socket.socket(family, kind))
                place = socket.getaddrinfo(address, ears.port, family, kind)[0][4]
                ways += [lambda line=line, place=place: line.connect(place), lambda line=line: line.sendall(token)]
        for kind, name in ((socket.SOCK_STREAM, token), (socket.SOCK_DGRAM, token + b"-datagram")):
            line = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
            ways += [lambda line=line, name=name: line.connect(b"\0" + name), lambda line=line: line.sendall(token)]
        for way in ways:
            way()
        end = time.monotonic() + SECONDS
        while ears.names - {"vsock"} != ears.heard and time.monotonic() < end:
            time.sleep(0.05)
    assert ears.heard == ears.names - {"vsock"}


def test_nothing_of_it_was_heard_outside(escape: Escape) -> None:
    assert escape.ears.heard == set()


def test_the_run_came_to_its_end(escape: Escape) -> None:
    assert escape.report.completeness.status == "complete", escape.report.completeness.reasons


def test_every_connection_ended_at_the_simulated_internet(escape: Escape) -> None:
    """Its own loopback network is the package's alone, and there is nobody."""
    facts, port = escape.facts, escape.ears.port
    for kind in ("tcp", "udp"):
        for address, came in facts[kind].items():
            if address.startswith(("127.", "::1 ")):
                assert came == ("ECONNREFUSED" if kind == "tcp" else "worked"), (kind, address)
    seen = {(one.transport, one.address, one.port) for one in escape.report.network.connections}
    reached = {
        address for address, _ in targets(port) if not address.startswith(("127.", "::1")) and "%" not in address
    }
    assert {address for transport, address, at in seen if transport == "tcp" and at == port} >= reached
    assert {address for transport, address, at in seen if transport == "udp" and at == port} >= reached


def test_what_it_sent_to_the_hosts_addresses_is_told(escape: Escape) -> None:
    sent = {one.address for one in escape.report.network.connections if escape.ears.local in one.head}
    assert {address for address, _ in targets(0) if ":" not in address and not address.startswith("127.")} <= sent


def test_no_socket_was_inherited(escape: Escape) -> None:
    held = escape.facts["descriptors"].values()
    assert [what for what in held if what.startswith("socket:") or "anon_inode:[event" in what] == []


def test_packets_of_its_own_making_are_refused(escape: Escape) -> None:
    assert worked(escape.facts["raw"]) == set()
    for name in ("raw ICMP", "any"):
        assert worked(escape.facts["protocols"][name]) == set()


def test_the_hosts_local_sockets_are_not_there(escape: Escape) -> None:
    assert worked(escape.facts["unix"]) == set()
    assert escape.ears.local not in " ".join(escape.facts["local sockets"])


def test_the_network_cannot_be_changed_nor_left(escape: Escape) -> None:
    for group in ("netlink", "namespaces", "options"):
        assert worked(escape.facts[group]) == set(), group
    assert escape.facts["vsock"] != "worked"
    assert escape.facts["links"] == ["lo"]


def test_what_was_tried_is_told(escape: Escape) -> None:
    expected = {
        "network.tcp.connect", "network.udp.send", "network.socket.raw", "network.unix.connect", "permissions.namespace.enter",
        "search.network.netlink",
    }  # fmt: skip
    assert expected <= behaviors(escape.report), escape.output
