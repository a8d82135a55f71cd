from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.logs.literals import Quoted
from analyzer.trace.logs.strace import Ended, Foreign, Syscall, Unreadable, read
from tests.unit.trace.logs.test_literals import escape
from tests.unit.trace.making import DATA

NAMES = [
    b"new\nline", b"com,ma", b'quo"te', b"it's", b"\x1b[31mred\x1b[0m", b") = 0", b"<unfinished ...>", b"\xff\xfe\x80",
    "ünïcode→".encode(), b"a\x019", b"back\\slash\\n", b'") = 3', b"x" * 255, b"tab\tbell\a", b"<... openat resumed>",
    b"+++ exited with 0 +++", b"\x7f",
]  # fmt: skip


def recorded(name: str) -> list[str]:
    return (DATA / f"{name}.strace").read_text(encoding="ascii").splitlines(keepends=True)


def calls(*lines: str) -> list[Syscall]:
    items = list(read(lines))
    assert all(isinstance(item, Syscall) for item in items), items
    return [item for item in items if isinstance(item, Syscall)]


@pytest.mark.parametrize("name", ["messages", "names", "processes", "sockets"])
def test_recorded_logs_are_read_to_the_last_line(name: str) -> None:
    assert not [item for item in read(recorded(name)) if isinstance(item, Unreadable)]


def test_recorded_hostile_names_come_back() -> None:
    opened = [
        call.arguments[1].data
        for call in read(recorded("names"))
        if isinstance(call, Syscall) and call.name == "openat" and "0644" in call.arguments
        if isinstance(call.arguments[1], Quoted)
    ]
    assert opened == NAMES


@given(st.binary(min_size=1, max_size=400))
def test_any_name_in_a_line(name: bytes) -> None:
    (call,) = calls(f'7  1.5 openat(AT_FDCWD, "{escape(name)}", O_RDONLY|O_CLOEXEC) = 3\n')
    assert call.arguments == ("AT_FDCWD", Quoted(name, cut=False), "O_RDONLY|O_CLOEXEC")
    assert (call.result, call.error) == (3, "")


@pytest.mark.parametrize(
    ("rest", "result", "error", "injected"),
    [
        ("= 0", 0, "", False),
        ("= 0x8000 (flags O_RDONLY|O_LARGEFILE)", 0x8000, "", False),
        ("= -1 ENOENT (No such file or directory)", -1, "ENOENT", False),
        ("= -1 ENOSYS (Function not implemented) (INJECTED)", -1, "ENOSYS", True),
        ("   = 5", 5, "", False),
        ("= ?", None, "", False),
        ("= ? ERESTARTSYS (To be restarted if SA_RESTART is set)", None, "ERESTARTSYS", False),
    ],
)
def test_results(rest: str, result: int | None, error: str, *, injected: bool) -> None:
    (call,) = calls(f'7  1.5 unlink("x") {rest}\n')
    assert (call.result, call.error, call.injected) == (result, error, injected)


@pytest.mark.parametrize(
    ("lines", "duration"),
    [
        (('7  1.5 unlink("x") = 0 <0.000250>\n',), 0.00025),
        (('7  1.5 unlink("x") = -1 ENOENT (No such file or directory) <0.000011>\n',), 0.000011),
        (("7  1.5 vfork() = 2 /* 23 in strace's PID NS */ <0.002600>\n",), 0.0026),
        (("7  1.5 bpf(1) = -1 EPERM (Operation not permitted) (INJECTED) <0.000020>\n",), 0.00002),
        (('7  1.5 unlink("x") = ? <unavailable>\n',), None),
        (('7  1.5 unlink("x") = 0\n',), None),
        (('7  1.5 unlink("<9.000000>") = 0\n',), None),
        (("7  1.5 accept(3,  <unfinished ...>\n", "7  2.0 <... accept resumed>NULL, NULL) = 4 <0.400000>\n"), 0.4),
        (("7  1.5 accept(3,  <unfinished ...>\n", "7  2.0 <... accept resumed> <unfinished ...>) = ?\n"), 0.5),
        (("7  1.5 accept(3,  <unfinished ...>\n",), 0.0),
    ],
)
def test_durations(lines: tuple[str, ...], duration: float | None) -> None:
    (call,) = calls(*lines)
    assert call.duration == duration
    assert "<unfinished ...>" not in call.arguments


