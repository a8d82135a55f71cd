from __future__ import annotations

import pytest

from analyzer.model.event import (
    ConsoleWrite,
    Detail,
    FileCreate,
    FileDelete,
    FileLink,
    FileMode,
    FileOpen,
    FileQuery,
    FileRead,
    FileRename,
    FileWrite,
    Race,
    SocketReceive,
    SocketSend,
)
from tests.unit.trace.making import acts, details

FD = 'openat(AT_FDCWD, "sub", O_RDONLY|O_DIRECTORY) = 3'
READ = ("O_RDONLY",)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('open("/a", O_RDONLY) = 3', FileOpen("/a", "read", READ, "")),
        ('openat(AT_FDCWD, "a", O_RDONLY) = 3', FileOpen("/home/u/a", "read", READ, "")),
        ('openat(AT_FDCWD, "../../etc/./x", O_RDONLY) = 3', FileOpen("/etc/x", "read", READ, "")),
        ('openat(AT_FDCWD, "//etc//x", O_RDONLY) = 3', FileOpen("/etc/x", "read", READ, "")),
        ('openat(AT_FDCWD, "a\\nb, c", O_RDONLY) = 3', FileOpen("/home/u/a\nb, c", "read", READ, "")),
        ('openat(AT_FDCWD, "\\377", O_RDONLY) = 3', FileOpen("/home/u/\udcff", "read", READ, "")),
        ('openat(9, "a", O_RDONLY) = 3', FileOpen("?/a", "read", READ, "")),
        ("openat(AT_FDCWD, 0x1, O_RDONLY) = -1 EFAULT (Bad address)", FileOpen("0x1", "read", READ, "EFAULT")),
        ('open("/a", O_WRONLY|O_CREAT, 0644) = 3', FileOpen("/a", "write", ("O_WRONLY", "O_CREAT"), "")),
        ('open("/a", O_RDWR) = -1 EACCES (Permission denied)', FileOpen("/a", "read-write", ("O_RDWR",), "EACCES")),
        ('creat("/a", 0644) = 3', FileOpen("/a", "write", ("O_WRONLY", "O_CREAT", "O_TRUNC"), "")),
        (
            'openat2(AT_FDCWD, "a", {flags=O_WRONLY, resolve=0}, 24) = 3',
            FileOpen("/home/u/a", "write", ("O_WRONLY",), ""),
        ),
        ('rename("a", "a.locked") = 0', FileRename("/home/u/a", "/home/u/a.locked", ".locked", "")),
        ('rename("a", "a/b") = 0', FileRename("/home/u/a", "/home/u/a/b", "", "")),
        ('rename("a", "/x/a.locked") = 0', FileRename("/home/u/a", "/x/a.locked", "", "")),
        ('access("a", R_OK) = 0', FileQuery("/home/u/a", "access", "")),
        ('faccessat(AT_FDCWD, "a", W_OK) = -1 ENOENT (x)', FileQuery("/home/u/a", "faccessat", "ENOENT")),
        ('faccessat2(9, "a", F_OK, AT_EACCESS) = 0', FileQuery("?/a", "faccessat2", "")),
        ('rename("a", "/b") = 0', FileRename("/home/u/a", "/b", "", "")),
        ('rename("a", "b") = -1 EXDEV (Invalid cross-device link)', FileRename("/home/u/a", "/home/u/b", "", "EXDEV")),
        ('renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE) = 0', FileRename("/home/u/a", "/home/u/b", "", "")),
        ('unlink("a") = 0', FileDelete("/home/u/a", directory=False, error="")),
        ('rmdir("a") = 0', FileDelete("/home/u/a", directory=True, error="")),
        ('unlinkat(AT_FDCWD, "a", AT_REMOVEDIR) = 0', FileDelete("/home/u/a", directory=True, error="")),
        ('mkdir("a", 0777) = 0', FileCreate("/home/u/a", "directory", "")),
        ('mknodat(AT_FDCWD, "p", S_IFIFO|0666) = 0', FileCreate("/home/u/p", "fifo", "")),
        ('mknod("p", S_IFSOCK|0666) = 0', FileCreate("/home/u/p", "socket", "")),
        ('mknod("p", S_IFBLK|0666, makedev(8, 0)) = -1 EPERM (x)', FileCreate("/home/u/p", "device", "EPERM")),
        ('link("a", "b") = 0', FileLink("/home/u/b", "/home/u/a", symbolic=False, error="")),
        ('symlink("../x, y", "l") = 0', FileLink("/home/u/l", "../x, y", symbolic=True, error="")),
        ('symlinkat("x", AT_FDCWD, "l") = 0', FileLink("/home/u/l", "x", symbolic=True, error="")),
        ('chmod("a", 04755) = 0', FileMode("/home/u/a", "chmod", "4755", "")),
        ('chmod("a", 000) = 0', FileMode("/home/u/a", "chmod", "0", "")),
        ('fchmodat(AT_FDCWD, "a", 0600) = 0', FileMode("/home/u/a", "fchmodat", "600", "")),
        ('chown("a", 0, 0) = -1 EPERM (x)', FileMode("/home/u/a", "chown", "", "EPERM")),
        ('setxattr("a", "system.posix_acl_access", "x", 1, 0) = 0', FileMode("/home/u/a", "setxattr", "", "")),
        ('truncate("a", 3) = 0', FileWrite("/home/u/a", "truncate", 0, "", "")),
    ],
)
def test_one_call(call: str, expected: Detail) -> None:
    assert details(call) == [expected]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('openat(3, "a", O_RDONLY) = 4', FileOpen("/home/u/sub/a", "read", READ, "")),
        ('openat(3, "../a", O_RDONLY) = 4', FileOpen("/home/u/a", "read", READ, "")),
        ('openat(3, "/a", O_RDONLY) = 4', FileOpen("/a", "read", READ, "")),
        (
            'linkat(3, "f", 3, "g", AT_SYMLINK_FOLLOW) = 0',
            FileLink("/home/u/sub/g", "/home/u/sub/f", symbolic=False, error=""),
        ),
        ("fchmod(3, 000) = 0", FileMode("/home/u/sub", "fchmod", "0", "")),
        ("fchown(3, -1, -1) = 0", FileMode("/home/u/sub", "fchown", "", "")),
    ],
)
def test_calls_with_a_descriptor(call: str, expected: Detail) -> None:
    assert details(FD, call)[1:] == [expected]


