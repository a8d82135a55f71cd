from __future__ import annotations

import json

from hood.messages import Messages
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
    messages = Messages(MODULES)
    messages.feed(HONEST)
    assert (messages.reached, messages.current, messages.done) == (3, None, True)


@given(st.lists(st.integers(0, len(HONEST)), max_size=20))
def test_pieces_make_no_difference(cuts: list[int]) -> None:
    messages = Messages(MODULES)
    places = [0, *sorted(cuts), len(HONEST)]
    for start, stop in zip(places, places[1:], strict=False):
        messages.feed(HONEST[start:stop])
    assert (messages.reached, messages.current, messages.done) == (3, None, True)


def test_the_module_at_work_is_known() -> None:
    messages = Messages(MODULES)
    messages.feed(lines(begin("a"), end("a"), begin("a.b")))
    assert (messages.reached, messages.current, messages.done) == (2, "a.b", False)


def test_what_is_out_of_order_changes_nothing() -> None:
    messages = Messages(MODULES)
    messages.feed(lines(begin("a"), begin("c"), end("c"), end("a.b"), {"done": True}))
    assert (messages.reached, messages.current, messages.done) == (1, "a", False)


def test_it_is_not_done_before_the_last_module() -> None:
    messages = Messages(MODULES)
    messages.feed(lines({"done": True}, begin("a"), end("a"), {"done": True}))
    assert not messages.done


def test_without_modules_it_is_done_when_it_says_so() -> None:
    messages = Messages([])
    messages.feed(lines({"done": 1}))
    assert not messages.done
    messages.feed(lines({"done": True}))
    assert messages.done


@given(st.lists(st.binary(max_size=100)))
def test_any_bytes_are_taken(pieces: list[bytes]) -> None:
    messages = Messages(MODULES)
    for piece in pieces:
        messages.feed(piece)
    messages.feed(b"\n" + HONEST)
    assert messages.reached == 3


def test_hostile_documents_are_taken() -> None:
    messages = Messages(MODULES)
    deep = b"[" * 8000
    numbers = b'{"begin": ' + b"9" * 6000 + b"}"
    messages.feed(
        b"\n".join([deep, deep + b"]" * 192, numbers, b'"text"', b"null", b'{"begin": ["a"]}', b"\xff\xfe", b""])
    )
    messages.feed(b"\n" + HONEST)
    assert messages.reached == 3


def test_a_line_without_end_is_not_kept() -> None:
    messages = Messages(MODULES)
    for _ in range(100):
        messages.feed(b"x" * 65536)
    assert len(messages._rest) < 65536


def test_after_many_messages_no_more_are_read() -> None:
    messages = Messages(MODULES)
    messages.feed(b"{}\n" * 30_000)
    messages.feed(HONEST)
    assert messages.reached == 0
