from __future__ import annotations

import struct

import pytest

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel import calls
from analyzer.sandbox.tracer import Strace
from analyzer.trace.kernellog.tables import AARCH64, I386, X32, X86_64, call_names


def unpack(entry: bytes) -> tuple[bytes, int, tuple[int, ...]]:
    kinds, use, *sizes = struct.unpack("=6sBx6H", entry)
    return kinds, use, tuple(sizes)


def test_an_entry_tells_the_kinds_and_sizes_of_the_arguments() -> None:
    table = calls.entries(["sendto"], machine="x86_64")
    assert unpack(table[44]) == (bytes([0, 3, 0, 0, 4, 0]), 1, (0, 384, 0, 0, 0, 0))


def test_a_call_is_entered_under_its_number_of_each_way_of_calling() -> None:
    assert set(calls.entries(["execve"], machine="x86_64")) == {59, 520, calls.NUMBERS + 11}
    assert set(calls.entries(["execve"], machine="aarch64")) == {221}


def test_variants_by_width_go_with_their_call() -> None:
    assert calls.NUMBERS + 195 in calls.entries(["stat"], machine="x86_64")  # stat64


@pytest.mark.parametrize(("name", "use"), [("execve", 1 | 4), ("clone", 1 | 2), ("vfork", 1 | 2), ("close", 1)])
def test_calls_that_make_tasks_or_end_programs_are_marked(name: str, use: int) -> None:
    for entry in calls.entries([name], machine="x86_64").values():
        assert unpack(entry)[1] == use


def test_a_call_that_nobody_wants_is_absent() -> None:
    assert calls.entries([], machine="x86_64") == {}
    assert calls.entries(["no_such_call"], machine="x86_64") == {}


def test_every_call_of_every_machine_has_an_entry_that_fits() -> None:
    names = {name for arch in (X86_64, I386, X32, AARCH64) for name in call_names(arch).values()}
    for machine in ("x86_64", "aarch64"):
        table = calls.entries(names, machine=machine)
        assert len(table) > 250
        assert all(0 <= index < 2 * calls.NUMBERS and len(entry) == 20 for index, entry in table.items())


def test_every_name_in_the_data_is_a_call() -> None:
    names = {name for arch in (X86_64, I386, X32, AARCH64) for name in call_names(arch).values()}
    data = calls._data()
    assert set(data.arguments) | data.creating | data.executing <= names


def test_no_head_is_longer_than_the_programs_can_hold() -> None:
    for name in calls._data().arguments:
        assert max(unpack(calls._entry(name, 1))[2]) <= 512


def test_an_unknown_machine_is_refused() -> None:
    with pytest.raises(SandboxError, match="does not know machine riscv64: x86_64 and aarch64 are known"):
        calls.entries(["open"], machine="riscv64")


def test_a_call_that_is_wanted_quietly_alone_is_marked_as_such() -> None:
    table = calls.entries(["openat", "execve"], ["execve", "connect"], machine="aarch64")
    assert {number: unpack(entry)[1] for number, entry in table.items()} == {56: 1 | 16, 221: 1 | 4 | 8, 203: 8}


def test_what_is_recorded_is_what_strace_records_and_the_reads() -> None:
    plan = Strace().plan()
    recorded = calls.recorded()
    assert recorded.wanted - set(plan["calls"]) == {"read", "pread64", "readv", "preadv", "preadv2", "socketcall"}
    assert set(plan["calls"]) <= recorded.wanted
    assert recorded.quiet == {*plan["installer_calls"], "socketcall"}


def test_every_call_that_is_recorded_exists() -> None:
    names = {name for arch in (X86_64, I386, X32, AARCH64) for name in call_names(arch).values()}
    assert calls.recorded().wanted <= names


def test_calls_that_open_or_move_are_marked_as_such() -> None:
    table = calls.entries({"openat", "chdir", "read"}, machine="aarch64")
    assert {number: unpack(entry)[1] for number, entry in table.items()} == {56: 1 | 16, 49: 1 | 32, 63: 1}