@pytest.mark.parametrize(
    "call",
    ["write(3, 0x1, 5) = -1 EFAULT (x)",
     'truncate("a", 3) = -1 ENOENT (x)', "ftruncate(9, 0) = 0", "fcntl(1, F_GETFL) = 0x8001 (flags O_WRONLY)"],
)  # fmt: skip
def test_nothing_happened_to_a_file(call: str) -> None:
    assert details(call) == []


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('write(1, "hello", 5) = 5', ConsoleWrite("stdout", 5, "hello")),
        ('write(2, "e\\33[", 3) = 3', ConsoleWrite("stderr", 3, "e\x1b[")),
        ('writev(2, [{iov_base="a", iov_len=1}, {iov_base="b", iov_len=1}], 2) = 2', ConsoleWrite("stderr", 2, "ab")),
        ("sendfile(1, 9, NULL, 70) = 70", ConsoleWrite("stdout", 70, "")),
    ],
)
def test_output(call: str, expected: ConsoleWrite) -> None:
    assert details(call) == [expected]


@pytest.mark.parametrize("call", ['write(0, "x", 1) = 1', 'write(1, "x", 1) = -1 EPIPE (x)', 'write(1, "x", 1) = ?'])
def test_no_output(call: str) -> None:
    assert details(call) == []


def test_chdir_and_fchdir_move_relative_paths() -> None:
    found = details(
        'chdir("/x") = 0',
        'unlink("a") = 0',
        'chdir("nowhere") = -1 ENOENT (x)',
        'unlink("b") = 0',
        FD,
        "fchdir(3) = 0",
        'unlink("c") = 0',
    )
    assert [one.path for one in found if isinstance(one, FileDelete)] == ["/x/a", "/x/b", "/x/sub/c"]


