"""The report's network of a package that talks from modules, threads, tasks and a child: each row names who did it, and which line.

`tests/data/talker.yaml` is the package; the comment at the end of a line there names it.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pytest
import yaml

from analyzer.acquire import Cache, SimpleIndex
from analyzer.cli.outputs import write
from analyzer.cli.printing import Output
from analyzer.model.network import NetworkAct
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.render.selection import walk
from analyzer.sandbox.interface import Manner
from tests.integration.analysing import PLACES
from tests.packages import make_wheel

MODULES: dict[str, str] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "talker.yaml").read_text(encoding="utf-8")
)
TEXT = "user=alex host=workstation, all is well"
TASKS, CHILD, BEACON = "198.51.100.9", "198.51.100.20", "203.0.113.77:4444"

Seen = tuple[Report, Path]
Row = TypeVar("Row", bound=NetworkAct)


def places(name: str) -> set[tuple[str, int]]:
    """Module's file and line of what a comment names."""
    return {
        (path, number)
        for path, text in MODULES.items()
        for number, line in enumerate(text.splitlines(), 1)
        if line.endswith(f"# {name}")
    }


@pytest.fixture(
    scope="module", params=[pytest.param(place.values, marks=place.marks) for place in PLACES], ids="-".join
)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """The report of one run, and the packets as they were captured."""
    sandbox, tracer = request.param
    folder = tmp_path_factory.mktemp("talker")
    wheel = make_wheel(folder, "talker", modules=MODULES)
    cache = Cache(folder / "cache")
    capture = folder / "talker.pcap"
    options = Options(sandbox=sandbox, tracer=tracer, manner=Manner(callables=False))
    report = analyze(
        str(wheel), options, cache, SimpleIndex(cache), lambda stage: None, partial(write, Output("pcap", capture))
    )
    assert report.sandbox.tracer == tracer
    return report, capture


def told(row: NetworkAct) -> tuple[str, int]:
    """Where a row says that it was done, as `places` tells it."""
    assert row.location is not None, row
    return row.location.file.rpartition("/site-packages/")[2], row.location.line


def imported(rows: Iterable[Row]) -> list[Row]:
    """Those of the import phase."""
    return [row for row in rows if row.phase == "import"]


def test_every_request_is_of_the_line_that_made_it(seen: Seen) -> None:
    wanted = Counter(
        {
            ("GET", "http://plain.example/one", 200, *places("plain")): 1,
            ("POST", "http://posted.example:8080/form", 200, *places("posted")): 1,
            ("PUT", "http://posted.example:8080/second", 200, *places("second")): 1,
            ("POST", "https://secure.example/hidden?a=1", 200, *places("secure")): 1,
        }
        | {("GET", f"http://crowd.example/even/{n}", 200, *places("even")): 1 for n in range(0, 10, 2)}
        | {("GET", f"http://crowd.example/odd/{n}", 200, *places("odd")): 1 for n in range(1, 10, 2)}
    )
    found = Counter((row.method, row.url, row.status, told(row)) for row in imported(seen[0].network.http))
    assert found == wanted


def test_requests_have_headers_and_bodies_inside_tls_too(seen: Seen) -> None:
    rows = {row.url.rpartition("/")[2]: row for row in imported(seen[0].network.http)}
    assert (rows["form"].body, rows["hidden?a=1"].body, rows["one"].body) == ("colour=blue", "inside", "")
    assert "x-token: abc" in rows["form"].headers
    assert rows["hidden?a=1"].tls


def test_every_connection_is_of_the_line_that_made_it(seen: Seen) -> None:
    rows = imported(seen[0].network.connections)
    crowd = Counter(told(row) for row in rows if "crowd.example" in row.names)
    assert crowd == {place: 5 for name in ("even", "odd") for place in places(name)}
    for name, head in (("first", "first "), ("other", "other ")):
        found = [row for row in rows if row.address == TASKS and row.head.startswith(head)]
        (written,) = places(name)
        assert [told(row) for row in found] == [(written[0], written[1] - 1)] * 3
    assert [(row.head, told(row)) for row in rows if row.port == 5005] == [
        ("first datagram", *places("datagram")), ("second datagram", *places("seconddatagram")),
    ]  # fmt: skip


