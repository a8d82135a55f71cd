"""Attributes, locks, pipes and the working folder. Every call is process 10's, at 1000.2 seconds unless it says more."""

from __future__ import annotations

import pytest

from analyzer.model.event import Detail, FileAttributes, FileLock, FileMode, ProcessControl, ProcessPipe
from tests.unit.trace.making import acts, details

OPENED = 'openat(AT_FDCWD, "f", O_RDWR) = 3'
YEAR_2001 = "{tv_sec=1000000000, tv_nsec=0} /* 2001-09-09T01:46:40+0000 */"


def attributes(call: str, age: int = 0, name: str = "", error: str = "") -> FileAttributes:
    return FileAttributes("/home/u/f", call, name, age, error)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('utimensat(AT_FDCWD, "f", NULL, 0) = 0', attributes("utimensat")),
        ('utimensat(AT_FDCWD, "f", [UTIME_OMIT, UTIME_NOW], 0) = 0', attributes("utimensat")),
        ("utimensat(3, NULL, [UTIME_NOW, UTIME_OMIT], 0) = 0", attributes("utimensat")),
        (f'utimensat(AT_FDCWD, "f", [UTIME_NOW, {YEAR_2001}], 0) = 0', attributes("utimensat", 2000 - 10**9)),
        ('utimensat(AT_FDCWD, "f", [{tv_sec=9, tv_nsec=0} /* x */, {tv_sec=1, tv_nsec=5} /* y */], 0) = 0',
         attributes("utimensat", 1999)),
        ('utime("f", {actime=9 /* x */, modtime=1500 /* y */}) = 0', attributes("utime", 500)),
        ('utime("f", NULL) = -1 EPERM (x)', attributes("utime", error="EPERM")),
        ('utimes("f", [{tv_sec=9, tv_usec=1} /* x */, {tv_sec=1400, tv_usec=5} /* y */]) = 0', attributes("utimes", 600)),
        ('futimesat(AT_FDCWD, "f", [{tv_sec=9, tv_usec=1}, {tv_sec=2000, tv_usec=5}]) = 0', attributes("futimesat")),
        ('setxattr("f", "user.note", "abc", 3, 0) = 0', attributes("setxattr", name="user.note")),
        ('fsetxattr(3, "user.note", "abc", 3, 0) = 0', attributes("fsetxattr", name="user.note")),
        ('lremovexattr("f", "user.note") = -1 ENODATA (x)', attributes("lremovexattr", name="user.note", error="ENODATA")),
        ('setxattr("f", "system.posix_acl_access", "x", 1, 0) = 0', FileMode("/home/u/f", "setxattr", "", "")),
        ("flock(3, LOCK_EX|LOCK_NB) = 0", FileLock("/home/u/f", "flock", "")),
        ("flock(3, LOCK_SH) = -1 EAGAIN (x)", FileLock("/home/u/f", "flock", "EAGAIN")),
        ("fcntl(3, F_SETLKW, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = 0",
         FileLock("/home/u/f", "fcntl", "")),
        ("fcntl(3, F_OFD_SETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = 0",
         FileLock("/home/u/f", "fcntl", "")),
        ("pipe2([4, 5], O_CLOEXEC) = 0", ProcessPipe("pipe2", "")),
        ("pipe(0x1) = -1 EFAULT (x)", ProcessPipe("pipe", "EFAULT")),
        ('chdir("sub") = 0', ProcessControl("chdir", ("/home/u/sub",), "")),
        ('chdir("sub") = -1 ENOENT (x)', ProcessControl("chdir", ("/home/u/sub",), "ENOENT")),
        ("fchdir(3) = 0", ProcessControl("fchdir", ("/home/u/f",), "")),
        ("fchdir(9) = 0", ProcessControl("fchdir", ("?",), "")),
    ],
)  # fmt: skip
def test_one_call(call: str, expected: Detail) -> None:
    found = details(OPENED, f"+1000 {call}" if "time" in call else call)
    assert found[1:] == [expected]


@pytest.mark.parametrize(
    "call",
    [
        "flock(3, LOCK_UN) = 0",
        "fcntl(3, F_SETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = 0",
        "fcntl(3, F_GETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=0, l_len=0, l_pid=0}) = 0",
        "fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR)",
    ],
)
def test_nothing_is_locked(call: str) -> None:
    assert details(OPENED, call)[1:] == []


def test_a_failed_lock_is_an_attempt() -> None:
    assert acts(OPENED, "flock(3, LOCK_EX) = -1 EAGAIN (x)")[-1].outcome == "attempted"
