"""Processes, descriptors over fork and exec, control calls, and what is left out."""

from __future__ import annotations

import pytest

from analyzer.model.event import (
    ConsoleWrite,
    FileDelete,
    FileOpen,
    FileWrite,
    ProcessAbi,
    ProcessControl,
    ProcessCreate,
    ProcessExec,
    ProcessExit,
    ProcessOutlive,
    ProcessSignal,
)
from analyzer.trace.calls.kernel import trace
from tests.unit.trace.making import COMMAND, DATA, START, acts, details, lines, run, text_log

FORK = "clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 11"
THREAD = "clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD, exit_signal=0}, 88) = 11"
OUT = 'openat(AT_FDCWD, "out", O_WRONLY) = 3'
SHELL = '@11 execve("/bin/sh", ["sh", "-c", "echo a\\nb"], 0x7 /* 3 vars */) = 0'
WRITE = '@11 write(3, "x", 1) = 1'


def written(*calls: str) -> list[str]:
    return [one.path for one in details(*calls) if isinstance(one, FileWrite)]


@pytest.mark.parametrize(
    ("call", "thread", "flags"),
    [
        (FORK, False, ("CLONE_CHILD_SETTID", "SIGCHLD")),
        ("fork() = 11", False, ()),
        ("vfork() = 11", False, ()),
        (THREAD, True, ("CLONE_VM", "CLONE_FS", "CLONE_FILES", "CLONE_THREAD")),
        ("clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 88) = 11", False, ("CLONE_VM", "CLONE_VFORK")),
    ],
)
def test_creations(call: str, flags: tuple[str, ...], *, thread: bool) -> None:
    assert details(call) == [ProcessCreate(11, thread, flags)]


def test_child_numbers_are_the_tracers() -> None:
    result = run("vfork() = 2 /* 11 in strace's PID NS */", '@11 unlink("a") = 0')
    assert result.acts[1].detail == ProcessCreate(11, thread=False, flags=())
    child = result.processes[1]
    assert (child.pid, child.inner) == (11, 2)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            'execve("/bin/true", ["true", "a\\nb"], 0x7 /* 3 vars */) = 0',
            ProcessExec("/bin/true", "true", ("true", "a\nb"), "", "", "", ""),
        ),
        ('execve("x", ["x"], 0x7) = -1 ENOENT (x)', ProcessExec("/home/u/x", "x", ("x",), "", "", "", "ENOENT")),
        ('execveat(AT_FDCWD, "x", ["x"], 0x7, 0) = 0', ProcessExec("/home/u/x", "x", ("x",), "", "", "", "")),
        ("execve(0x1, NULL, NULL) = -1 EFAULT (x)", ProcessExec("0x1", "0x1", (), "", "", "", "EFAULT")),
    ],
)
def test_programs(call: str, expected: ProcessExec) -> None:
    assert details(call) == [expected]


def test_a_program_started_by_descriptor_has_its_path() -> None:
    found = details(
        'openat(AT_FDCWD, "/bin/true", O_RDONLY) = 3', 'execveat(3, "", ["true"], 0x7 /* 0 vars */, AT_EMPTY_PATH) = 0'
    )
    assert found[1] == ProcessExec("/bin/true", "true", ("true",), "", "", "", "")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("ptrace(PTRACE_TRACEME) = 0", ProcessControl("ptrace", ("PTRACE_TRACEME",), "")),
        (
            "prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0",
            ProcessControl("prctl", ("PR_SET_DUMPABLE", "SUID_DUMP_DISABLE"), ""),
        ),
        (
            "io_uring_setup(1, NULL) = -1 ENOSYS (x) (INJECTED)",
            ProcessControl("io_uring_setup", ("1", "NULL"), "ENOSYS"),
        ),
        (
            'mount("a", "/b", NULL, MS_BIND, NULL) = -1 EPERM (x)',
            ProcessControl("mount", ("a", "/b", "NULL", "MS_BIND", "NULL"), "EPERM"),
        ),
        ("sethostname([1], {a=1}) = 0", ProcessControl("sethostname", ("…", "…"), "")),
        ("kill(99, SIGKILL) = 0", ProcessSignal("SIGKILL", 99)),
        ("kill(-1, SIGTERM) = 0", ProcessSignal("SIGTERM", -1)),
        ("tgkill(98, 99, SIGABRT) = 0", ProcessSignal("SIGABRT", 98)),
    ],
)
def test_control(call: str, expected: object) -> None:
    assert details(call) == [expected]


