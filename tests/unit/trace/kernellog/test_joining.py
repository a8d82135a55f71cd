from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.event import ProcessClock, ProcessExec, ProcessSubmit, Race, SocketState
from analyzer.trace.calls.kernel import KernelTrace, follow
from analyzer.trace.kernellog import read, records
from analyzer.trace.kernellog.items import Changed, KernelItem, Lost
from analyzer.trace.kernellog.tables import I386, X32
from analyzer.trace.logs.literals import Struct
from analyzer.trace.logs.strace import Ended, Foreign, Syscall, Unreadable
from tests.unit.trace.kernel_logs import SOMEWHERE, Log, again, buffer, inet, iovec, sockaddr, strings, structure, text

COMMAND = "/usr/bin/python"


def run(log: Log) -> KernelTrace:
    return follow(log.items(), COMMAND, "/home/u")


def calls(items: list[KernelItem]) -> list[Syscall]:
    return [item for item in items if isinstance(item, Syscall)]


def of_kind(trace: KernelTrace, kind: type) -> list[object]:
    return [act.detail for act in trace.acts if isinstance(act.detail, kind)]


def test_time_line_and_duration() -> None:
    (call,) = calls(Log().call("setsid").items())
    assert (call.pid, call.time, call.line, call.duration) == (10, 1000.0, 1, 0.1)


def test_calls_of_threads_that_interrupt_one_another() -> None:
    log = Log().enter("chdir", SOMEWHERE, chunks=(text(0, b"/a"),)).enter("fchdir", 3, tid=11)
    log.exit("chdir", 0).exit("fchdir", -9, tid=11)
    assert [(call.pid, call.name, call.error) for call in calls(log.items())] == [
        (10, "chdir", ""),
        (11, "fchdir", "EBADF"),
    ]


def test_a_call_that_never_returned_has_no_result() -> None:
    log = Log().enter("accept", 3, 0, 0).enter("flock", 3, 2, pid=20).end(signal=9)
    accept, ended, flock = log.items()
    assert isinstance(accept, Syscall)
    assert isinstance(flock, Syscall)
    assert (accept.name, accept.result, accept.duration) == ("accept", None, 0.2)
    assert ended == Ended(10, 1000.2, 0, "SIGKILL", 3)
    assert (flock.name, flock.result) == ("flock", None)


@pytest.mark.parametrize(
    ("status", "signal", "told"), [(3, 0, (3, "")), (0, 11, (0, "SIGSEGV")), (0, 134, (0, "SIGABRT"))]
)
def test_how_a_process_ended(status: int, signal: int, told: tuple[int, str]) -> None:
    (ended,) = Log().end(status, signal).items()
    assert isinstance(ended, Ended)
    assert (ended.status, ended.signal) == told


def test_a_first_thread_that_ends_early_does_not_end_the_process() -> None:
    log = Log().end(last=False).end(tid=11, last=False).call("setsid", tid=12).end(7, tid=12)
    items = log.items()
    assert [(item.pid, item.status) for item in items if isinstance(item, Ended)] == [(11, 0), (12, 7), (10, 7)]


def test_a_child_has_its_numbers_from_the_kernel() -> None:
    log = Log().started().enter("clone", 17, 0).fork(20, 8).exit("clone", 8)
    log.call("chdir", SOMEWHERE, chunks=(text(0, b"/tmp"),), pid=20, inner=1)
    call = calls(log.items())[1]
    assert (call.result, call.tracer_result, call.arguments) == (8, 20, ("child_stack=NULL", "flags=SIGCHLD"))
    trace = run(log)
    assert [(process.pid, process.inner) for process in trace.processes] == [(10, 7), (20, 1)]
    assert trace.processes[1].parent is trace.processes[0]
    assert trace.orphans == 0