def test_a_call_of_an_ended_thread_lasted_until_its_end() -> None:
    first, _ = read(["7  1.5 accept(3,  <unfinished ...>\n", "7  4.0 +++ killed by SIGKILL +++\n"])
    assert isinstance(first, Syscall)
    assert first.duration == 2.5


def test_number_of_another_namespace() -> None:
    (call,) = calls("7  1.5 vfork() = 2 /* 23 in strace's PID NS */\n")
    assert (call.result, call.tracer_result) == (2, 23)


def test_interleaved_halves_join_by_process() -> None:
    found = calls(
        '7  1.0 openat(AT_FDCWD, "a", O_RDONLY <unfinished ...>\n',
        '8  1.1 unlink("b" <unfinished ...>\n',
        "7  1.2 <... openat resumed>) = 3\n",
        "8  1.3 <... unlink resumed>) = -1 EPERM (Operation not permitted)\n",
    )
    assert [(call.pid, call.name, call.time, call.line, call.error) for call in found] == [
        (7, "openat", 1.0, 1, ""),
        (8, "unlink", 1.1, 2, "EPERM"),
    ]


def test_a_call_whose_thread_ended_never_returned() -> None:
    first, end, last = read(
        [
            "7  1.0 accept(3,  <unfinished ...>\n",
            "7  2.0 +++ killed by SIGKILL +++\n",
            "8  2.1 listen(3, 5 <unfinished ...>\n",
        ]
    )
    assert isinstance(first, Syscall)
    assert (first.name, first.result) == ("accept", None)
    assert end == Ended(7, 2.0, 0, "SIGKILL", 2)
    assert isinstance(last, Syscall)
    assert last.result is None


def test_execve_from_a_thread_succeeds_whatever_is_printed() -> None:
    """Recorded with strace 6.1: the leader's number goes on, and the result is nonsense."""
    items = list(read(recorded("processes")))
    (superseded,) = [
        item for item in items
        if isinstance(item, Syscall) and item.name == "execve" and item.result == 0
        if item.arguments[1] == (Quoted(b"true", cut=False),)
        if "superseded" in "".join(recorded("processes")[item.line - 1 : item.line + 3])
    ]  # fmt: skip
    resumed = next(line for line in recorded("processes") if "errno 18446744073709551359" in line)
    assert superseded.pid == int(resumed.split()[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+++ exited with 3 +++", Ended(7, 1.5, 3, "", 1)),
        ("+++ killed by SIGSEGV +++", Ended(7, 1.5, 0, "SIGSEGV", 1)),
        ("+++ killed by SIGSEGV (core dumped) +++", Ended(7, 1.5, 0, "SIGSEGV", 1)),
    ],
)
def test_ends(text: str, expected: Ended) -> None:
    assert list(read([f"7  1.5 {text}\n"])) == [expected]


@pytest.mark.parametrize(
    "text", ["--- SIGCHLD {si_signo=SIGCHLD} ---", "???( <unfinished ...>", "<... ??? resumed>) = ?"]
)
def test_lines_that_tell_of_no_call(text: str) -> None:
    assert list(read([f"7  1.5 {text}\n"])) == []


@pytest.mark.parametrize(
    "line",
    [
        "garbage",
        "7  1.5 garbage",
        "7  1.5 +++ vanished +++",
        "7  1.5 <... read resumed>) = 3",
        '7  1.5 openat(AT_FDCWD, ") = 0',
        '7  1.5 openat(AT_FDCWD, "x"',
        "7  1.5 f() = 99999999999999999999999",
        "9" * 5000 + "  1.5 f() = 1",
        "7  " + "9" * 400 + ".0 f() = 1",
        "7  1.5 +++ exited with " + "9" * 5000 + " +++",
    ],
)
def test_what_cannot_be_read_is_counted(line: str) -> None:
    assert list(read([line + "\n"])) == [Unreadable(1)]