def test_a_signal_to_oneself_is_none() -> None:
    assert details("kill(7, SIGTERM) = 0") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("+++ exited with 3 +++", ProcessExit(3, "")), ("+++ killed by SIGSEGV +++", ProcessExit(0, "SIGSEGV"))],
)
def test_ends(text: str, expected: ProcessExit) -> None:
    result = run(text)
    assert result.acts[-1].detail == expected
    assert result.processes[0].exit == (expected.signal or "status 3")


def test_the_launcher_is_left_out() -> None:
    log = lines(
        'openat(AT_FDCWD, "/secret", O_RDONLY) = 3',
        "clone(flags=CLONE_NEWPID|SIGCHLD) = 11",
        "@11 clone(flags=SIGCHLD) = 2 /* 12 in strace's PID NS */",
        '@12 unlink("early") = 0',
        f"@12 {START}",
        '@12 unlink("late") = 0',
        "@11 +++ exited with 0 +++",
        "@12 +++ exited with 0 +++",
        command='execve("/usr/bin/bwrap", ["bwrap"], 0x7) = 0',
    )
    result = trace(text_log(log), COMMAND, "/home/u")
    assert [act.detail for act in result.acts] == [
        ProcessExec(COMMAND, "python", ("python",), "", "", "", ""),
        FileDelete("/home/u/late", directory=False, error=""),
        ProcessExit(0, ""),
    ]
    assert [process.pid for process in result.processes] == [12]
    assert result.orphans == 0


@pytest.mark.parametrize(
    "command", ['execve("/bin/false", ["python"], 0x7) = 0', f'execve("{COMMAND}", ["python"], 0x7) = -1 ENOENT (x)']
)
def test_without_the_command_nothing_is_the_packages(command: str) -> None:
    result = trace(text_log(lines('unlink("a") = 0', command=command)), COMMAND, "/home/u")
    assert (result.acts, result.processes) == ([], [])


def test_the_probe_is_hidden_and_tells_the_first_process_its_number() -> None:
    result = run('openat(AT_FDCWD, "/run/session/events", O_WRONLY|O_CLOEXEC) = 800', 'unlink("a") = 0')
    assert [type(act.detail) for act in result.acts] == [ProcessExec, FileDelete]
    assert result.processes[0].inner == 7


def test_nobody_can_tell_another_number_later() -> None:
    lie = 'openat(AT_FDCWD, "/run/session/events/99", O_WRONLY) = -1 ENOTDIR (x)'
    result = run("vfork() = 2 /* 11 in strace's PID NS */", f"@11 {lie}", lie)
    assert [process.inner for process in result.processes] == [7, 2]


@pytest.mark.parametrize("path", ["/run/session/events.txt", "/run/session/eventsx/7", "/run/session"])
def test_only_the_probes_own_pipe_is_hidden(path: str) -> None:
    assert details(f'openat(AT_FDCWD, "{path}", O_RDONLY) = 3') == [FileOpen(path, "read", ("O_RDONLY",), "")]


def test_a_child_has_copies() -> None:
    assert written(OUT, FORK, WRITE) == ["/home/u/out"]
    assert written(FORK, OUT, WRITE) == []
    assert written(FORK, '@11 openat(AT_FDCWD, "c", O_WRONLY) = 3', 'write(3, "x", 1) = 1') == []


