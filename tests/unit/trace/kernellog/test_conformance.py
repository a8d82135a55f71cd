"""The same call, as strace's line and as the kernel tracer's records, is the same item. The lines are strace 6.1's."""

from __future__ import annotations

import struct

import pytest

from analyzer.trace.kernellog.tables import AARCH64, I386, X32, call_numbers
from analyzer.trace.logs import strace
from analyzer.trace.logs.literals import Struct
from analyzer.trace.logs.strace import Syscall
from tests.unit.trace.kernel_logs import (
    AT_FDCWD,
    SOMEWHERE,
    Chunk,
    Log,
    buffer,
    inet,
    ints,
    iovec,
    sockaddr,
    strings,
    structure,
    text,
)

IN6 = struct.pack("<H", 10) + struct.pack(">HI", 443, 7) + bytes.fromhex("20010db8000000000000000000000005") + bytes(4)
ACTION = struct.pack("<QQQQ", 1, 0x0C000000, 0x7F11, 2)
OLD = struct.pack("<QQQQ", 0, 0, 0, 0)

CALLS: list[tuple[str, tuple[int, ...], int, tuple[Chunk, ...], tuple[Chunk, ...], str]] = [
    ("openat", (AT_FDCWD, SOMEWHERE, 0o2010000 | 0o1101 | 0o4000000, 0o644), 3, (text(1, b"/tmp/a\n\"b,"),), (),
     'openat(AT_FDCWD, "/tmp/a\\n\\"b,", O_WRONLY|O_CREAT|O_TRUNC|O_SYNC|O_CLOEXEC, 0644) = 3'),
    ("openat", (AT_FDCWD, SOMEWHERE, 0o22200002, 0o600), 4, (text(1, b"/tmp"),), (),
     'openat(AT_FDCWD, "/tmp", O_RDWR|O_CLOEXEC|O_TMPFILE, 0600) = 4'),
    ("openat", (12345, 1, 3), -14, (), (), "openat(12345, 0x1, O_ACCMODE) = -1 EFAULT (Bad address)"),
    ("openat", (AT_FDCWD, 0, 0), -14, (), (), "openat(AT_FDCWD, NULL, O_RDONLY) = -1 EFAULT (Bad address)"),
    ("openat2", (AT_FDCWD, SOMEWHERE, SOMEWHERE, 24), -18, (text(1, b"a"), structure(2, struct.pack("<QQQ", 0o2000002, 0, 10))), (),
     'openat2(AT_FDCWD, "a", {flags=O_RDWR|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH}, 24) = -1 EXDEV (x)'),
    ("write", (3, SOMEWHERE, 7), 7, (buffer(1, b"hello\n\xff"),), (), 'write(3, "hello\\n\\377", 7) = 7'),
    ("write", (3, SOMEWHERE, 700), 700, (buffer(1, b"hello"),), (), 'write(3, "hello"..., 700) = 700'),
    ("writev", (3, SOMEWHERE, 1), 3, (iovec(1, b"aaa"),), (), 'writev(3, [{iov_base="aaa", iov_len=3}], 1) = 3'),
    ("renameat2", (AT_FDCWD, SOMEWHERE, AT_FDCWD, SOMEWHERE, 1), 0, (text(1, b"a"), text(3, b"b")), (),
     'renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE) = 0'),
    ("unlinkat", (AT_FDCWD, SOMEWHERE, 0x200), 0, (text(1, b"d"),), (), 'unlinkat(AT_FDCWD, "d", AT_REMOVEDIR) = 0'),
    ("mknodat", (AT_FDCWD, SOMEWHERE, 0o10644, 0), 0, (text(1, b"n"),), (), 'mknodat(AT_FDCWD, "n", S_IFIFO|0644) = 0'),
    ("mknod", (SOMEWHERE, 0o20644, 0x103), 0, (text(0, b"n"),), (), 'mknod("n", S_IFCHR|0644, makedev(0x1, 0x3)) = 0'),
    ("fchmod", (3, 0), 0, (), (), "fchmod(3, 000) = 0"),
    ("mkdir", (SOMEWHERE, 0o7755), 0, (text(0, b"d"),), (), 'mkdir("d", 07755) = 0'),
    ("chown", (SOMEWHERE, 0xFFFFFFFF, 0), 0, (text(0, b"y"),), (), 'chown("y", -1, 0) = 0'),
    ("setxattr", (SOMEWHERE, SOMEWHERE, SOMEWHERE, 3, 1), 0, (text(0, b"y"), text(1, b"user.a"), buffer(2, b"v\0w")), (),
     'setxattr("y", "user.a", "v\\0w", 3, XATTR_CREATE) = 0'),
    ("utimensat", (3, 0, 0, 0), 0, (), (), "utimensat(3, NULL, NULL, 0) = 0"),
    ("utimensat", (AT_FDCWD, SOMEWHERE, SOMEWHERE, 0x100), 0,
     (text(1, b"y"), structure(2, struct.pack("<4q", 0, 0x3FFFFFFF, 0, 0x3FFFFFFE))), (),
     'utimensat(AT_FDCWD, "y", [UTIME_NOW, UTIME_OMIT], AT_SYMLINK_NOFOLLOW) = 0'),
    ("access", (SOMEWHERE, 5), -13, (text(0, b"y"),), (), 'access("y", R_OK|X_OK) = -1 EACCES (Permission denied)'),
    ("flock", (3, 6), 0, (), (), "flock(3, LOCK_EX|LOCK_NB) = 0"),
    ("fcntl", (3, 6, SOMEWHERE), 0, (structure(2, struct.pack("<hh4xqqi4x", 1, 0, 1, 5, 0)),), (),
     "fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=1, l_len=5}) = 0"),
    ("fcntl", (3, 1030, 7), 7, (), (), "fcntl(3, F_DUPFD_CLOEXEC, 7) = 7"),
    ("fcntl", (3, 2, 1), 0, (), (), "fcntl(3, F_SETFD, FD_CLOEXEC) = 0"),
    ("fcntl", (3, 3, 0), 0x8000, (), (), "fcntl(3, F_GETFL) = 0x8000 (flags O_RDONLY|O_LARGEFILE)"),
    ("pipe2", (SOMEWHERE, 0o4000), 0, (), (ints(0, 11, 12),), "pipe2([11, 12], O_NONBLOCK) = 0"),
    ("mmap", (0, 4096, 7, 0x22, 0xFFFFFFFF, 0), 0x7F6657816000, (), (),
     "mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f6657816000"),
    ("mprotect", (0x7000, 4096, 0), -12, (), (), "mprotect(0x7000, 4096, PROT_NONE) = -1 ENOMEM (Cannot allocate memory)"),
    ("shmget", (0, 4096, 0o1600), 2, (), (), "shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600) = 2"),
    ("rt_sigaction", (10, SOMEWHERE, SOMEWHERE, 8), 0, (structure(1, ACTION),), (structure(2, OLD),),
     ("rt_sigaction(SIGUSR1, {sa_handler=SIG_IGN, sa_mask=[INT], sa_flags=SA_RESTORER|SA_ONSTACK, sa_restorer=0x7f11},"
      " {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, 8) = 0")),
    ("prlimit64", (0, 7, SOMEWHERE, 0), -1, (structure(2, struct.pack("<QQ", 256, 1024 * 1024)),), (),
     "prlimit64(0, RLIMIT_NOFILE, {rlim_cur=256, rlim_max=1024*1024}, NULL) = -1 EPERM (Operation not permitted)"),
    ("clock_nanosleep", (0, 1, SOMEWHERE, 0), 0, (structure(2, struct.pack("<qq", 1, 1)),), (),
     "clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, {tv_sec=1, tv_nsec=1}, NULL) = 0"),
    ("ptrace", (0, 0, 0, 0), -1, (), (), "ptrace(PTRACE_TRACEME) = -1 EPERM (Operation not permitted)"),
    ("ptrace", (16, 99999, 0, 0), -1, (), (), "ptrace(PTRACE_ATTACH, 99999) = -1 EPERM (Operation not permitted)"),
    ("prctl", (4, 0), 0, (), (), "prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0"),
    ("prctl", (15, SOMEWHERE), 0, (text(1, b"the name"),), (), 'prctl(PR_SET_NAME, "the name") = 0'),
    ("prctl", (35, 8, 0x1234, 0, 0), -1, (), (), "prctl(PR_SET_MM, PR_SET_MM_ARG_START, 0x1234, 0, 0) = -1 EPERM (x)"),
    ("prctl", (38, 1, 0, 0, 0), 0, (), (), "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) = 0"),
    ("unshare", (0x30000000,), -1, (), (), "unshare(CLONE_NEWUSER|CLONE_NEWPID) = -1 EPERM (Operation not permitted)"),
    ("keyctl", (10, 0xFFFFFFFD, SOMEWHERE, SOMEWHERE, 0), -126, (text(2, b"user"), text(3, b"d")), (),
     'keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "d", 0) = -1 ENOKEY (Required key not available)'),
    ("memfd_create", (SOMEWHERE, 3), 24, (text(0, b"mem"),), (), 'memfd_create("mem", MFD_CLOEXEC|MFD_ALLOW_SEALING) = 24'),
    ("inotify_add_watch", (3, SOMEWHERE, 0x102), 1, (text(1, b"/tmp"),), (), 'inotify_add_watch(3, "/tmp", IN_MODIFY|IN_CREATE) = 1'),
    ("tgkill", (5, 5, 34), 0, (), (), "tgkill(5, 5, SIGRT_2) = 0"),
    ("socket", (2, 0o2000001, 0), 3, (), (), "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3"),
    ("socket", (16, 0o2000003, 4), 3, (), (), "socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_SOCK_DIAG) = 3"),
    ("socket", (17, 3, 0x300), 3, (), (), "socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) = 3"),
    ("socket", (1, 0o2000005, 0), 3, (), (), "socket(AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0) = 3"),
    ("socket", (99, 0o2000011, 9), -97, (), (), "socket(0x63 /* AF_??? */, SOCK_CLOEXEC|0x9, 9) = -1 EAFNOSUPPORT (x)"),
    ("socketpair", (1, 1, 0, SOMEWHERE), 0, (), (ints(3, 8, 9),), "socketpair(AF_UNIX, SOCK_STREAM, 0, [8, 9]) = 0"),
    ("connect", (4, SOMEWHERE, 16), -115, (sockaddr(1, inet(38047, "192.0.2.7")),), (),
     'connect(4, {sa_family=AF_INET, sin_port=htons(38047), sin_addr=inet_addr("192.0.2.7")}, 16) = -1 EINPROGRESS (x)'),
    ("connect", (4, SOMEWHERE, 28), 0, (sockaddr(1, IN6),), (),
     ('connect(4, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(7), inet_pton(AF_INET6, "2001:db8::5", &sin6_addr),'
      " sin6_scope_id=0}, 28) = 0")),
    ("connect", (7, SOMEWHERE, 12), -2, (sockaddr(1, b"\1\0/tmp/nope\0"),), (),
     'connect(7, {sa_family=AF_UNIX, sun_path="/tmp/nope"}, 12) = -1 ENOENT (No such file or directory)'),
    ("bind", (7, SOMEWHERE, 6), 0, (sockaddr(1, b"\1\0\0hid"),), (), 'bind(7, {sa_family=AF_UNIX, sun_path=@"hid"}, 6) = 0'),
    ("bind", (7, SOMEWHERE, 12), 0, (sockaddr(1, struct.pack("<HHII", 16, 0x2E20, 5, 6)),), (),
     "bind(7, {sa_family=AF_NETLINK, nl_pad=0x2e20, nl_pid=5, nl_groups=0x000006}, 12) = 0"),
    ("connect", (7, SOMEWHERE, 5), 0, (sockaddr(1, b"M\0abc"),), (), 'connect(7, {sa_family=0x4d /* AF_??? */, sa_data="abc"}, 5) = 0'),
    ("setsockopt", (3, 1, 2, SOMEWHERE, 4), 0, (buffer(3, b"\1\0\0\0"),), (), "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0"),
    ("setsockopt", (3, 0, 64, SOMEWHERE, 2), -22, (buffer(3, b"\0\0"),), (), 'setsockopt(3, SOL_IP, IPT_SO_SET_REPLACE, "\\0\\0", 2) = -1 EINVAL (x)'),
    ("accept4", (3, SOMEWHERE, SOMEWHERE, 0o2000000), 5, (), (sockaddr(1, inet(60536, "127.0.0.1")),),
     'accept4(3, {sa_family=AF_INET, sin_port=htons(60536), sin_addr=inet_addr("127.0.0.1")}, [16], SOCK_CLOEXEC) = 5'),
    ("sendto", (5, SOMEWHERE, 5, 0x4000, 0, 0), 5, (buffer(1, b"hello"),), (), 'sendto(5, "hello", 5, MSG_NOSIGNAL, NULL, 0) = 5'),
    ("recvfrom", (4, SOMEWHERE, 100, 0, 0, 0), 5, (), (buffer(1, b"hello"),), 'recvfrom(4, "hello", 100, 0, NULL, NULL) = 5'),
    ("recvfrom", (4, SOMEWHERE, 10, 0, 0, 0), 0, (), (), 'recvfrom(4, "", 10, 0, NULL, NULL) = 0'),
    ("recvfrom", (4, SOMEWHERE, 10, 0, 0, 0), -11, (), (), f"recvfrom(4, {SOMEWHERE:#x}, 10, 0, NULL, NULL) = -1 EAGAIN (x)"),
    ("pselect6", (0, 0, 0, 0, 0, 0), -514, (), (), "pselect6(0, NULL, NULL, NULL, NULL, NULL) = ? ERESTARTNOHAND (To be restarted)"),
    ("execve", (SOMEWHERE, SOMEWHERE, SOMEWHERE), -2, (text(0, b"/nope"), strings(1, b"x", b"a\nb")), (),
     f'execve("/nope", ["x", "a\\nb"], {SOMEWHERE:#x} /* 39 vars */) = -1 ENOENT (No such file or directory)'),
    ("setsid", (), 8544, (), (), "setsid() = 8544"),
]  # fmt: skip