@pytest.mark.parametrize(
    ("call", "size", "head", "source"),
    [
        ('write(3, "hello\\0\\377", 7) = 7', 7, "hello\0\\xff", ""),
        ('write(3, "' + "z" * 90 + '"..., 900) = 900', 900, "z" * 64, ""),
        ('writev(3, [{iov_base="a", iov_len=1}, {iov_base="b", iov_len=1}], 2) = 2', 2, "ab", ""),
        ('pwrite64(3, "x", 1, 0) = 1', 1, "x", ""),
        ("sendfile(3, 4, [0] => [70], 70) = 70", 70, "", "/home/u/in"),
        ("sendfile(3, 9, NULL, 70) = 70", 70, "", ""),
        ("copy_file_range(4, NULL, 3, NULL, 12, 0) = 12", 12, "", "/home/u/in"),
        ("splice(4, NULL, 3, NULL, 12, 0) = 11", 11, "", "/home/u/in"),
        ("ftruncate(3, 0) = 0", 0, "", ""),
    ],
)
def test_bytes_into_a_file(call: str, size: int, head: str, source: str) -> None:
    out = 'openat(AT_FDCWD, "out", O_WRONLY|O_CREAT, 0666) = 3'
    found = details(out, 'openat(AT_FDCWD, "in", O_RDONLY) = 4', call)[2:]
    name = call.split("(")[0]
    read = [FileRead(source, name, size)] if source else []
    assert found == [*read, FileWrite("/home/u/out", name, size, head, source)]


@pytest.mark.parametrize(
    "call",
    [
        'read(3, "hello"..., 4096) = 70',
        'readv(3, [{iov_base="hello"..., iov_len=4096}], 1) = 70',
        'pread64(3, "hello"..., 4096, 0) = 70',
        'preadv(3, [{iov_base="hello"..., iov_len=4096}], 1, 0) = 70',
        'preadv2(3, [{iov_base="hello"..., iov_len=4096}], 1, 0, 0) = 70',
        "mmap(NULL, 70, PROT_READ, MAP_SHARED, 3, 0) = 0x7f",
        "mmap(NULL, 70, PROT_READ|PROT_WRITE, MAP_PRIVATE, 3, 0) = 0x7f",
        "sendfile(9, 3, NULL, 4096) = 70",
    ],
)
def test_a_file_is_read_once_for_each_descriptor(call: str) -> None:
    opened = 'openat(AT_FDCWD, "in", O_RDONLY) = 3'
    told = FileRead("/home/u/in", call.split("(")[0], 70)
    assert reads(opened, call, call, "dup(3) = 4", call.replace("(3", "(4")) == [told]
    assert reads(opened, call, opened, call) == [told, told]


@pytest.mark.parametrize(
    "call",
    [
        'read(3, "", 4096) = 0',
        "read(3, 0x7f, 4096) = -1 EISDIR (Is a directory)",
        "read(3, 0x7f, 4096) = ?",
        'read(0, "line\n", 4096) = 5',
        'read(9, "?", 4096) = 1',
        "mmap(NULL, 70, PROT_READ, MAP_SHARED, 3, 0) = -1 ENODEV (x)",
        "mmap(NULL, 70, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = 0x7f",
        "mmap(NULL, 70, PROT_READ|PROT_EXEC, MAP_PRIVATE, 3, 0) = 0x7f",
        "mmap(NULL, 70, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f",
        "sendfile(9, 3, NULL, 4096) = 0",
    ],
)
def test_no_bytes_of_a_file(call: str) -> None:
    assert reads('openat(AT_FDCWD, "in", O_RDONLY) = 3', call) == []


def test_a_pipe_is_no_file_and_a_socket_receives() -> None:
    assert reads("pipe2([3, 4], 0) = 0", 'read(3, "x", 9) = 1') == []
    connected = 'connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16) = 0'
    found = details("socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3", connected, 'read(3, "\\27\\3", 5) = 5')
    assert found[2:] == [SocketReceive("AF_INET", "SOCK_STREAM", "192.0.2.7", 443, 5, "")]


def reads(*calls: str) -> list[FileRead]:
    return [one for one in details(*calls) if isinstance(one, FileRead)]


