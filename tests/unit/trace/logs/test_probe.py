from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.logs.probe import ProbeCall, read
from tests.unit.trace.making import probe_line

LINE = json.loads(probe_line(1, "open", "a", "w", stack=(("b.py", 2),)))


def test_a_line() -> None:
    ((number, call),) = read([json.dumps(LINE)])
    assert number == 1
    assert call is not None
    assert (call.time, call.pid, call.name, call.arguments, call.line, call.stack) == (
        1001,
        7,
        "open",
        ("a", "w"),
        3,
        (("b.py", 2),),
    )


def test_names_that_are_not_utf8() -> None:
    ((_, call),) = read([json.dumps(LINE | {"a": ["/x/\udcff\U0001f600"]})])
    assert call is not None
    assert call.arguments == ("/x/\udcff\U0001f600",)


@pytest.mark.parametrize(
    "change",
    [
        {"t": float("nan")},
        {"t": float("inf")},
        {"t": -1},
        {"t": 1e300},
        {"p": -1},
        {"p": 1 << 64},
        {"l": -1},
        {"a": "text"},
        {"s": [["b.py"]]},
        {"e": None},
        {"z": 1},
    ],
)
def test_lines_of_another_shape(change: dict[str, object]) -> None:
    assert list(read([json.dumps(LINE | change)])) == [(1, None)]


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "null", "[" * 100_000, '"\\udcff"', '{"\\ud800":' * 50_000, "9" * 5000]
)
def test_garbage(line: str) -> None:
    assert list(read([line])) == [(1, None)]


@given(
    st.lists(
        st.one_of(st.text(), st.recursive(st.none() | st.floats() | st.text(), st.lists, max_leaves=5).map(json.dumps))
    )
)
def test_any_text(lines: list[str]) -> None:
    found = list(read(lines))
    assert [number for number, _ in found] == list(range(1, len(lines) + 1))
    assert all(call is None or isinstance(call, ProbeCall) for _, call in found)
