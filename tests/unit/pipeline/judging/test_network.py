"""The report's network: rows with who, where and what, from the lines of a record."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from analyzer.model.report import Network
from analyzer.pipeline.judging import network
from tests.unit.pipeline.recording import SITE, START, Recording

OWN, PEER = ["192.168.1.23", 40000], ["192.0.2.1", 443]
BEGIN = START + 20
CALLS = """
socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3
connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = 0
sendto(3, "\\26\\3\\1", 3, 0, NULL, 0) = 3
"""


def line(kind: str, at: float = 0.05, **fields: Any) -> str:
    ends = {"client": OWN, "server": PEER, "source": OWN, "destination": PEER}
    return json.dumps({"kind": kind, "time": BEGIN + at} | ends | fields) + "\n"


def flow(at: float = 0.025, **fields: Any) -> str:
    shape = {"transport": "tcp", "sent": 5, "received": 7, "packets": 9, "established": True, "dialled": False}
    return line("flow", first=BEGIN + at, last=BEGIN + at + 0.5, **(shape | fields))


def tcp(head: bytes, **fields: Any) -> str:
    shape = {"end": BEGIN + 1, "bytes_in": len(head), "bytes_out": 0, "protocol": "unknown"}
    return line("tcp", head=b64encode(head).decode(), **(shape | fields))


def http(at: float = 0.05, **fields: Any) -> str:
    shape = {
        "method": "POST",
        "host": "a.example",
        "path": "/x",
        "status": 200,
        "request_bytes": 3,
        "response_bytes": 4,
    }
    return line("http", at, **(shape | {"url": "https://a.example/x", "tls": True} | fields))


def question(name: str, answer: str = "192.0.2.1", at: float = 0.0) -> str:
    return line("dns", at, name=name, type="A", answers=[answer], destination=["192.168.1.1", 53])


def told(folder: Path, exchanges: list[str], packets: list[str]) -> Network:
    recording = Recording(folder)
    recording.installed()
    recording.step("install")
    probe = {
        "t": BEGIN + 0.015,
        "p": 0,
        "n": 1,
        "e": "socket.connect",
        "a": ["192.0.2.1 443"],
        "f": f"{SITE}/sample.py",
        "l": 7,
        "m": "sample",
        "s": [],
    }
    recording.step("import", CALLS, probe=json.dumps(probe) + "\n")
    end = '{"kind":"capture","time":1,"packets":0,"dropped":0,"cut":false}\n{"kind":"end","time":1}\n'
    recording.write("internet/exchanges.jsonl", "".join(exchanges) + end)
    recording.write("internet/packets.jsonl", "".join(packets) + '{"kind":"end","packets":0,"undissected":0}\n')
    return recording.report().network


def test_a_connection_has_everything_that_is_known_of_it(tmp_path: Path) -> None:
    exchanges = [
        line(
            "tls",
            0.03,
            sni="a.example",
            alpn=["h2"],
            version="TLSv1.3",
            completed=True,
            detail="",
            chosen="h2",
            ja4="t13d_a_b",
        ),
        tcp(b"POST /x HTTP/1.1\r\n", protocol="tls"),
    ]
    packets = [
        question("a.example"),
        question("b.example", at=5.0),
        flow(),
        line("tls", 0.03, sni="a.example", alpn=["h2"]),
    ]
    (row,) = told(tmp_path, exchanges, packets).connections
    assert (row.transport, row.address, row.port, row.own_port, row.direction) == (
        "tcp",
        "192.0.2.1",
        443,
        40000,
        "outgoing",
    )
    assert (row.sent_bytes, row.received_bytes, row.duration_seconds) == (5, 7, 0.5)
    assert (row.protocol, row.head, row.names) == ("http", "POST /x HTTP/1.1\r\n", ["a.example"])
    assert row.tls is not None
    assert (row.tls.name, row.tls.version, row.tls.alpn, row.tls.offered, row.tls.ja4, row.tls.status) == (
        "a.example", "TLSv1.3", "h2", ["h2"], "t13d_a_b", "seen-through",
    )  # fmt: skip
    assert (row.pid, row.process, row.attribution, row.distribution) == (100, "python", "package", "sample")
    assert row.during == "import"


@pytest.mark.parametrize(
    ("end", "head", "status"),
    [
        ({"completed": False, "detail": "pinned: unknown_ca"}, b"\x16\x03\x01", "pinned"),
        ({"completed": False, "detail": "no handshake: closed"}, b"\x16\x03\x01", "failed"),
        ({"completed": True, "detail": ""}, b"GET / HTTP/1.1\r\n", "seen-through"),
    ],
)
def test_what_became_of_a_handshake(tmp_path: Path, end: dict[str, Any], head: bytes, status: str) -> None:
    hello = line("tls", 0.03, sni="a.example", alpn=[])
    (row,) = told(
        tmp_path, [line("tls", 0.03, sni="a.example", **end), tcp(head, protocol="tls")], [flow(), hello]
    ).connections
    assert row.tls is not None
    assert row.tls.status == status
    assert bool(row.head) is (status == "seen-through")


def test_an_http_exchange(tmp_path: Path) -> None:
    fields = {"headers": [["X-Token", "abc"]], "body_head": b64encode(b"k=\xff").decode(), "version": "1.1"}
    (row,) = told(tmp_path, [http(response_type="text/html", mark="m-1", **fields)], [flow()]).http
    assert (row.method, row.url, row.status, row.request_bytes, row.response_bytes, row.tls) == (
        "POST", "https://a.example/x", 200, 3, 4, True,
    )  # fmt: skip
    assert (row.headers, row.body, row.version, row.response_type, row.mark) == (
        ["x-token: abc"], "k=\\xff", "1.1", "text/html", "m-1",
    )  # fmt: skip
    assert (row.pid, row.names) == (100, [])


@pytest.mark.parametrize("url", ["https://192.0.2.1/x", "https://192.0.2.1:8443/", "ftp://192.0.2.1"])
def test_an_address_is_told_with_the_name_that_led_to_it(tmp_path: Path, url: str) -> None:
    act = line("exchange", protocol="ftp", verb="STOR", url=url, request_bytes=1, tls=False)
    network = told(tmp_path, [http(url=url), act], [question("a.example"), flow()])
    assert [row.names for row in (*network.http, *network.exchanges)] == [["a.example"], ["a.example"]]


def test_an_act_in_another_protocol(tmp_path: Path) -> None:
    act = line("exchange", protocol="mqtt", verb="PUBLISH", url="mqtt://192.0.2.1/t", request_bytes=9, tls=False)
    (row,) = told(tmp_path, [act], [flow()]).exchanges
    assert (row.protocol, row.verb, row.url, row.sent_bytes, row.tls, row.pid) == (
        "mqtt", "PUBLISH", "mqtt://192.0.2.1/t", 9, False, 100,
    )  # fmt: skip


def test_data_in_names_is_decoded(tmp_path: Path) -> None:
    text = b"user=alex host=workstation".hex()
    names = [f"{text[:26]}.t.a.example", f"{text[26:]}.t.a.example"]
    network = told(tmp_path, [], [question(name, at=place / 100) for place, name in enumerate(names)])
    assert [query.decoded for query in network.dns] == ["user=alex hos", "t=workstation"]
    (data,) = network.dns_data
    assert (data.domain, data.names, data.size, data.data) == ("t.a.example", 2, 26, "user=alex host=workstation")


def test_questions_are_no_connections_besides(tmp_path: Path) -> None:
    network = told(tmp_path, [], [question("a.example"), flow(transport="udp", destination=["192.168.1.1", 53])])
    assert (len(network.dns), network.connections) == (1, [])


def test_a_beacon(tmp_path: Path) -> None:
    network = told(tmp_path, [http(at=0.1 + place) for place in range(5)], [flow(at=0.1 + place) for place in range(5)])
    (row,) = network.beacons
    assert (row.kind, row.endpoint, row.count, row.interval_seconds, row.jitter) == (
        "http", "POST https://a.example/x", 5, 1.0, 0.0,
    )  # fmt: skip
    assert row.last - row.time == pytest.approx(4.0)


def test_what_comes_too_fast_or_too_seldom_or_to_itself_is_no_beacon(tmp_path: Path) -> None:
    own = ["127.0.0.1", 80]
    packets = [flow(at=0.1 + place, destination=own) for place in range(9)]
    packets += [flow(at=0.1 + place, destination=["192.0.2.8", 80]) for place in range(3)]
    packets += [flow(at=0.1 + place / 100, destination=["192.0.2.9", 80]) for place in range(30)]
    assert told(tmp_path, [], packets).beacons == []


def test_rows_are_bounded_and_what_is_left_out_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_MAX_ROWS", 2)
    found = told(tmp_path, [http(at=place / 100) for place in range(5)], [question(f"a{n}.example") for n in range(3)])
    assert (len(found.http), found.left_out.http) == (2, 3)
    assert (len(found.dns), found.left_out.dns, found.left_out.connections) == (2, 1, 0)


def test_texts_are_bounded(tmp_path: Path) -> None:
    fields = {"headers": [["X" * 900, "v" * 900]] * 90, "body_head": b64encode(b"b" * 9000).decode()}
    found = told(tmp_path, [http(url="https://a.example/" + "p" * 9000, **fields), tcp(b"x" * 9000)], [flow()])
    (row,), (connection,) = found.http, found.connections
    assert (len(row.url), len(row.headers), len(row.headers[0]), len(row.body)) == (2048, 40, 400, 2048)
    assert len(connection.head) == 512


def test_what_was_cut_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, [line("limit", detail="too much")], []).cut == ["too much"]