def from_text(line: str) -> Syscall:
    (call,) = strace.read([f"10  1000.000000 {line} <0.100000>\n"])
    assert isinstance(call, Syscall)
    return call


@pytest.mark.parametrize(
    ("name", "arguments", "result", "before", "after", "line"), CALLS, ids=lambda value: str(value)[:40]
)
def test_a_call_is_the_same_from_both_logs(
    name: str, arguments: tuple[int, ...], result: int, before: tuple[Chunk, ...], after: tuple[Chunk, ...], line: str
) -> None:
    (call,) = Log().call(name, *arguments, result=result, chunks=before, after=after).items()
    assert isinstance(call, Syscall)
    assert call.inner == 7
    assert call._replace(inner=0) == from_text(line)


def on(arch: int) -> list[object]:
    """The same calls for another architecture, as far as it has them: x32's rt_sigaction takes the structure of i386."""
    known = set(call_numbers({AARCH64: "aarch64", X32: "x32"}[arch])) - ({"rt_sigaction"} if arch == X32 else set())
    return [pytest.param(arch, *row, id=f"{arch} {row[-1][:40]}") for row in CALLS if row[0] in known]


@pytest.mark.parametrize(("arch", "name", "arguments", "result", "before", "after", "line"), [*on(AARCH64), *on(X32)])
def test_a_call_is_the_same_on_other_architectures(
    arch: int,
    name: str,
    arguments: tuple[int, ...],
    result: int,
    before: tuple[Chunk, ...],
    after: tuple[Chunk, ...],
    line: str,
) -> None:
    if arch == AARCH64 and name == "openat":
        directory = 0o200000  # O_DIRECTORY, a part of O_TMPFILE, is another bit there (asm/fcntl.h of arm64)
        how = arguments[2] & ~directory | (arguments[2] & directory) >> 2
        arguments = (*arguments[:2], how, *arguments[3:])
    log = Log().enter(name, *arguments, chunks=before, arch=arch).exit(name, result, *after, arch=arch)
    (call,) = calls(log)
    assert call._replace(inner=0) == from_text(line)