@pytest.mark.parametrize(
    "copy",
    [
        "dup(3) = 9",
        "dup2(3, 9) = 9",
        "dup3(3, 9, O_CLOEXEC) = 9",
        "fcntl(3, F_DUPFD, 9) = 9",
        "fcntl(3, F_DUPFD_CLOEXEC, 9) = 9",
    ],
)
def test_copies_of_a_descriptor(copy: str) -> None:
    opening = 'openat(AT_FDCWD, "out", O_WRONLY) = 3'
    assert details(opening, copy, 'write(9, "x", 1) = 1')[1:] == [FileWrite("/home/u/out", "write", 1, "x", "")]


@pytest.mark.parametrize(
    "taker", ["pipe2([3, 4], O_CLOEXEC) = 0", "epoll_create1(EPOLL_CLOEXEC) = 3", "bpf(BPF_MAP_CREATE, {}, 8) = 3"]
)
def test_a_number_taken_by_something_else_is_no_file_any_more(taker: str) -> None:
    found = details('openat(AT_FDCWD, "out", O_WRONLY) = 3', taker, 'write(3, "x", 1) = 1')
    assert not [one for one in found if isinstance(one, FileWrite)]


def test_a_file_in_memory() -> None:
    assert details('memfd_create("na,me", MFD_CLOEXEC) = 5', 'write(5, "x", 1) = 1')[1:] == [
        FileWrite("memfd:na,me", "write", 1, "x", "")
    ]


def test_sendfile_to_a_socket_is_a_send() -> None:
    *_, last = details(
        "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 4",
        'connect(4, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("192.0.2.1")}, 16) = 0',
        "sendfile(4, 6, [0] => [6], 6) = 6",
    )
    assert last == SocketSend("AF_INET", "SOCK_STREAM", "192.0.2.1", 80, 6, "", "")


@pytest.mark.parametrize(
    ("result", "outcome"),
    [("= 0", "completed"), ("= -1 ENOENT (x)", "attempted"), ("= ?", "attempted")],
)
def test_outcome(result: str, outcome: str) -> None:
    (act,) = acts(f'unlink("a") {result}')
    assert act.outcome == outcome


def test_what_is_opened_has_the_kernels_own_path() -> None:
    opened = details('openat(AT_FDCWD</home/u>, "link", O_RDONLY) = 3</etc/shadow>', 'read(3</etc/shadow>, "x", 9) = 1')
    assert opened == [
        FileOpen("/etc/shadow", "read", READ, "", asked="/home/u/link"),
        FileRead("/etc/shadow", "read", 1, asked="/home/u/link"),
    ]


def test_links_that_were_seen_are_followed() -> None:
    made = details(
        'symlink("/etc", "/tmp/l") = 0', 'chmod("/tmp/l/x", 0600) = 0', 'unlink("/tmp/l/y") = -1 EACCES (x)', 'unlink("/tmp/l") = 0',
        'chmod("/tmp/l/x", 0600) = -1 ENOENT (x)',
    )  # fmt: skip
    assert made == [
        FileLink("/tmp/l", "/etc", symbolic=True, error=""),
        FileMode("/etc/x", "chmod", "600", "", asked="/tmp/l/x"),
        FileDelete("/etc/y", directory=False, error="EACCES", asked="/tmp/l/y"),
        FileDelete("/tmp/l", directory=False, error=""),
        FileMode("/tmp/l/x", "chmod", "600", "ENOENT"),
    ]


def test_a_path_that_was_changed_meanwhile_is_told_with_both() -> None:
    opened = details('openat(AT_FDCWD</home/u>, "/etc/hostname", O_RDONLY) = 3</home/u/.ssh/id_rsa>')
    assert opened == [
        FileOpen("/home/u/.ssh/id_rsa", "read", READ, "", asked="/etc/hostname"),
        Race("openat", "/etc/hostname", "/home/u/.ssh/id_rsa"),
    ]


def test_a_file_without_a_name_has_its_folders() -> None:
    call = 'openat(AT_FDCWD</home/u>, "d", O_RDWR|O_TMPFILE, 0600) = 3</home/u/d/#17>(deleted)'
    assert details(call) == [FileOpen("/home/u/d", "read-write", ("O_RDWR", "O_TMPFILE"), "")]
