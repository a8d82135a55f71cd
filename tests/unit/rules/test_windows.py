"""Counts of events that are alike in some fields and different in others."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from analyzer.model.event import Event, SocketConnect
from tests.unit.rules.events import event, observed, rule

SCAN = {
    "behavior": "network.hosts.scan",
    "event": "socket.connect",
    "count": {"at_least": 3, "distinct": ["port"], "same": ["address"], "within": 10},
    "detail": "{count} ports of {address}, the last {port}",
}


def connect(last: int, port: int, time: float = 1.0, **more: Any) -> Event:
    address = f"192.0.2.{last}"
    return event(SocketConnect("AF_INET", "SOCK_STREAM", address, port, pending=False, error=""), time, **more)


def test_events_that_are_alike_are_counted_together() -> None:
    (found,) = observed(SCAN, connect(1, 80), connect(2, 81), connect(1, 82), connect(2, 83), connect(1, 84))
    assert found.detail == "3 ports of 192.0.2.1, the last 84"
    assert [one.detail.port for one in found.before] == [80, 82]  # type: ignore[union-attr]


def test_events_that_are_not_alike_are_counted_apart() -> None:
    assert observed(SCAN, connect(1, 80), connect(2, 81), connect(3, 82), connect(4, 83)) == []


def test_each_group_is_told() -> None:
    events = [connect(last, port) for port in (80, 81, 82) for last in (1, 2)]
    assert [found.detail for found in observed(SCAN, *events)] == [
        "3 ports of 192.0.2.1, the last 82",
        "3 ports of 192.0.2.2, the last 82",
    ]


def test_fields_that_are_alike_do_not_replace_the_scope() -> None:
    events = [connect(1, 80, step=1), connect(1, 81, step=2), connect(1, 82, step=1)]
    assert observed(SCAN, *events) == []


def test_the_same_without_anything_distinct_counts_repetitions() -> None:
    poll = SCAN | {"count": {"at_least": 3, "same": ["address", "port"], "within": 10}, "detail": "{address}"}
    assert observed(poll, connect(1, 80), connect(1, 81), connect(1, 80, 2.0)) == []
    assert len(observed(poll, connect(1, 80), connect(1, 80), connect(1, 80, 2.0))) == 1


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValidationError, match="`same` names 'host', which socket.connect has not"):
        rule(SCAN | {"count": {"at_least": 3, "same": ["host"], "within": 10}})