def test_a_message_has_what_the_decoders_read() -> None:
    (call,) = Log().call(
        "sendmsg", 5, SOMEWHERE, 0, result=3, chunks=(sockaddr(1, inet(9, "192.0.2.7")), iovec(1, b"abc"))
    ).items()  # fmt: skip
    line = (
        'sendmsg(5, {msg_name={sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.7")}, msg_namelen=16,'
        ' msg_iov=[{iov_base="abc", iov_len=3}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 3'
    )
    assert isinstance(call, Syscall)
    theirs, ours = from_text(line).arguments[1], call.arguments[1]
    assert isinstance(theirs, Struct)
    assert isinstance(ours, Struct)
    names = ("msg_name", "msg_namelen", "msg_iov")
    assert [ours.get(name) for name in names] == [theirs.get(name) for name in names]


def calls(log: Log) -> list[Syscall]:
    """The calls, without what is told beside them of an architecture that is not the machine's own."""
    return [item for item in log.items() if isinstance(item, Syscall)]


@pytest.mark.parametrize("arch", [I386, AARCH64])
def test_other_architectures_have_numbers_of_their_own(arch: int) -> None:
    log = (
        Log().enter("openat", -100, SOMEWHERE, 0o40000, chunks=(text(1, b"a"),), arch=arch).exit("openat", 3, arch=arch)
    )
    (call,) = calls(log)
    flags = "O_RDONLY|O_DIRECTORY" if arch == AARCH64 else "O_RDONLY|O_DIRECT"
    assert (call.name, call.arguments[0], call.arguments[2]) == ("openat", "AT_FDCWD", flags)


