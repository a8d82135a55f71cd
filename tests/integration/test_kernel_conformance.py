"""The same program under strace and under the kernel tracer does the same: what their logs come to is equal.

`docs/kernel-log.md` lists what only one of the two sees; nothing else may differ.
"""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.model.event import Detail, ProcessAbi, ProcessClock, ProcessSubmit, Race, SocketState
from analyzer.sandbox.kernel import calls
from analyzer.sandbox.kernel.loader import KernelTracer
from analyzer.sandbox.tracer import Strace
from analyzer.store.record import Record
from analyzer.trace.calls.calllog import KernelLog, StraceLog
from analyzer.trace.calls.kernel import Act, KernelTrace, trace
from tests.integration.kernel_log import NEEDS, Sandbox, built

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = NEEDS

CALLS = Strace().plan()["calls"]
RECORDED = [*CALLS, "socketcall"]
"""strace tells that one call of 32-bit programs by the names of what it stands for."""

ONLY_KERNEL = (SocketState, ProcessAbi, ProcessClock, ProcessSubmit, Race)
"""Acts of records that strace has none of, or that only what the sandbox has strace print tells of."""

INT_0x80 = r"""
#include <string.h>
#include <sys/mman.h>
static long call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
    return result;
}
int main(void) {
    char *low = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    unsigned *words = (unsigned *)(low + 2048);
    strcpy(low, "narrow"); strcpy(low + 100, "renamed\n\"");
    long file = call(5, (long)low, 01101, 0600);      /* open */
    strcpy(low + 200, "thirty-two");
    call(4, file, (long)(low + 200), 10);             /* write */
    call(38, (long)low, (long)(low + 100), 0);        /* rename */
    words[0] = 2; words[1] = 1; words[2] = 6;
    call(102, 1, (long)words, 0);                     /* socketcall: socket */
    long other = call(359, 2, 1, 0);                  /* socket */
    memcpy(low + 300, "\2\0\1\273\300\0\2\7\0\0\0\0\0\0\0\0", 16);
    call(362, other, (long)(low + 300), 16);          /* connect */
    call(10, (long)(low + 100), 0, 0);                /* unlink */
    return 0;
}
"""

FILES = """
import os, fcntl
os.mkdir("d"); os.chdir("d")
fd = os.open("a\\nb\\"c\\xff", os.O_CREAT | os.O_RDWR, 0o640)
os.write(fd, b"hello\\0world" + bytes(1000)); os.writev(fd, [b"one", b"two"]); os.pwrite(fd, b"x", 3); os.ftruncate(fd, 2)
os.rename("a\\nb\\"c\\xff", "b"); os.link("b", "c"); os.symlink("nowhere", "s"); os.mkfifo("f"); os.chmod("b", 0o4755)
os.chown("b", -1, 0); os.utime("b", (1, 2)); os.access("b", os.R_OK); os.setxattr("b", "user.a", b"v") if hasattr(os, "setxattr") else 0
fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB); fcntl.lockf(fd, fcntl.LOCK_EX); fcntl.fcntl(fd, fcntl.F_SETFD, 0)
for path in ("s", "c", "f"): os.unlink(path)
for wrong in (lambda: os.open("absent", 0), lambda: os.rmdir("absent"), lambda: os.open("x" * 300, 0), lambda: os.chdir("/absent")):
    try: wrong()
    except OSError: pass
folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
os.rename("b", "e", src_dir_fd=folder, dst_dir_fd=folder); os.unlink("e", dir_fd=folder); os.mkdir("g", dir_fd=folder)
os.sendfile(fd, os.open("/etc/hostname", 0), 0, 5); os.dup2(fd, 40); os.write(40, b"through a copy")
os.pipe(); os.memfd_create("m"); os.chdir(".."); os.write(1, b"said\\n")
"""

SOCKETS = """
import fcntl, socket, struct, os
s = socket.socket(); fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x49))
server = socket.socket(); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 7001)); server.listen(5)
client = socket.socket(); client.bind(("127.0.0.1", 7002)); client.connect(("127.0.0.1", 7001)); peer, _ = server.accept()
client.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n" + b"y" * 600); peer.recv(2000); os.write(peer.fileno(), b"through write")
client.recv(20); client.recv_into(bytearray(1), 0, socket.MSG_DONTWAIT) if False else None
six = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
try: six.connect(("2001:db8::1", 80))
except OSError: pass
try: socket.create_connection(("127.0.0.1", 7009))
except OSError: pass
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 7003)); udp.sendto(b"ping", ("127.0.0.1", 7003)); udp.recvfrom(10)
udp.sendmsg([b"a", b"bc"], [], 0, ("127.0.0.1", 7003)); udp.recvmsg(10)
unix = socket.socket(socket.AF_UNIX); unix.bind("\\0hidden"); unix.listen()
for path in ("/absent", "\\0absent"):
    try: socket.socket(socket.AF_UNIX).connect(path)
    except OSError: pass
a, b = socket.socketpair(); r, w = os.pipe()
old = os.open("passed", os.O_CREAT | os.O_WRONLY); os.close(old)
socket.send_fds(a, [b"x"], [w]); _, (new,), _, _ = socket.recv_fds(b, 9, 253); os.write(new, b"into a pipe" if new == old else b"?")
socket.socketpair(); socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0))
"""