def test_a_thread_is_its_process() -> None:
    how = structure(0, struct.pack("<Q", 0x3D0F00) + bytes(80))
    log = (
        Log()
        .started()
        .enter("clone3", SOMEWHERE, 88, chunks=(how,))
        .fork(11, 8, thread=True, flags=0x3D0F00)
        .exit("clone3", 8)
    )
    log.call("setsid", tid=11)
    trace = run(log)
    assert len(trace.processes) == 1
    assert trace.acts[-1].process is trace.processes[0]


def test_a_birth_whose_call_is_not_in_the_log_is_known_all_the_same() -> None:
    log = Log().started().fork(20, 8).call("setsid", pid=20)
    lost = Log().started().enter("clone", 17, 0).fork(20, 8).call("setsid", pid=20)
    for one in (log, lost):
        trace = run(one)
        assert [process.pid for process in trace.processes] == [10, 20]
        assert trace.orphans == 0


def test_a_new_task_returns_from_a_call_that_it_did_not_make() -> None:
    assert Log().exit("clone", 0, pid=20).exit("vfork", 0, pid=21).items() == []


def test_an_exit_whose_entry_was_lost_is_counted() -> None:
    assert Log().exit("openat", 3).items() == [Unreadable(1)]


def test_an_exit_of_another_call_leaves_the_first_without_result() -> None:
    first, second = Log().enter("setsid").exit("fchdir", 0).items()
    assert isinstance(first, Syscall)
    assert (first.name, first.result, second) == ("setsid", None, Unreadable(2))


def test_calls_that_nobody_looks_at_are_left_out() -> None:
    assert Log().call("getppid").call("close", 3).items() == []


def test_exec_in_a_second_thread_goes_on_as_the_first() -> None:
    argv = strings(1, b"sh", b"-c")
    log = Log().started().enter("clone", 0x10F00).fork(11, 8, thread=True, flags=0x10F00).exit("clone", 8)
    log.enter("execve", SOMEWHERE, SOMEWHERE, 0, chunks=(text(0, b"/bin/sh"), argv), tid=11)
    log.program(text(0, b"/bin/sh"), argv).exit("execve", 0)
    trace = run(log)
    assert (trace.processes[0].path, trace.processes[0].argv, len(trace.processes)) == ("/bin/sh", ("sh", "-c"), 1)
    assert [item.pid for item in log.items() if isinstance(item, Ended)] == [11]


def test_the_kernel_says_that_a_program_runs_where_its_exit_is_lost() -> None:
    log = Log().enter("execve", SOMEWHERE, 0, 0, chunks=(text(0, COMMAND.encode()),)).program(text(0, COMMAND.encode()))
    trace = run(log)
    assert [detail.error for detail in of_kind(trace, ProcessExec) if isinstance(detail, ProcessExec)] == [""]


def test_another_path_at_the_end_is_a_race() -> None:
    log = (
        Log()
        .started()
        .call("openat", -100, SOMEWHERE, 0, result=3, chunks=(text(1, b"/tmp/a"),), after=(again(1, b"/etc/shadow"),))
    )
    log.call("openat", -100, SOMEWHERE, 0, result=3, chunks=(text(1, b"/tmp/b"),), after=(again(1, b"/tmp/b"),))
    trace = run(log)
    assert of_kind(trace, Race) == [Race("openat", "/tmp/a", "/etc/shadow")]
    assert trace.acts[-1].outcome == "completed"


def test_a_string_read_at_the_end_only_is_the_argument() -> None:
    (call,) = Log().call("chdir", SOMEWHERE, after=(again(0, b"/tmp"),)).items()
    assert isinstance(call, Syscall)
    assert getattr(call.arguments[0], "data", b"") == b"/tmp"


def test_another_program_than_was_asked_for_is_a_race() -> None:
    log = (
        Log()
        .enter("execve", SOMEWHERE, 0, 0, chunks=(text(0, b"/bin/true"),))
        .program(text(0, b"/bin/sh"))
        .exit("execve", 0)
    )
    call, race = log.items()
    assert isinstance(call, Syscall)
    assert getattr(call.arguments[0], "data", b"") == b"/bin/sh"  # what the kernel ran
    assert isinstance(race, Changed)
    assert (race.asked, race.found) == ("/bin/true", "/bin/sh")


