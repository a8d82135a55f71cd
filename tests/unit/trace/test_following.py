"""Logs that come some at a time are read as those that are there as a whole."""

from __future__ import annotations

import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace import kernellog
from analyzer.trace.calls.kernel import Follower, follow
from analyzer.trace.kernellog import KernelItem
from analyzer.trace.logs import strace
from tests.unit.trace.kernel_logs import Log, buffer, inet, sockaddr, text
from tests.unit.trace.making import DATA

TEXTS = sorted(DATA.iterdir())
PYTHON = "/usr/bin/python"


def log() -> Log:
    """A command with a child, a connection, a clock and a loss."""
    made = Log().started()
    made.call("openat", 3, -100 & 2**64 - 1, 1, 0, chunks=(text(1, b"/etc/shadow"),))
    made.enter("clone", 17, 0, 0, 0, 0).fork(20, 8).exit("clone", 8)
    made.enter("connect", 3, 1, 16, chunks=(sockaddr(1, inet(443, "192.0.2.1")),), pid=20, inner=8)
    made.call("write", 5, 1, 1, 5, chunks=(buffer(1, b"hello"),))
    made.exit("connect", 0, pid=20, inner=8)
    return made.clock(0).lost(3)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    return [data[begin:end] for begin, end in pairwise([0, *sorted(cuts), max(len(data), *cuts, 0)])]


CUTS = st.lists(st.integers(0, len(log().data)), max_size=12)


@given(CUTS, st.binary(max_size=60))
def test_the_kernels_log_in_pieces(cuts: list[int], tail: bytes) -> None:
    data = log().data + tail
    reader = kernellog.Reader()
    items: list[KernelItem] = []
    for piece in pieces(data, cuts):
        items += reader.take(piece)
    assert [*items, *reader.end()] == list(kernellog.read([data]))


def test_after_a_broken_record_nothing_is_read() -> None:
    data = log().data
    reader = kernellog.Reader()
    list(reader.take(data + struct.pack("<I", 3) + bytes(40)))
    assert list(reader.take(data)) == []
    assert [type(item).__name__ for item in reader.end()] == []


@given(st.data())
def test_straces_log_in_pieces(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(TEXTS)).read_text(errors="surrogateescape").splitlines(keepends=True)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=6)))
    reader = strace.Reader()
    items: list[strace.Item] = []
    for begin, end in pairwise([0, *cuts, len(lines)]):
        items += reader.take(lines[begin:end])
    assert [*items, *reader.end()] == list(strace.read(lines))


@given(st.lists(st.integers(0, 30), max_size=8))
def test_acts_that_are_drained_are_those_of_the_whole(cuts: list[int]) -> None:
    items = list(kernellog.read([log().data]))
    follower, acts = Follower(PYTHON, "/"), []
    for begin, end in pairwise([0, *sorted(cuts), max(30, len(items))]):
        follower.take(items[begin:end])
        acts += follower.drain()
    whole = follow(items, PYTHON, "/")
    assert len(whole.acts) > 4
    assert [(act.detail, act.line) for act in acts] == [(act.detail, act.line) for act in whole.acts]
    assert follower.end().acts == []
    assert follower.result.dropped == whole.dropped == 3
