from __future__ import annotations

import json

import pytest
from hood.messages import Calls, Imports
from hypothesis import given
from hypothesis import strategies as st

MODULES = ["a", "a.b", "c"]


def lines(*messages: object) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def begin(module: str) -> dict[str, str]:
    return {"begin": module}


def end(module: str) -> dict[str, str]:
    return {"end": module, "error": ""}


HONEST = lines(*(message for module in MODULES for message in (begin(module), end(module))), {"done": True})


def test_an_honest_driver_is_believed() -> None:
    messages = Imports(MODULES)
    messages.feed(HONEST)
    assert (messages.reached, messages.current, messages.done) == (3, None, True)


@given(st.lists(st.integers(0, len(HONEST)), max_size=20))
def test_pieces_make_no_difference(cuts: list[int]) -> None:
    messages = Imports(MODULES)
    places = [0, *sorted(cuts), len(HONEST)]
    for start, stop in zip(places, places[1:], strict=False):
        messages.feed(HONEST[start:stop])
    assert (messages.reached, messages.current, messages.done) == (3, None, True)


def test_the_module_at_work_is_known() -> None:
    messages = Imports(MODULES)
    messages.feed(lines(begin("a"), end("a"), begin("a.b")))
    assert (messages.reached, messages.current, messages.done) == (2, "a.b", False)


def test_what_is_out_of_order_changes_nothing() -> None:
    messages = Imports(MODULES)
    messages.feed(lines(begin("a"), begin("c"), end("c"), end("a.b"), {"done": True}))
    assert (messages.reached, messages.current, messages.done) == (1, "a", False)


def test_it_is_not_done_before_the_last_module() -> None:
    messages = Imports(MODULES)
    messages.feed(lines({"done": True}, begin("a"), end("a"), {"done": True}))
    assert not messages.done


def test_without_modules_it_is_done_when_it_says_so() -> None:
    messages = Imports([])
    messages.feed(lines({"done": 1}))
    assert not messages.done
    messages.feed(lines({"done": True}))
    assert messages.done


@given(st.lists(st.binary(max_size=100)))
def test_any_bytes_are_taken(pieces: list[bytes]) -> None:
    messages = Imports(MODULES)
    for piece in pieces:
        messages.feed(piece)
    messages.feed(b"\n" + HONEST)
    assert messages.reached == 3


def test_hostile_documents_are_taken() -> None:
    messages = Imports(MODULES)
    deep = b"[" * 8000
    numbers = b'{"begin": ' + b"9" * 6000 + b"}"
    messages.feed(
        b"\n".join([deep, deep + b"]" * 192, numbers, b'"text"', b"null", b'{"begin": ["a"]}', b"\xff\xfe", b""])
    )
    messages.feed(b"\n" + HONEST)
    assert messages.reached == 3


def test_a_line_without_end_is_not_kept() -> None:
    messages = Imports(MODULES)
    for _ in range(100):
        messages.feed(b"x" * 65536)
    assert len(messages._rest) < 65536


def test_after_many_messages_no_more_are_read() -> None:
    messages = Imports(MODULES)
    messages.feed(b"{}\n" * 200_001)
    messages.feed(HONEST)
    assert messages.reached == 0


def test_what_was_imported_is_known_with_its_callables() -> None:
    messages = Imports(MODULES)
    messages.feed(lines(begin("a"), {**end("a"), "found": 3}, begin("a.b"), {"end": "a.b", "error": "ValueError: "}))
    messages.feed(lines(begin("c"), {**end("c"), "found": -1}))
    assert messages.imported == {"a": 3, "c": 0}


@pytest.mark.parametrize("found", [True, "3", 1.5, None, 10**9, -1, [3]])
def test_a_count_that_is_none_is_nothing(found: object) -> None:
    messages = Imports(["a"])
    messages.feed(lines(begin("a"), {**end("a"), "found": found}))
    assert messages.imported == {"a": 0}


def calls(*messages: object) -> Calls:
    found = Calls(MODULES)
    found.feed(lines(*messages))
    return found


def test_calls_are_counted() -> None:
    found = calls(
        begin("a"), end("a"), begin("a:f"), end("a:f"), {"skip": "a:C.m", "why": "text"}, begin("c"), end("c")
    )
    assert (found.reached, found.dealt_with, found.left, found.passed) == (3, 2, ["c"], [])
    found.feed(lines(begin("c:f"), end("c:f"), {"done": True}))
    assert (found.done, found.left, found.dealt_with) == (True, [], 3)


def test_the_next_interpreter_goes_on_behind_the_call_that_ended_one() -> None:
    found = calls(begin("a"), end("a"), begin("a:f"), end("a:f"), begin("a:g"))
    assert found.current == "a:g"
    found.ended()
    assert (found.left, found.passed, found.lost, found.current) == (MODULES, ["a:f", "a:g"], ["a:g"], None)


def test_a_module_that_ends_its_interpreter_is_left_out() -> None:
    found = calls(begin("a"))
    found.ended()
    assert (found.left, found.not_imported) == (["a.b", "c"], 1)
    found.feed(lines(begin("a.b"), {"end": "a.b", "error": "ValueError: "}, begin("c")))
    found.ended()
    assert (found.left, found.not_imported) == ([], 3)


def test_a_class_that_is_made_again_counts_once() -> None:
    found = calls(begin("a"), end("a"), begin("a:C"), end("a:C"), begin("a:C.m"))
    found.ended()
    found.feed(lines(begin("a"), end("a"), begin("a:C"), end("a:C"), begin("a:C.n"), end("a:C.n")))
    assert (found.dealt_with, found.passed) == (3, ["a:C", "a:C.m", "a:C.n"])


def test_calls_of_other_modules_are_forgeries() -> None:
    found = calls(
        begin("a"), end("a"), begin("c:f"), begin("x:f"), {"skip": "a.b:f"}, {"skip": "a"}, begin("x"), {"begin": 1}
    )
    assert (found.dealt_with, found.current, found.left) == (0, None, MODULES)


@given(st.lists(st.binary(max_size=100)))
def test_calls_take_any_bytes(pieces: list[bytes]) -> None:
    found = Calls(MODULES)
    for piece in pieces:
        found.feed(piece)
    found.feed(b"\n" + lines(begin("a"), end("a"), begin("a:f")))
    assert found.passed == ["a:f"]