def test_every_row_is_of_the_process_that_did_it(seen: Seen) -> None:
    report, _ = seen
    programs = {node.pid: node for node in walk(report.processes) if node.phase == "import"}
    network = report.network
    rows = imported([*network.http, *network.connections, *network.dns, *network.beacons])
    assert {row.pid for row in rows} <= set(programs)
    (child,) = [row for row in imported(network.connections) if (row.address, row.port) == (CHILD, 9999)]
    assert "-c" in programs[child.pid].argv
    assert child.head == "from a child"
    assert all("-c" not in programs[row.pid].argv for row in rows if row is not child)


def test_what_became_of_tls_is_told(seen: Seen) -> None:
    rows = {row.tls.name: row for row in imported(seen[0].network.connections) if row.tls is not None}
    secure, pinned = rows["secure.example"].tls, rows["pinned.example"].tls
    assert secure is not None
    assert pinned is not None
    assert (secure.status, secure.version, pinned.status) == ("seen-through", "TLSv1.3", "pinned")
    assert rows["secure.example"].head.startswith("POST /hidden?a=1 HTTP/1.1")
    assert {told(rows["pinned.example"])} == places("pinned")


def test_data_in_names_is_decoded(seen: Seen) -> None:
    network = seen[0].network
    assert [(one.domain, one.encoding, one.data) for one in network.dns_data] == [("t.collect.example", "base32", TEXT)]
    rows = [row for row in imported(network.dns) if row.name.endswith("collect.example") and row.type == "A"]
    assert "".join(row.decoded for row in rows) == TEXT
    assert {told(row) for row in rows} == places("names")


def test_the_beacon_is_told(seen: Seen) -> None:
    (beacon,) = [one for one in imported(seen[0].network.beacons) if BEACON in one.endpoint]
    assert (beacon.kind, beacon.count, told(beacon)) == ("connection", 7, *places("beacon"))
    assert 0.19 < beacon.interval_seconds < 0.5


def test_mail_is_told_as_an_act(seen: Seen) -> None:
    rows = [row for row in imported(seen[0].network.exchanges) if row.protocol == "smtp"]
    assert rows
    assert {told(row) for row in rows} <= places("mail")
    assert "b@b.example" in " ".join(row.url for row in rows)


def tshark(capture: Path, wanted: str, *fields: str) -> list[tuple[str, ...]]:
    """What Wireshark's own dissectors read in the capture: these fields of the packets that a filter lets through."""
    command = [
        "tshark",
        "-n",
        "-r",
        str(capture),
        "-Y",
        wanted,
        "-T",
        "fields",
        "-E",
        "separator=/t",
        "-E",
        "occurrence=f",
    ]
    command += [word for field in fields for word in ("-e", field)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert "damaged" not in done.stderr
    return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


def test_the_capture_opens_in_wireshark_and_says_the_same(seen: Seen) -> None:
    report, capture = seen
    network = report.network
    names = {name.lower() for (name,) in tshark(capture, "dns.flags.response == 0", "dns.qry.name")}
    assert {row.name.lower() for row in network.dns if row.transport in {"udp", "tcp"}} <= names
    requests = tshark(capture, "http.request", "http.request.method", "http.host", "http.request.uri")
    plain = Counter(
        (row.method, urlsplit(row.url).netloc, urlsplit(row.url).path) for row in network.http if not row.tls
    )
    assert plain == Counter(requests)
    flows = tshark(capture, "tcp.flags.syn == 1 && tcp.flags.ack == 0", "ip.dst", "tcp.dstport", "tcp.srcport")
    outgoing = [row for row in network.connections if row.transport == "tcp" and row.direction == "outgoing"]
    assert {(row.address, str(row.port), str(row.own_port)) for row in outgoing} <= set(flows)
    greeted = {name for (name,) in tshark(capture, "tls.handshake.type == 1", "tls.handshake.extensions_server_name")}
    assert {row.tls.name for row in network.connections if row.tls is not None} == greeted
