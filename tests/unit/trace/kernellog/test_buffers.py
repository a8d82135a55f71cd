"""Messages: their control data, and what descriptors that came with them do to the ones that were known."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.event import FileWrite
from analyzer.trace.calls.kernel import follow
from analyzer.trace.kernellog import records, structures
from analyzer.trace.kernellog.tables import I386
from analyzer.trace.logs.literals import Struct
from analyzer.trace.logs.strace import Syscall
from tests.unit.trace.kernel_logs import AT_FDCWD, SOMEWHERE, Chunk, Log, buffer, iovec, sockaddr, text

CREDENTIALS = struct.pack("<Qii3i4x", 28, 1, 2, 7, 0, 0)
UNIX = struct.pack("<H", 1)


def control(place: int, data: bytes) -> Chunk:
    return place, records.CONTROL, data


def rights(*numbers: int) -> bytes:
    data = struct.pack(f"<Qii{len(numbers)}i", 16 + 4 * len(numbers), 1, 1, *numbers)
    return data.ljust(len(data) + -len(data) % 8, b"\0")


def opened(*numbers: int) -> Log:
    """A log in which these numbers are files, and 9 is one end of a pair of sockets."""
    log = Log().started().call("socket", 1, 1, 0, result=9)
    for number in numbers:
        log.call("openat", AT_FDCWD, SOMEWHERE, 1, result=number, chunks=(text(1, b"/tmp/%d" % number),))
    return log


def written(log: Log, *numbers: int) -> list[str]:
    """The files to which writes to these numbers are told to go."""
    for number in numbers:
        log.call("write", number, SOMEWHERE, 1, result=1, chunks=(buffer(1, b"x"),))
    acts = follow(log.items(), "/usr/bin/python", "/home/u").acts
    return [act.detail.path for act in acts if isinstance(act.detail, FileWrite)]


def last_call(log: Log) -> Syscall:
    return [item for item in log.items() if isinstance(item, Syscall)][-1]


def test_nothing_passed_leaves_all_as_it_was() -> None:
    log = opened(3, 4).call("recvmsg", 9, SOMEWHERE, 0, result=1, after=(iovec(1, b"x"), control(1, CREDENTIALS)))
    assert written(log, 3, 4) == ["/tmp/3", "/tmp/4"]


def test_passed_descriptors_lose_what_their_numbers_meant() -> None:
    after = (sockaddr(1, UNIX), iovec(1, b"x"), control(1, CREDENTIALS + rights(3, 5)))
    assert written(opened(3, 4, 5).call("recvmsg", 9, SOMEWHERE, 0, result=1, after=after), 3, 4, 5) == ["/tmp/4"]


def test_a_message_is_told_as_strace_tells_it() -> None:
    after = (iovec(1, b"x"), control(1, CREDENTIALS + rights(3, 5)))
    header = last_call(Log().call("recvmsg", 9, SOMEWHERE, 0, result=1, after=after)).arguments[1]
    assert isinstance(header, Struct)
    own = (("cmsg_level", "SOL_SOCKET"),)
    assert header.get("msg_control") == (
        Struct((("cmsg_len", "28"), *own, ("cmsg_type", "SCM_CREDENTIALS"), ("cmsg_data", Struct(())))),
        Struct((("cmsg_len", "24"), *own, ("cmsg_type", "SCM_RIGHTS"), ("cmsg_data", ("3", "5")))),
    )


def test_every_message_of_several_brings_its_own() -> None:
    after = (iovec(1, b"x"), control(1, rights(3)), control(1, rights(4)), sockaddr(1, UNIX), control(1, rights(5)))
    log = opened(3, 4, 5, 6).call("recvmmsg", 9, SOMEWHERE, 3, 0, 0, result=3, after=after)
    assert written(log, 3, 4, 5, 6) == ["/tmp/6"]


def test_control_data_of_32_bit_programs_is_narrow() -> None:
    data = struct.pack("<Iii2i", 20, 1, 1, 3, 4) + struct.pack("<Iiii", 16, 1, 1, 5)
    log = opened(3, 4, 5, 6)
    log.enter("recvmsg", 9, SOMEWHERE, 0, arch=I386).exit("recvmsg", 1, iovec(1, b"x"), control(1, data), arch=I386)
    assert written(log, 3, 4, 5, 6) == ["/tmp/6"]


@pytest.mark.parametrize(
    ("data", "flags", "left"),
    [
        (rights(4, 5)[:20], 0, ["/tmp/3"]),
        (rights(4) + struct.pack("<Qii", 3, 1, 1), 0, ["/tmp/3"]),
        (rights(3) + bytes(1536 - len(rights(3))), 0, []),
        (rights(4), records.UNREAD, ["/tmp/3"]),
        (rights(4), records.CUT, ["/tmp/3", "/tmp/5"]),
    ],
    ids=["cut", "broken", "full", "unread", "bytes-cut"],
)
def test_what_is_cut_makes_all_higher_ones_unknown(data: bytes, flags: int, left: list[str]) -> None:
    log = opened(3, 4, 5).enter("recvmsg", 9, SOMEWHERE, 0)
    log.exit("recvmsg", 1, iovec(1, b"x"), control(1, data), flags=flags)
    assert written(log, 3, 4, 5) == left


def test_a_message_that_could_not_be_read_makes_all_unknown() -> None:
    for name in ("recvmsg", "recvmmsg"):
        log = opened(3).enter(name, 9, SOMEWHERE, 1).exit(name, 1, flags=records.UNREAD)
        assert written(log, 3) == [], name


@pytest.mark.parametrize(("family", "left"), [(1, []), (2, ["/tmp/3"])])
def test_more_messages_than_are_recorded(family: int, left: list[str]) -> None:
    log = opened(3).call("socket", family, 2, 0, result=9)
    log.call("recvmmsg", 9, SOMEWHERE, 5, 0, 0, result=5, after=(iovec(1, b"x"),) * 4)
    assert written(log, 3) == left


def test_what_is_sent_changes_nothing() -> None:
    before = (iovec(1, b"x"), control(1, rights(3)))
    log = opened(3).call("sendmsg", 9, SOMEWHERE, 0, result=1, chunks=before)
    assert written(log, 3) == ["/tmp/3"]


@given(st.binary(max_size=200), st.booleans())
def test_any_control_data_is_read(data: bytes, wide: bool) -> None:
    found, whole = structures.controls(data, wide=wide)
    assert len(found) <= len(data) // 12
    assert whole or data