def test_a_resumed_call_of_another_name_is_no_end_of_it() -> None:
    assert list(read(["7  1.0 listen(3 <unfinished ...>\n", "7  1.1 <... bind resumed>) = 0\n"])) == [Unreadable(2)]


def test_unknown_shapes_of_arguments_still_give_the_result() -> None:
    (call,) = calls("7  1.5 odd(x]}, 1<<3, {a=1) = 4\n")
    assert (call.name, call.result) == ("odd", 4)


PIECES = st.lists(
    st.sampled_from(
        ["7  1.5 ", "8  2.0 ", "open(", '"', "\\", ") = 0", " <unfinished ...>", "<... open resumed>", "+++",
         " = -1 ENOENT",
         "superseded by execve in pid 8 +++", "+++ exited with 1 +++", "\n", "{", "}", "[", "/*", "\udcff", "٣"]
    )
).map("".join)  # fmt: skip


@given(st.lists(st.one_of(st.text(), PIECES)))
def test_any_log_is_read(lines: list[str]) -> None:
    for item in read(lines):
        assert isinstance(item, Syscall | Ended | Unreadable)


@pytest.mark.parametrize("piece", [")", ") = 0", '"', '\\"', "(", ") = -1 E (", "/*", "= 0 (x)"])
def test_long_hostile_lines_take_few_steps(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    assert len(list(read([f"7  1.5 open({text}\n", f'7  1.5 open("{text}\n', f"7  1.5 open() = 0 {text}\n"]))) == 3


@pytest.mark.parametrize(
    ("number", "name", "architecture", "abi"),
    [
        (359, "socket", "AUDIT_ARCH_I386", "i386"),
        (1073741865, "socket", "AUDIT_ARCH_X86_64", "x32"),
        (4, "write", "AUDIT_ARCH_ARM", "arm"),
    ],
)
def test_a_call_of_another_architecture_that_the_profile_answers_with_a_signal(
    number: int, name: str, architecture: str, abi: str
) -> None:
    facts = f"si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x4016e2, si_syscall={number} /* {name} */, si_arch={architecture}"
    items = list(read([f"7 1.5 --- SIGSYS {{{facts}}} ---\n", "7 1.6 +++ killed by SIGSYS +++\n"]))
    assert items == [Foreign(7, 1.5, name, abi, "SIGSYS", 1), Ended(7, 1.6, 0, "SIGSYS", 2)]


def test_another_signal_of_that_name_tells_of_no_call() -> None:
    assert list(read(["7 1.5 --- SIGSYS {si_signo=SIGSYS, si_code=SI_USER, si_pid=7, si_uid=1000} ---\n"])) == []


@pytest.mark.parametrize(
    ("line", "found", "injected"),
    [
        ('openat(AT_FDCWD</tmp>, "x", O_RDONLY) = 3</etc/shadow> <0.000012>', "/etc/shadow", False),
        (
            'openat(AT_FDCWD</tmp>, "x", O_RDONLY) = 3</tmp/a\\76 (INJECTED)>(deleted) <0.000012>',
            "/tmp/a> (INJECTED)",
            False,
        ),
        ('openat(AT_FDCWD</tmp>, "x", O_RDONLY) = 3 <0.000012>', "", False),
        ('openat(3</t\\74) = 9>, "x", O_RDONLY) = -1 ENOENT (No such file or directory) <0.000012>', "", False),
        ("socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 6<socket:[17]>", "", False),
        ('memfd_create("a", 0) = 4</memfd:a>(deleted)', "memfd:a", False),
        ("ptrace(PTRACE_TRACEME) = 0 (INJECTED)", "", True),
    ],
)
def test_where_a_descriptor_leads(line: str, found: str, *, injected: bool) -> None:
    (call,) = calls(f"10  1000.000000 {line}")
    assert (call.found, call.injected) == (found, injected)
    assert call.result is not None