@pytest.mark.parametrize(
    ("asked", "found", "races"),
    [("192.0.2.1", "192.0.2.1", 0), ("192.0.2.1", "192.0.2.2", 1), ("0.0.0.0", "127.0.0.1", 0)],
)
def test_another_peer_than_was_asked_for_is_a_race(asked: str, found: str, races: int) -> None:
    log = Log().started().enter("connect", 3, SOMEWHERE, 16, chunks=(sockaddr(1, inet(443, asked)),))
    log.state(7, 2, peer=(found, 443)).exit("connect", 0)
    assert of_kind(run(log), Race) == [Race("connect", f"{asked} 443", f"{found} 443")] * races


def test_tcp_states_belong_to_who_connects_and_listens() -> None:
    log = Log().started().fork(20, 8).call("setsid", pid=20)
    log.state(7, 2, peer=("192.0.2.1", 443), pid=20).state(3, 1, own=("192.0.2.1", 443), peer=("10.0.0.1", 5000))
    log.state(2, 1, own=("10.0.0.1", 5000), peer=("192.0.2.1", 443), pid=20)
    log.state(7, 10, own=("0.0.0.0", 80), pid=20).state(3, 1, own=("10.0.0.1", 80), peer=("10.0.0.2", 6000))
    log.state(7, 2, peer=("192.0.2.9", 1)).state(2, 7, peer=("192.0.2.9", 1)).state(1, 4)
    told = [
        (act.process.pid, act.detail.state, act.detail.address, act.detail.port)
        for act in run(log).acts
        if isinstance(act.detail, SocketState)
    ]
    assert told == [
        (20, "connecting", "192.0.2.1", 443), (20, "connected", "192.0.2.1", 443), (20, "listening", "0.0.0.0", 0),
        (20, "accepted", "10.0.0.2", 6000), (10, "connecting", "192.0.2.9", 1), (10, "refused", "192.0.2.9", 1),
    ]  # fmt: skip


def test_a_state_that_comes_after_its_process_makes_no_new_one() -> None:
    trace = run(Log().started().end().state(7, 2, peer=("192.0.2.1", 443)).state(7, 2, pid=99))
    assert (len(trace.processes), of_kind(trace, SocketState), trace.orphans) == (1, [], 0)


def test_clocks_and_submissions_are_told() -> None:
    log = Log().clock(0).started().clock(0).clock(1)
    log.record(records.IO_URING, struct.pack("<IQ", 16, 5)).record(records.IO_URING, struct.pack("<IQ", 999, 5))
    trace = run(log)
    assert of_kind(trace, ProcessClock) == [ProcessClock("CLOCK_REALTIME"), ProcessClock("CLOCK_MONOTONIC")]
    assert of_kind(trace, ProcessSubmit) == [ProcessSubmit("IORING_OP_CONNECT"), ProcessSubmit("0x3e7")]


def test_lost_records_are_counted_once() -> None:
    log = Log().lost(3).lost(5)
    assert log.items() == [Lost(3, 1), Lost(5, 2)]
    assert run(log).dropped == 5


def test_messages_of_one_call() -> None:
    chunks = (sockaddr(1, inet(9, "192.0.2.7")), iovec(1, b"abc"), iovec(1, b"d"), sockaddr(1, inet(9, "192.0.2.8")))
    (call,) = Log().call("sendmmsg", 5, SOMEWHERE, 3, result=3, chunks=chunks).items()
    assert isinstance(call, Syscall)
    messages = call.argument(1)
    assert isinstance(messages, tuple)
    assert [one.get("msg_len") for one in messages if isinstance(one, Struct)] == ["3", "1", "0"]


