from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.kernellog.places import found, program
from analyzer.trace.kernellog.records import NAMES, RESULT, STRING


def names(*words: bytes) -> list[tuple[int, int, bytes]]:
    return [(RESULT, NAMES, b"".join(word + b"\0" for word in words))]


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ((b"id_rsa", b".ssh", b"u", b"home", b"/"), "/home/u/.ssh/id_rsa"),
        ((b"/",), "/"),
        ((b"", b"/"), "/"),
        ((b"", b"gone", b"tmp", b"/"), "/tmp/gone"),
        ((b"a\n\xff", b"/"), "/a\n\udcff"),
        ((b"memfd:x",), "memfd:x"),
        ((b"", b"memfd:x"), "memfd:x"),
        ((b"", b""), ""),
        ((b"[eventfd]",), ""),
        ((b"a", b"", b"/"), ""),
        ((b"a/b", b"/"), ""),
        ((), ""),
    ],
)
def test_names_are_a_path(words: tuple[bytes, ...], path: str) -> None:
    assert found(names(*words)) == path


def test_a_scripts_file_is_not_its_interpreters() -> None:
    told = names(b"dash", b"bin", b"usr", b"/")
    assert program([(0, STRING, b"/bin/sh"), *told]) == "/usr/bin/dash"
    assert program([(0, STRING, b"/tmp/script"), (2, STRING, b"/bin/sh"), *told]) == ""


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=60))))
def test_any_chunks_give_a_path_or_none(chunks: list[tuple[int, int, bytes]]) -> None:
    assert found(chunks)[:1] in {"", "/", "m"}


@given(st.binary(max_size=80))
def test_any_bytes_give_a_path_or_none(data: bytes) -> None:
    path = found([(RESULT, NAMES, data)])
    assert path == "" or path.startswith(("/", "memfd:"))
