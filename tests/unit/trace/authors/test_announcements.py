"""Which announcement is an act's: by who wrote it, in which thread, and what followed it there."""

from __future__ import annotations

import json

import pytest

from tests.unit.trace.making import SITE, lines, one, probe_line, step

PIPE = 'openat(AT_FDCWD, "/run/session/events", O_WRONLY|O_CLOEXEC) = 899'
THREAD = "clone(flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 8 /* 11 in strace's PID NS */"
SOCKET = "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3"
SEND = 'sendto(3, "x", 1, 0, NULL, 0) = 1'
HELPER = f"{SITE}/helper.py"


def written(line: str) -> str:
    """The system call that wrote a probe's line."""
    text = json.dumps(line)[:300].rstrip('"')
    return f'write(899, "{text.removeprefix(chr(34))}"..., {len(line)}) = {len(line)}'


def line_of(log: list[str], *probe: str, kind: str, **fields: object) -> int | None:
    location = one(step(log, *probe), kind, **fields).location
    return location.line if location is not None else None


def test_the_order_of_writing_decides_and_no_clock() -> None:
    """The announcement's own time may be early or late by more than there is between two acts."""
    first, second = (probe_line(at, "os.remove", "a", line=line) for at, line in ((0.3012, 1), (0.3025, 2)))
    log = lines(PIPE, written(first), '+0.302 unlink("a") = 0', written(second), 'unlink("a") = 0')
    found = [event.location for event in step(log, first, second).events if event.kind == "file.delete"]
    assert [location.line for location in found if location] == [1, 2]


def test_each_thread_has_its_own() -> None:
    main, other = probe_line(0.4, "socket.sendall", line=1), probe_line(0.5, "socket.sendall", line=2)
    log = lines(PIPE, SOCKET, THREAD, written(main), "@11 " + written(other), SEND, "@11 " + SEND)
    found = [event.location for event in step(log, main, other).events if event.kind == "socket.send"]
    assert [location.line for location in found if location] == [1, 2]


def test_another_threads_counts_where_it_names_the_same_file() -> None:
    probe = [probe_line(0.4, "open", "/x/a", line=1), probe_line(0.5, "socket.recv", line=2)]
    log = lines(PIPE, SOCKET, THREAD, *map(written, probe), '@11 openat(AT_FDCWD, "/x/a", O_RDONLY) = 5', "@11 " + SEND)
    assert line_of(log, *probe, kind="file.open", path="/x/a") == 1
    assert line_of(log, *probe, kind="socket.send") is None


def test_a_thread_without_a_word_is_of_who_started_it() -> None:
    probe = probe_line(0.3, "_thread.start_new_thread", line=4, file=HELPER)
    log = lines(PIPE, written(probe), THREAD, '@11 mount("a", "/b", "c", 0, NULL) = 0')
    event = one(step(log, probe), "process.control", call="mount")
    assert (event.location.line if event.location else 0, event.attribution) == (4, "dependency")


def test_who_wrote_a_line_counts_and_not_who_it_says() -> None:
    """A process may put any number into a line that it writes itself."""
    forged = probe_line(0.5, "os.remove", "a", pid=7, line=9, file=HELPER)
    fork = "fork() = 8 /* 11 in strace's PID NS */"
    log = lines(PIPE, fork, "@11 " + written(forged), 'unlink("a") = 0')
    assert line_of(log, forged, kind="file.delete") is None


def test_what_one_program_announced_is_not_the_next_ones() -> None:
    probe = [probe_line(0.3, "socket.sendall", line=1), probe_line(0.4, "os.exec", "/bin/x", line=2)]
    log = lines(PIPE, SOCKET, *map(written, probe), 'execve("/bin/x", ["x"], 0x7) = 0', SEND)
    assert line_of(log, *probe, kind="process.exec", program="x") == 2
    assert line_of(log, *probe, kind="socket.send") == 2  # of the line that started the program


def test_a_program_named_by_its_descriptor() -> None:
    probe = probe_line(0.3, "os.exec", "5", "x", line=2)
    log = lines(PIPE, 'memfd_create("x", 0) = 5', written(probe), 'execveat(5, "", ["x"], 0x7, AT_EMPTY_PATH) = 0')
    assert line_of(log, probe, kind="process.exec", program="memfd:x") == 2


@pytest.mark.parametrize(("seconds", "found"), [(0.9, 3), (1.5, None)])
def test_what_a_module_in_c_does_as_it_is_loaded(seconds: float, found: int | None) -> None:
    probe = probe_line(0.2, "import.native", "helper.c", f"{SITE}/helper.py", line=3)
    log = lines(PIPE, written(probe), f'+{0.3 + seconds} mount("a", "/b", "c", 0, NULL) = 0')
    event = one(step(log, probe), "process.control", call="mount")
    assert (event.location.line if event.location else None) == found
    assert event.attribution == ("dependency" if found else "package")  # of the distribution whose the module is