@pytest.mark.parametrize("kind", [0, 10, 65535])
def test_a_record_of_no_known_kind_is_counted(kind: int) -> None:
    assert Log().record(kind, b"").call("setsid").items()[0] == Unreadable(1)


@pytest.mark.parametrize("kind", range(1, 10))
def test_a_record_that_is_too_short_is_counted(kind: int) -> None:
    items = Log().record(kind, b"\1").items()
    assert Unreadable(1) in items


@pytest.mark.parametrize("data", [b"", b"FHK1", b"\x7fELF" + bytes(12), Log().data + b"\1\0\0\0"])
def test_bytes_that_are_no_log_or_stop_in_the_middle(data: bytes) -> None:
    assert list(read([data])) == [Unreadable(1)]


def test_a_record_of_an_impossible_size_ends_the_log() -> None:
    log = Log().call("setsid")
    items = list(read([log.data + struct.pack("<I", 31) + bytes(28) + log.data]))
    assert items[1:] == [Unreadable(3)]


@pytest.mark.parametrize("size", [1, 3, 7, 64, 1000])
def test_blocks_may_be_cut_anywhere(size: int) -> None:
    log = Log().started().call("openat", -100, SOMEWHERE, 0, result=3, chunks=(text(1, b"/tmp/a"),)).end()
    data = log.data
    assert list(read(data[at : at + size] for at in range(0, len(data), size))) == log.items()


CHUNKS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 9), st.binary(max_size=40)), max_size=6
).map(lambda all_: b"".join(records.CHUNK.pack(place, type_, len(data)) + data for place, type_, data in all_))  # fmt: skip
NUMBERS = st.integers(0, 2**64 - 1) | st.integers(0, 40)


@st.composite
def hostile_records(draw: st.DrawFn) -> tuple[int, bytes, int, int]:
    kind = draw(st.integers(1, 9))
    tail = draw(CHUNKS | st.binary(max_size=60))
    head = b""
    if kind in {records.ENTER, records.EXIT}:
        head = struct.pack("<II", draw(st.integers(0, 470)), draw(st.integers(1, 5)))
        registers = 6 if kind == records.ENTER else 1
        head += b"".join(struct.pack("<Q", draw(NUMBERS)) for _ in range(registers))
    return kind, head + tail, draw(st.integers(1, 3)), draw(st.integers(1, 4))


@given(st.lists(hostile_records(), max_size=12))
def test_any_records_give_items(all_: list[tuple[int, bytes, int, int]]) -> None:
    log = Log().started()
    for kind, payload, pid, tid in all_:
        log.record(kind, payload, pid=pid, tid=tid)
    follow(log.items(), COMMAND, "/")


@given(st.lists(st.binary(max_size=80), max_size=6))
def test_any_bytes_give_items(blocks: list[bytes]) -> None:
    for item in read([Log().data, *blocks]):
        assert isinstance(item, KernelItem)


@given(NUMBERS, st.lists(NUMBERS, min_size=6, max_size=6), st.integers(1, 4), CHUNKS, CHUNKS)
def test_any_call_has_values(result: int, registers: list[int], arch: int, before: bytes, after: bytes) -> None:
    for nr in range(470):
        log = Log().record(records.ENTER, struct.pack("<II6Q", nr, arch, *registers) + before)
        log.record(records.EXIT, struct.pack("<IIQ", nr, arch, result) + after)
        log.items()


def test_buffers_that_were_not_read_stay_addresses() -> None:
    (call,) = Log().call("write", 1, SOMEWHERE, 4, result=4).items()
    assert isinstance(call, Syscall)
    assert call.arguments == ("1", hex(SOMEWHERE), "4")
    (call,) = Log().call("write", 1, SOMEWHERE, 4, result=-1, chunks=(buffer(1, b"ab"),)).items()
    assert isinstance(call, Syscall)
    assert (call.error, getattr(call.arguments[1], "cut", None)) == ("EPERM", True)