def test_a_child_has_its_makers_state_of_then_and_not_of_later() -> None:
    assert written(OUT, FORK, 'openat(AT_FDCWD, "other", O_WRONLY) = 3', WRITE) == ["/home/u/out"]


def test_a_child_has_its_own_folder() -> None:
    found = details(FORK, '@11 chdir("/x") = 0', '@11 unlink("a") = 0', 'unlink("a") = 0')
    assert [one.path for one in found if isinstance(one, FileDelete)] == ["/x/a", "/home/u/a"]


@pytest.mark.parametrize("creation", [THREAD, "clone(child_stack=NULL, flags=CLONE_FS|CLONE_FILES|SIGCHLD) = 11"])
def test_what_is_shared(creation: str) -> None:
    calls = (creation, '@11 chdir("/x") = 0', '@11 openat(AT_FDCWD, "t", O_WRONLY) = 3', 'write(3, "x", 1) = 1')
    assert written(*calls) == ["/x/t"]


def test_threads_are_their_process() -> None:
    result = run(THREAD, '@11 unlink("a") = 0', "@11 +++ exited with 0 +++")
    assert [process.pid for process in result.processes] == [10]
    assert result.processes[0].exit == ""


def test_exec_ends_sharing_and_closes_what_closes() -> None:
    assert written(OUT, FORK, SHELL, WRITE) == ["/home/u/out"]
    assert written('openat(AT_FDCWD, "out", O_WRONLY|O_CLOEXEC) = 3', FORK, SHELL, WRITE) == []
    shared = "clone(flags=CLONE_FILES|SIGCHLD) = 11"
    assert written(shared, SHELL, '@11 openat(AT_FDCWD, "own", O_WRONLY) = 3', 'write(3, "x", 1) = 1') == []


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("fcntl(3, F_SETFD, FD_CLOEXEC) = 0", []),
        ("fcntl(3, F_SETFD, 0) = 0", ["/home/u/out"]),
        ("dup2(3, 3) = 3", ["/home/u/out"]),
    ],
)
def test_marks_of_closing(mark: str, expected: list[str]) -> None:
    assert written(OUT, mark, FORK, SHELL, WRITE) == expected


def test_a_failed_exec_changes_nothing() -> None:
    failed = '@11 execve("/nope", ["x"], 0x7) = -1 ENOENT (x)'
    result = run('openat(AT_FDCWD, "out", O_WRONLY|O_CLOEXEC) = 3', FORK, failed, WRITE)
    assert result.processes[1].path == COMMAND
    assert isinstance(result.acts[-1].detail, FileWrite)


def test_numbers_are_used_again() -> None:
    result = run(FORK, SHELL, "@11 +++ exited with 0 +++", FORK, '@11 unlink("a") = 0', "@11 +++ exited with 1 +++")
    assert [(process.pid, process.program, process.exit) for process in result.processes] == [
        (10, "python", ""),
        (11, "sh", "status 0"),
        (11, "python", "status 1"),
    ]


def test_a_child_that_is_gone_before_its_creation_returns() -> None:
    result = run("vfork( <unfinished ...>", SHELL, "@11 +++ exited with 0 +++", "<... vfork resumed>) = 11")
    assert [(process.pid, process.exit) for process in result.processes] == [(10, ""), (11, "status 0")]
    assert result.processes[1].born == pytest.approx(1000.2)


def test_a_maker_that_is_gone_before_its_child_is_seen() -> None:
    result = run(FORK, "+++ exited with 0 +++", '@11 unlink("a") = 0')
    assert result.processes[1].parent is result.processes[0]
    assert result.orphans == 0


def test_a_process_of_unknown_origin_is_not_taken_for_the_launcher() -> None:
    result = run('@55 unlink("a") = 0')
    assert result.acts[-1].detail == FileDelete("/home/u/a", directory=False, error="")
    assert result.orphans == 1


