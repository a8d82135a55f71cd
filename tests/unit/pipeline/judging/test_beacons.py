"""Endpoints that are contacted at regular intervals: told once, by what says most."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analyzer.model.event import (
    Detail,
    Event,
    NetworkDns,
    NetworkExchange,
    NetworkFlow,
    NetworkHttp,
    NetworkStream,
    Source,
)
from analyzer.model.report import Beacon
from analyzer.pipeline.judging.beacons import beacons

PEER = ("192.0.2.1", 443)
FLOW = NetworkFlow("tcp", *PEER, sent=1, received=1, established=True, incoming=False, own_port=1, duration=0.1)
HTTP = NetworkHttp(
    "GET", "https://a.example/tasks?n=1", "a.example", *PEER, "/tasks", 200, 0, 0, True, True, (), "", "1.1", "", "", 1
)
NAME = NetworkDns("a.example", "A", "192.168.1.1", 53, ("192.0.2.1",), "udp")
STREAM = NetworkStream("udp", "192.0.2.9", 5005, "unknown", 1, "x", False, 0, 1)
ACT = NetworkExchange("mqtt", "PUBLISH", "mqtt://192.0.2.2/state", "192.0.2.2", 1883, 1, False, 1)


def found(*details: Detail, times: int = 5, step: int = 1, interval: float = 1.0) -> list[Beacon]:
    events = [
        Event(1000 + place * interval + number / 1000, "import", "packet", 7, "python", "completed", "package", detail, Source("x", 1), step=step)
        for place in range(times)
        for number, detail in enumerate(details)
    ]  # fmt: skip
    return beacons(events, lambda event: {"phase": event.phase, "time": event.time, "pid": event.pid})


def told(rows: list[Beacon]) -> list[tuple[Any, ...]]:
    return [(row.kind, row.endpoint, row.count) for row in rows]


def test_what_a_request_tells_is_not_told_of_its_connection_and_name_again() -> None:
    assert told(found(NAME, FLOW, HTTP)) == [("http", "GET https://a.example/tasks", 5)]


def test_connections_acts_datagrams_and_names() -> None:
    other = replace(NAME, name="B.example", answers=("192.0.2.77",))
    assert told(found(FLOW, ACT, STREAM, other)) == [
        ("connection", "192.0.2.1:443", 5),
        ("exchange", "PUBLISH mqtt://192.0.2.2/state", 5),
        ("datagram", "192.0.2.9:5005", 5),
        ("name", "b.example", 5),
    ]


def test_what_is_no_contact_with_the_outside() -> None:
    own = "127.0.0.1"
    assert found(replace(FLOW, incoming=True), replace(HTTP, address=own), replace(STREAM, address="::1")) == []
    assert found(replace(FLOW, port=53), replace(STREAM, transport="tcp"), replace(FLOW, transport="icmp")) == []


def test_contacts_of_several_commands_are_no_rhythm() -> None:
    rows = [event for step in range(5) for event in found(FLOW, times=1, step=step)]
    assert rows == []
    assert found(FLOW, times=3) == []