def test_socketcall_is_the_call_that_it_stands_for() -> None:
    words = structure(1, struct.pack("<III", 2, 1, 6))
    log = Log().enter("socketcall", 1, SOMEWHERE, chunks=(words,), arch=I386).exit("socketcall", 3, arch=I386)
    log.enter("socketcall", 99, SOMEWHERE, chunks=(words,), arch=I386).exit("socketcall", -22, arch=I386)
    made, other = calls(log.items())
    assert (made.name, made.arguments, made.result) == ("socket", ("AF_INET", "SOCK_STREAM", "IPPROTO_TCP"), 3)
    assert (other.name, other.error) == ("socketcall", "EINVAL")


def test_what_a_thread_and_its_process_used_is_told_with_their_ends() -> None:
    log = Log().end(last=False, used=2_000_000_000, pid=10, tid=10).end(used=500_000_000, memory=4096, pid=10, tid=11)
    thread, process = (item for item in log.items() if isinstance(item, Ended))
    assert (thread.pid, thread.seconds, thread.memory) == (11, 0.5, 0)
    assert (process.pid, process.seconds, process.memory) == (10, 2.0, 4096)


def test_a_process_ends_once_however_many_of_its_threads_are_told_to_be_the_last() -> None:
    log = Log().end(pid=10, tid=11).end(pid=10, tid=10).fork(10, 5, pid=9, tid=9).end(pid=10, tid=10)
    ends = [item.pid for item in log.items() if isinstance(item, Ended)]
    assert ends == [11, 10, 10]


def test_who_waits_in_the_sandbox_since_before_the_command_is_not_the_packages() -> None:
    """A call that began before the recording is told when it ends: of what waits there, when it is ended with all."""
    waits = run(Log().started().call("chdir", SOMEWHERE, pid=50, tid=50, inner=1))
    assert (waits.orphans, [process.pid for process in waits.processes]) == (0, [10])
    unknown = run(Log().started().call("chdir", SOMEWHERE, pid=50, tid=50, inner=99))
    assert (unknown.orphans, [process.pid for process in unknown.processes]) == (1, [10, 50])


AT_EXIT = 4


@pytest.mark.parametrize("name", ["chdir", "openat", "execve", "dup2"])
def test_a_call_that_was_answered_without_the_kernel_did_nothing(name: str) -> None:
    """By a filter of the package's own, which says that it worked."""
    arguments = {"openat": (0xFFFFFF9C, SOMEWHERE), "dup2": (3, 4)}.get(name, (SOMEWHERE,))
    chunk = text(1 if name == "openat" else 0, b"/usr/lib")
    log = Log().started().enter(name, *arguments, chunks=(chunk,), flags=AT_EXIT).exit(name, 0)
    call = calls(log.items())[-1]
    assert (call.name, call.result) == (name, None)


def test_a_program_that_the_kernel_does_not_tell_of_was_not_run() -> None:
    (call,) = calls(Log().enter("execve", SOMEWHERE, 0, 0, chunks=(text(0, b"/bin/sh"),)).exit("execve", 0).items())
    assert call.result is None


@pytest.mark.parametrize(
    ("asked", "found", "interpreter", "races"),
    [
        ((b"ls", b"-l"), (b"ls", b"-l"), b"", 0),
        ((b"ls", b"-l"), (b"ls", b"/etc/shadow"), b"", 1),
        ((b"sh",), (b"sh", b"-c", b"more"), b"", 1),
        ((b"sh",), (b"sh", b"-c", b"more", b"/bin/x"), b"", 1),
        ((b"tool", b"-x"), (b"/bin/sh", b"/bin/x", b"-x"), b"/bin/sh", 0),
        ((b"tool",), (b"/usr/bin/env", b"-S", b"/bin/x"), b"/usr/bin/env", 0),
        ((b"tool", b"-x"), (b"/bin/sh", b"/bin/x", b"-y"), b"/bin/sh", 1),
        ((), (b"",), b"", 0),  # Linux 5.18 and later
    ],
)
def test_the_arguments_are_those_that_the_program_got(
    asked: tuple[bytes, ...], found: tuple[bytes, ...], interpreter: bytes, races: int
) -> None:
    log = Log().enter("execve", SOMEWHERE, SOMEWHERE, 0, chunks=(text(0, b"/bin/x"), strings(1, *asked)))
    script = (text(2, interpreter),) if interpreter else ()
    items = log.program(text(0, b"/bin/x"), *script, strings(1, *found)).exit("execve", 0).items()
    assert len([item for item in items if isinstance(item, Changed)]) == races
    told = tuple(getattr(word, "data", b"") for word in calls(items)[0].arguments[1])  # type: ignore[union-attr]
    assert told == (found if races else asked)