def test_execve_from_a_thread_replaces_the_process() -> None:
    """Recorded with strace 6.1, which prints nonsense as this call's result."""
    log = (DATA / "processes.strace").read_text().splitlines()
    result = trace(text_log(log), "/usr/bin/python3", "/home/u")
    assert [process.program for process in result.processes] == [
        "python3", "python3", "python3", "sh", "true", "python3", "true", "true", "true", "python3",
    ]  # fmt: skip
    assert [process.exit for process in result.processes[1:]] == [
        "status 3", "status 255", "status 4", "status 0", "SIGKILL", "status 0", "status 0", "status 0", "SIGSEGV",
    ]  # fmt: skip
    assert (result.unreadable, result.orphans) == (0, 0)


def test_lines_and_times_are_those_of_the_beginning() -> None:
    act = acts('unlink("a" <unfinished ...>', "@12 listen(3, 5) = 0", "<... unlink resumed>) = 0")[-1]
    assert (act.line, act.time) == (3, pytest.approx(1000.2))


def test_what_cannot_be_read_is_counted() -> None:
    assert run("nonsense", 'openat(AT_FDCWD, ") = 0').unreadable == 2


# The standard streams


def streams(*calls: str) -> list[tuple[str, str, str]]:
    return [(one.stdin, one.stdout, one.stderr) for one in details(*calls) if isinstance(one, ProcessExec)]


TCP = "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3"


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ((FORK, SHELL), ("", "", "")),
        ((TCP, FORK, "@11 dup2(3, 0) = 0", "@11 dup2(3, 1) = 1", "@11 dup2(3, 2) = 2", SHELL), ("socket AF_INET",) * 3),
        ((TCP, "dup2(3, 0) = 0", "dup3(3, 1, 0) = 1", "fcntl(3, F_DUPFD, 2) = 2", FORK, SHELL), ("socket AF_INET",) * 3),
        (("pipe2([3, 4], O_CLOEXEC) = 0", FORK, "@11 dup2(4, 1) = 1", "@11 dup2(1, 2) = 2", SHELL), ("", "pipe", "pipe")),
        (('openat(AT_FDCWD, "/dev/null", O_RDWR) = 3', FORK, "@11 dup2(3, 0) = 0", SHELL), ("/dev/null", "", "")),
        (("socketpair(AF_UNIX, SOCK_STREAM, 0, [4, 5]) = 0", FORK, "@11 dup2(5, 0) = 0", SHELL), ("socket AF_UNIX", "", "")),
        ((FORK, "@11 dup2(1, 2) = 2", SHELL), ("", "", "")),
        ((FORK, "@11 epoll_create1(0) = 0", SHELL), ("?", "", "")),
    ],
)  # fmt: skip
def test_standard_streams_of_a_program(calls: tuple[str, ...], expected: tuple[str, str, str]) -> None:
    assert streams(*calls) == [expected]


def test_streams_saved_and_put_back_are_the_phases_own_again() -> None:
    saved = ("fcntl(1, F_DUPFD, 10) = 10", OUT, "dup2(3, 1) = 1", 'write(1, "a", 1) = 1', "dup2(10, 1) = 1")
    assert details(*saved, 'write(1, "b", 1) = 1')[1:] == [
        FileWrite("/home/u/out", "write", 1, "a", ""),
        ConsoleWrite("stdout", 1, "b"),
    ]


def test_the_drivers_standard_input_is_the_phases_own() -> None:
    null = ('openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3', "dup2(3, 0) = 0", FORK)
    again = ("@11 dup2(3, 0) = 0", SHELL)
    command = f'execve("{COMMAND}", ["python", "/srv/runner/driver.py", "--progress", "7"], 0x7) = 0'

    def stdin(*calls: str) -> str:
        found = trace(text_log(lines(*calls, command=command)), COMMAND, "/home/u").acts
        return [act.detail.stdin for act in found if isinstance(act.detail, ProcessExec)][-1]

    assert stdin(*null, SHELL) == ""
    assert stdin(*null, *again) == "/dev/null"
    assert streams(*null, SHELL) == [("/dev/null", "", "")]