def test_variants_for_32_bits_have_the_name_of_what_they_do() -> None:
    limit = structure(1, struct.pack("<II", 5, 0xFFFFFFFF))
    log = Log().enter("mmap2", 0, 4096, 7, 0x22, 0xFFFFFFFF, arch=I386).exit("mmap2", 4096, arch=I386)
    log.enter("setrlimit", 7, SOMEWHERE, chunks=(limit,), arch=I386).exit("setrlimit", 0, arch=I386)
    mapped, limited = calls(log)
    assert (mapped.name, mapped.arguments[2]) == ("mmap", "PROT_READ|PROT_WRITE|PROT_EXEC")
    assert (
        limited.arguments[1]
        == from_text("setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=RLIM_INFINITY}) = 0").arguments[1]
    )


def test_x32_has_a_structure_of_i386_for_handlers_and_long_ones_for_limits() -> None:
    action = structure(1, struct.pack("<IIIQ", 1, 0x0C000000, 0x7F11, 2))
    limit = structure(1, struct.pack("<QQ", 5, 2**64 - 1))
    log = Log().enter("rt_sigaction", 10, SOMEWHERE, 0, 8, chunks=(action,), arch=X32).exit("rt_sigaction", 0, arch=X32)
    log.enter("setrlimit", 7, SOMEWHERE, chunks=(limit,), arch=X32).exit("setrlimit", 0, arch=X32)
    handled, limited = calls(log)
    assert isinstance(handled.arguments[1], Struct)
    assert handled.arguments[1].get("sa_handler") == "SIG_IGN"
    assert limited.arguments[1] == Struct((("rlim_cur", "5"), ("rlim_max", "RLIM64_INFINITY")))


def test_the_order_of_clones_arguments_is_the_architectures_own() -> None:
    for arch, place in ((AARCH64, 4), (I386, 4), (X32, 3)):
        registers = [0x1200011, 0, 0, 0, 0]
        registers[place] = 0x7000
        log = Log().enter("clone", *registers, arch=arch).fork(20, 8).exit("clone", 8, arch=arch)
        call = next(item for item in log.items() if isinstance(item, Syscall))
        assert call.arguments[-1] == "child_tidptr=0x7000", arch