def test_a_program_by_its_descriptor_has_the_kernels_name_for_it() -> None:
    def run_it(found: bytes) -> list[KernelItem]:
        log = Log().enter("execveat", 5, SOMEWHERE, 0, 0, 0x1000, chunks=(text(1, b""),))
        return log.program(text(0, found)).exit("execveat", 0).items()

    assert not any(isinstance(item, Changed) for item in run_it(b"/dev/fd/5"))
    assert any(isinstance(item, Changed) for item in run_it(b"/dev/fd/5/evil"))


def test_what_could_not_be_read_is_what_the_kernel_ran() -> None:
    items = (
        Log()
        .enter("execve", SOMEWHERE, SOMEWHERE, 0)
        .program(text(0, b"/bin/sh"), strings(1, b"sh"))
        .exit("execve", 0)
        .items()
    )
    (call,) = items
    assert isinstance(call, Syscall)
    assert getattr(call.arguments[0], "data", b"") == b"/bin/sh"


def test_a_path_that_nobody_could_read_is_counted() -> None:
    call, lost = Log().call("chdir", SOMEWHERE).items()
    assert isinstance(call, Syscall)
    assert lost == Unreadable(1)
    (failed,) = Log().enter("chdir", SOMEWHERE).exit("chdir", -14).items()
    assert isinstance(failed, Syscall)


def test_calls_of_other_threads_are_told_before_their_process_ends() -> None:
    log = Log().started().fork(11, 8, thread=True).enter("nanosleep", SOMEWHERE, 0, tid=10).end(pid=10, tid=11)
    trace = run(log.end(pid=10, tid=10))
    assert (trace.orphans, [process.pid for process in trace.processes]) == (0, [10])


def test_what_a_first_thread_used_is_not_lost_when_another_runs_a_program() -> None:
    log = Log().started().enter("clone", 0x10F00).fork(11, 8, thread=True, flags=0x10F00).exit("clone", 8)
    log.end(last=False, used=9_000_000_000, pid=10, tid=10)
    log.enter("execve", SOMEWHERE, 0, 0, chunks=(text(0, b"/bin/sh"),), tid=11).program(text(0, b"/bin/sh"))
    assert sum(item.seconds for item in log.exit("execve", 0).items() if isinstance(item, Ended)) == 9


@pytest.mark.parametrize(("arch", "abi"), [(I386, "i386"), (X32, "x32")])
@pytest.mark.parametrize(("result", "error"), [(-38, "ENOSYS"), (41, "SIGSYS")])
def test_a_foreign_call_is_told_with_its_answer(arch: int, abi: str, result: int, error: str) -> None:
    """A filter that ends the process leaves the call's number as its result."""
    log = Log().enter("setsid", arch=arch, flags=records.AT_EXIT).exit("setsid", result, arch=arch)
    assert [item for item in log.items() if isinstance(item, Foreign)] == [Foreign(10, 1000.0, "setsid", abi, error, 1)]


def test_the_kernel_follows_a_child_that_no_tracer_is_told_of() -> None:
    untraced = 0x800000 | 17
    log = Log().started().enter("clone", untraced).fork(11, 8, flags=untraced).exit("clone", 8)
    assert run(log).unfollowed == 0
