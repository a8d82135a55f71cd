from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.event import Event, Location, NetworkSecret, Phase
from analyzer.trace.packets.peers import Peers
from analyzer.trace.secrets import add_secrets
from analyzer.trace.timeline import Timeline, add_network
from tests.unit.trace.packets.test_network import CLIENT, END, PACKETS_END, http

FOUND: dict[str, Any] = {
    "kind": "found", "time": 1000.6, "secret": "GitHub token", "path": "/home/alex/.config/gh/hosts.yml", "encodings": ["base64", "gzip"],
    "part": "body", "share": 100, "url": "http://a.example/x", "transport": "tcp", "address": "192.0.2.1", "port": 80, "client": CLIENT,
    "stream": 1, "file": "exchanges", "line": 1, "excerpt": "ghp_",
}  # fmt: skip
BEGIN, LAST = (
    json.dumps({"kind": "begin", "format": 1}),
    json.dumps({"kind": "end", "pieces": 1, "bytes": 40}),
)
NOBODY = Peers([], {}, [])
STEPS: list[tuple[float, Phase, int]] = [(0.0, "install", 1), (900.0, "import", 2)]


def found(**fields: Any) -> str:
    return json.dumps(FOUND | fields)


def added(*lines: str, timeline: Timeline | None = None) -> Timeline:
    timeline = timeline or Timeline()
    add_secrets(timeline, [BEGIN, *lines, LAST], STEPS, NOBODY)
    return timeline


def details(timeline: Timeline) -> list[NetworkSecret]:
    return [event.detail for event in timeline.events if isinstance(event.detail, NetworkSecret)]


def test_a_hit_is_an_event() -> None:
    (event,) = added(found()).events
    assert isinstance(event, Event)
    assert (event.time, event.phase, event.step, event.layer, event.attribution) == (
        1000.6,
        "import",
        2,
        "packet",
        "package",
    )
    assert (event.source.file, event.source.line) == ("internet/secrets.jsonl", 2)
    assert event.detail == NetworkSecret(
        secret="GitHub token",
        path="/home/alex/.config/gh/hosts.yml",
        variable="",
        encodings=("base64", "gzip"),
        part="body",
        share=100,
        how="body as base64 of gzip",
        url="http://a.example/x",
        transport="tcp",
        address="192.0.2.1",
        port=80,
    )


@pytest.mark.parametrize(
    ("fields", "how"),
    [
        ({"encodings": []}, "body"),
        ({"encodings": [], "part": "name"}, "name asked for"),
        ({"encodings": ["split", "base32"], "part": "name"}, "names asked for as base32"),
        ({"encodings": ["split"], "part": "query", "share": 41}, "query of several messages (41 percent of it)"),
        ({"encodings": ["xor"], "part": "stream"}, "data as xor"),
    ],
)
def test_how_it_was_written_is_told_in_words(fields: dict[str, Any], how: str) -> None:
    assert [one.how for one in details(added(found(**fields)))] == [how]


def test_a_variable_is_named_without_its_sign() -> None:
    assert [(one.path, one.variable) for one in details(added(found(path="$API_TOKEN")))] == [
        ("$API_TOKEN", "API_TOKEN")
    ]


@pytest.mark.parametrize("fields", [{}, {"line": 77}, {"file": "packets"}])
def test_a_hit_is_the_act_of_who_sent_the_message(fields: dict[str, Any]) -> None:
    timeline = Timeline()
    add_network(timeline, [http(time=1000.5), END], [PACKETS_END], STEPS)
    (message,) = timeline.events
    place = Location("a", "a.send", "/x/a/send.py", 9)
    timeline.events[0] = replace(message, pid=77, process="python", attribution="dependency", location=place)
    event = added(found(**fields), timeline=timeline).events[-1]
    assert isinstance(event.detail, NetworkSecret)
    assert (event.pid, event.process, event.attribution, event.location) == (77, "python", "dependency", place)
    assert event.time == 1000.6


def test_what_was_not_searched_is_told() -> None:
    timeline = added(
        json.dumps({"kind": "limit", "detail": "it took too long"}),
        json.dumps({"kind": "note", "detail": "parts were left out"}),
    )
    assert timeline.reasons == ["search for planted secrets: it took too long"]
    assert timeline.cut == ["search for planted secrets: parts were left out"]


def test_a_search_without_its_last_line_is_not_complete() -> None:
    timeline = Timeline()
    add_secrets(timeline, [BEGIN, found()], STEPS, NOBODY)
    assert timeline.reasons == ["what was sent was not searched for planted secrets to its end"]
    assert len(timeline.events) == 1


def test_lines_that_are_not_of_the_format_are_counted() -> None:
    timeline = added("nonsense", found(share=900), found(port=-1), found(time="1e999"), found())
    assert len(details(timeline)) == 1
    assert timeline.reasons == ["4 lines of the search for planted secrets could not be read"]


@given(
    st.lists(
        st.text(max_size=30)
        | st.builds(
            lambda name, value: json.dumps(FOUND | {name: value}),
            st.sampled_from(sorted(FOUND)),
            st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.integers(), max_size=3),
        ),
        max_size=5,
    )
)
def test_any_lines_are_read(lines: list[str]) -> None:
    timeline = Timeline()
    add_secrets(timeline, lines, STEPS, NOBODY)
    assert timeline.reasons