PROCESSES = """
import os, signal, subprocess, sys, threading, time, resource, mmap
signal.signal(signal.SIGUSR1, lambda *_: None); os.kill(os.getppid(), 0); signal.alarm(0)
subprocess.run(["sh", "-c", "cd /tmp; exec true"]); subprocess.run(["absent"], check=False) if False else None
try: subprocess.run(["absent-program", "x"], env={"PATH": "/absent:/usr/absent"})
except OSError: pass
child = os.fork()
if not child:
    os.setsid(); os.kill(os.getpid(), signal.SIGUSR1); os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(child, 0)
if not os.fork(): os._exit(7)
os.wait()
thread = threading.Thread(target=lambda: open("thread", "w").write("t")); thread.start(); thread.join()
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200)); resource.prlimit(0, resource.RLIMIT_NPROC)
time.sleep(0.1); mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
try: os.setuid(0)
except OSError: pass
import ctypes
libc = ctypes.CDLL(None)
libc.prctl(15, b"other", 0, 0, 0); libc.prctl(4, 0); libc.ptrace(16, 99999, 0, 0); libc.unshare(0x20000)
libc.personality(0xFFFFFFFF); libc.syscall(319, b"named", 1)
os.execv("/bin/sh", ["sh", "-c", "echo end"])
"""


@pytest.fixture(scope="module")
def tracer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelTracer]:
    with KernelTracer(built(tmp_path_factory.mktemp("kernel")), calls.entries(RECORDED)) as loaded:
        yield loaded


def under_strace(folder: Path, *program: str) -> KernelTrace:
    log = folder / "log.strace"
    traced = [
        "strace",
        "-f",
        "-q",
        "-y",
        "-ttt",
        "-T",
        "--seccomp-bpf",
        "--decode-pids=pidns",
        "-s",
        "384",
        "-o",
        str(log),
    ]
    words = [*traced, "-e", "trace=" + ",".join(CALLS), "unshare", "--fork", "--pid", "--net", "--mount-proc"]
    subprocess.run([*words, "sh", "-c", 'exec "$@"', "sh", *program], cwd=fresh(folder), check=True, timeout=60)
    return trace(StraceLog("", partial(Record(folder).lines, log.name)), program[0], str(folder / "work"))


def under_kernel(tracer: KernelTracer, folder: Path, *program: str) -> KernelTrace:
    log = folder / "log.kernel"
    words = ["sh", "-c", f'cd "{fresh(folder)}"; exec "$@"', "sh", *program]
    sandbox = Sandbox(*words)
    recording = tracer.watch(sandbox.pid_namespace, log, sandbox.network_namespace)
    try:
        sandbox.go()
    finally:
        account = tracer.unwatch(recording)
    assert (account.failure, account.lost) == ("", 0)
    return trace(KernelLog("", partial(Record(folder).blocks, log.name)), program[0], str(folder / "work"))


def fresh(folder: Path) -> Path:
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    return work


def told(found: KernelTrace) -> list[str]:
    """The acts process by process, without what differs between any two runs: numbers outside, and the time."""
    assert (found.unreadable, found.orphans, found.dropped, found.refused) == (0, 0, 0, 0)
    names = {process.pid: place for place, process in enumerate(found.processes)}
    acts = [act for act in found.acts if not isinstance(act.detail, ONLY_KERNEL)]
    return [_told(act, names) for act in sorted(acts, key=lambda act: names[act.process.pid])]


def _told(act: Act, names: dict[int, int]) -> str:
    return f"{names[act.process.pid]} {act.outcome} {_without_time(act.detail, names)}"


def _without_time(detail: Detail, names: dict[int, int]) -> Detail:
    fields: dict[str, object] = {}
    for one in dataclasses.fields(detail):
        value = getattr(detail, one.name)
        if one.name in {"seconds", "age", "newer_by"}:
            fields[one.name] = round(value, 1) if isinstance(value, float) else 0
        elif one.name == "child":
            fields[one.name] = names.get(value, -1)
    return dataclasses.replace(detail, **fields)


@pytest.mark.parametrize("script", [FILES, SOCKETS, PROCESSES], ids=["files", "sockets", "processes"])
def test_both_logs_come_to_the_same_acts(tracer: KernelTracer, tmp_path: Path, script: str) -> None:
    (tmp_path / "script.py").write_text(script)
    program = (sys.executable, "-I", "-S", "-B", str(tmp_path / "script.py"))
    kernel, strace = under_kernel(tracer, tmp_path, *program), under_strace(tmp_path, *program)
    assert told(kernel) == told(strace)
    assert len(told(kernel)) > 20


@pytest.mark.skipif(shutil.which("gcc") is None, reason="compiles a small program")
def test_calls_by_the_old_gate_of_32_bit_programs(tracer: KernelTracer, tmp_path: Path) -> None:
    source, program = tmp_path / "narrow.c", tmp_path / "narrow"
    source.write_text(INT_0x80)
    subprocess.run(["gcc", "-O1", "-o", program, source], check=True)
    kernel, strace = under_kernel(tracer, tmp_path, str(program)), under_strace(tmp_path, str(program))
    assert told(kernel) == told(strace)
    for words in ("work/narrow'", "renamed", "'thirty-two'", "'192.0.2.7', port=443"):
        assert any(words in one for one in told(kernel)), words