# Programs in memory

MEMFD = 'memfd_create("evil", MFD_CLOEXEC) = 5'


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ('execve("/proc/self/fd/5", ["x"], 0x7) = 0', "memfd:evil"),
        ('execve("/proc/7/fd/5", ["x"], 0x7) = 0', "memfd:evil"),
        ('execve("/dev/fd/5", ["x"], 0x7) = 0', "memfd:evil"),
        ('execveat(5, "", ["x"], 0x7, AT_EMPTY_PATH) = 0', "memfd:evil"),
        ('execve("/proc/8/fd/5", ["x"], 0x7) = 0', "/proc/8/fd/5"),
        ('execve("/proc/self/fd/6", ["x"], 0x7) = 0', "/proc/self/fd/6"),
        ('execve("/proc/self/fd/1", ["x"], 0x7) = 0', "/proc/self/fd/1"),
    ],
)
def test_a_program_in_memory_is_named_by_its_file(call: str, path: str) -> None:
    (_, found) = details(MEMFD, call)
    assert isinstance(found, ProcessExec)
    assert found.path == path


# What outlived the command

LEFT = (FORK, "+++ exited with 0 +++", "@11 +5 +++ killed by SIGKILL +++")


def outlived(*calls: str, cut: float) -> list[tuple[float, int]]:
    found = trace(text_log(lines(*calls)), COMMAND, "/home/u", cut).acts
    return [(act.time, act.process.pid) for act in found if isinstance(act.detail, ProcessOutlive)]


def test_a_process_that_the_supervisor_had_to_end_outlived_the_command() -> None:
    act = trace(text_log(lines(*LEFT)), COMMAND, "/home/u", 1004.9).acts[-1]
    assert act.detail == ProcessOutlive(COMMAND, "python", ("python",))
    assert (act.time, act.process.pid, act.line) == (1005, 11, 5)


@pytest.mark.parametrize(
    ("calls", "cut"),
    [
        (LEFT, 0.0),
        (LEFT, 1006.0),
        ((FORK, "@11 +5 +++ killed by SIGKILL +++", "+5.1 +++ killed by SIGKILL +++"), 1004.9),
        ((FORK, "+++ exited with 0 +++", "@11 +5 +++ exited with 0 +++"), 1004.9),
        ((FORK, "+++ exited with 0 +++", "@11 +5 +++ killed by SIGTERM +++"), 1004.9),
        ((THREAD, "@11 +++ exited with 0 +++", "+5 +++ killed by SIGKILL +++"), 1004.9),
        ((FORK,), 1004.9),
    ],
    ids=["nothing was cut", "before", "with the command", "by itself", "another signal", "a thread", "still there"],
)
def test_what_did_not_outlive_it(calls: tuple[str, ...], cut: float) -> None:
    assert outlived(*calls, cut=cut) == []


UNTRACED = "clone(child_stack=NULL, flags=CLONE_UNTRACED|SIGCHLD) = "


def test_a_child_that_strace_is_not_told_of_is_counted() -> None:
    assert run(UNTRACED + "11").unfollowed == 1
    assert run(UNTRACED + "-1 EPERM (Operation not permitted)", FORK).unfollowed == 0


def test_an_answer_of_straces_own_is_an_attempt() -> None:
    (act,) = acts("ptrace(PTRACE_ATTACH, 7) = 0 (INJECTED)")
    assert act.outcome == "attempted"


def test_a_foreign_call_is_an_attempt() -> None:
    facts = (
        "si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x40, si_syscall=359 /* socket */, si_arch=AUDIT_ARCH_I386"
    )
    (act,) = acts(f"--- SIGSYS {{{facts}}} ---")
    assert (act.detail, act.outcome) == (ProcessAbi("i386", "socket", "SIGSYS"), "attempted")