def test_a_module_in_c_is_not_behind_what_was_announced_since() -> None:
    probe = [probe_line(0.2, "import.native", "helper.c", f"{SITE}/helper.py"), probe_line(0.3, "time.time", line=5)]
    log = lines(PIPE, *map(written, probe), 'mount("a", "/b", "c", 0, NULL) = 0')
    assert line_of(log, *probe, kind="process.control", call="mount") is None


@pytest.mark.parametrize(
    ("call", "kind", "name", "arguments"),
    [
        ('mount("a", "/b", "c", 0, NULL) = 0', "process.control", "ctypes.dlsym", ("<CDLL>", "mount")),
        ('mount("a", "/b", "c", 0, NULL) = 0', "process.control", "ctypes.call", ("syscall",)),
        ("setuid(0) = -1 EPERM (no)", "process.control", "os.setuid", ()),
        ('chdir("/x/y") = 0', "process.control", "os.chdir", ("y",)),
        ("pipe2([4, 5], O_CLOEXEC) = 0", "process.pipe", "os.pipe", ()),
        ('openat(AT_FDCWD, "/x/y", O_RDONLY|O_DIRECTORY) = 4', "file.open", "os.listdir", ("/x/y",)),
        ('openat(AT_FDCWD, "/x/y.so", O_RDONLY|O_CLOEXEC) = 4', "file.open", "ctypes.dlopen", ("/x/y.so",)),
        ('openat(AT_FDCWD, "/x/y.so", O_RDONLY|O_CLOEXEC) = 4', "file.open", "import.native", ("y", "/x/y.so")),
        ('openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 4', "file.open", "pwd.getpwall", ()),
        ('openat(AT_FDCWD, "/etc/group", O_RDONLY|O_CLOEXEC) = 4', "file.open", "grp.getgrall", ()),
        ('openat(AT_FDCWD, "/dev/shm/a", O_RDWR|O_CREAT, 0600) = 4', "file.open", "shared_memory.open", ()),
        ('openat(AT_FDCWD, "/x/a.db-journal", O_RDWR|O_CREAT, 0600) = 4', "file.open", "sqlite3.execute", ()),
        ("fchmod(7, 0755) = 0", "file.mode", "os.chmod", ("7", "493")),
        (
            "clone(flags=SIGCHLD) = 2 /* 11 in strace's PID NS */",
            "process.create",
            "ctypes.dlsym",
            ("<CDLL>", "system"),
        ),
        ("clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=0}, NULL) = 0", "process.sleep", "time.sleep", ()),
        ("setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0", "socket.option", "socket.setsockopt", ()),
        ('recvfrom(3, "x", 1, 0, NULL, NULL) = 1', "socket.receive", "socket.recvfrom", ()),
        ('sendto(3, "x", 1, 0, NULL, 0) = 1', "socket.send", "ssl.handshake", ()),
        ('sendto(3, "x", 1, 0, NULL, 0) = 1', "socket.send", "socket.connect", ("<socket>", "192.0.2.1 80")),
    ],
)
def test_joins(call: str, kind: str, name: str, arguments: tuple[str, ...]) -> None:
    probe = probe_line(0.4, name, *arguments, line=42)
    assert line_of(lines(PIPE, SOCKET, written(probe), call), probe, kind=kind) == 42


@pytest.mark.parametrize(
    ("call", "kind", "name", "arguments"),
    [
        ('mount("a", "/b", "c", 0, NULL) = 0', "process.control", "ctypes.dlsym", ("<CDLL>", "getpid")),
        ("setuid(0) = -1 EPERM (no)", "process.control", "os.setgid", ()),
        ('openat(AT_FDCWD, "/x/y", O_RDONLY) = 4', "file.open", "pwd.getpwall", ()),
        ('openat(AT_FDCWD, "/x/y", O_RDONLY) = 4', "file.open", "sqlite3.execute", ()),
        ('fchmod(7, 0755) = 0', "file.mode", "os.chmod", ("/x/other", "493")),
        ('sendto(3, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("192.0.2.1")}, 16) = 1',
         "socket.send", "socket.getaddrinfo", ("a.example", "80")),
    ],
)  # fmt: skip
def test_what_is_about_something_else(call: str, kind: str, name: str, arguments: tuple[str, ...]) -> None:
    probe = probe_line(0.4, name, *arguments, line=42)
    assert line_of(lines(PIPE, SOCKET, written(probe), call), probe, kind=kind) is None


def test_some_do_not_go_out_of_date() -> None:
    probe = [probe_line(0.4, "socket.sendall", line=1), probe_line(0.41, "os.remove", "a", line=2)]
    log = lines(PIPE, SOCKET, *map(written, probe), "+90 " + SEND, '+91 unlink("a") = 0')
    assert line_of(log, *probe, kind="socket.send") == 1
    assert line_of(log, *probe, kind="file.delete") is None
