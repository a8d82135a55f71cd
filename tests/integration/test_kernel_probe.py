"""The tracer in the kernel, on this host's kernel: what it records, of whom, and that nothing of it stays."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.sandbox.kernel import calls
from analyzer.sandbox.kernel.interface import Account
from analyzer.sandbox.kernel.loader import KernelTracer
from analyzer.trace.kernellog.tables import X86_64, call_names, call_numbers
from tests.integration.kernel_log import (
    AGAIN,
    BUFFER,
    CLOCK,
    CONTROL,
    ENTER,
    EXEC,
    EXIT,
    FORK,
    INTS,
    IOVEC,
    NEEDS,
    SOCKADDR,
    SOCKET,
    STRING,
    STRINGS,
    STRUCT,
    TASK_EXIT,
    Log,
    Sandbox,
    built,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL_CALLS = frozenset(name for arch in range(1, 5) for name in call_names(arch).values())

pytestmark = NEEDS


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The object, built from the sources that are here now."""
    return built(tmp_path_factory.mktemp("kernel"))


@pytest.fixture(scope="module")
def tracer(program: Path) -> Iterator[KernelTracer]:
    with KernelTracer(program, calls.entries(ALL_CALLS)) as loaded:
        yield loaded


def record(tracer: KernelTracer, folder: Path, script: str, **options: int) -> Log:
    """The log of a Python script in a sandbox of its own."""
    return record_program(tracer, folder, sys.executable, "-I", "-S", "-c", script, **options)


def record_program(tracer: KernelTracer, folder: Path, *program: str, **options: int) -> Log:
    sandbox = Sandbox(*program)
    path = folder / "kernel.log"
    recording = tracer.watch(sandbox.pid_namespace, path, sandbox.network_namespace, **options)
    try:
        sandbox.go()
    finally:
        account = tracer.unwatch(recording)
    assert account.failure == "" or options
    return Log(path)


def test_the_log_begins_with_machine_and_clock(tracer: KernelTracer, tmp_path: Path) -> None:
    log = record(tracer, tmp_path, "pass")
    assert (log.magic, log.machine) == (b"FHK1", {"x86_64": 1, "aarch64": 2}[os.uname().machine])
    assert abs(log.offset + time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.time_ns()) < 10**9


def test_files_are_told_with_paths_descriptors_and_content(tracer: KernelTracer, tmp_path: Path) -> None:
    script = f"""
import os
fd = os.open("{tmp_path}/new", os.O_CREAT | os.O_RDWR)
os.write(fd, b"hello kernel" + bytes(1000)); os.writev(fd, [b"one", b"two"]); os.pread(fd, 5, 0)
os.rename("{tmp_path}/new", "{tmp_path}/other")
try: os.open("{tmp_path}/absent", 0)
except OSError: pass
"""
    log = record(tracer, tmp_path, script)
    opened = next(one for one in log.calls("openat") if one.text(STRING) == [os.fsencode(tmp_path / "new")])
    done = next(one for one in log.calls("openat", EXIT) if one.text(AGAIN) == [os.fsencode(tmp_path / "new")])
    assert opened.ids == done.ids
    assert done.result >= 3
    written = next(one for one in log.calls("write") if one.text(BUFFER)[0].startswith(b"hello kernel"))
    assert len(written.text(BUFFER)[0]) == 256
    assert written.flags == 1
    assert 1012 in [one.result for one in log.calls("write", EXIT)]
    assert [one.text(IOVEC) for one in log.calls("writev")] == [[b"onetwo"]]
    assert b"hello" in [content for one in log.calls("pread64", EXIT) for content in one.text(BUFFER)]
    names = ("rename", "renameat", "renameat2")
    both = [one.text(STRING) for name in names if name in ALL_CALLS for one in _calls_or_none(log, name)]
    assert [os.fsencode(tmp_path / "new"), os.fsencode(tmp_path / "other")] in both
    absent = next(one for one in log.calls("openat", EXIT) if one.text(AGAIN) == [os.fsencode(tmp_path / "absent")])
    assert absent.result == -2


def _calls_or_none(log: Log, name: str) -> list:
    try:
        return log.calls(name)
    except KeyError:  # this machine has no such call
        return []


def test_programs_and_the_tree_of_processes_are_told(tracer: KernelTracer, tmp_path: Path) -> None:
    script = """
import os, threading
child = os.fork()
if not child: os.execve("/bin/sh", ["sh", "-c", "exit 3", "--", "a\\nb"], {"KEY": "value"})
os.waitpid(child, 0)
killed = os.fork()
if not killed: os.kill(os.getpid(), 9)
os.waitpid(killed, 0)
thread = threading.Thread(target=lambda: None); thread.start(); thread.join()
while len(os.listdir("/proc/self/task")) > 1: pass
"""
    log = record(tracer, tmp_path, script)
    forks = [struct.unpack_from("<4I", one.payload) for one in log.of(FORK)]
    children = [one for one in forks if one[2] != 1]
    assert [inner for _, _, inner, _ in children] == [2, 3]
    assert all(pid == tid and inner_pid == inner_tid for pid, tid, inner_pid, inner_tid in children)
    thread = next(one for one in forks if one[2] == 1)
    assert thread[3] not in {1, 2, 3}
    executed = next(one for one in log.of(EXEC) if one.ids[2] == 2)
    assert executed.text(STRING) == [b"/bin/sh"]
    assert executed.text(STRINGS) == [b"sh\0-c\0exit 3\0--\0a\nb\0"]
    call = next(one for one in log.calls("execve") if one.ids[2] == 2)
    assert call.text(STRING) == [b"/bin/sh"]
    assert call.text(STRINGS) == [b"sh\0-c\0exit 3\0--\0a\nb\0", b"KEY=value\0"]
    ended = {one.ids[2:]: struct.unpack_from("<II", one.payload) for one in log.of(TASK_EXIT)}
    assert ended[2, 2] == (3 << 8, 1)
    assert ended[3, 3] == (9, 1)
    assert ended[1, thread[3]][1] == 0


def test_what_a_task_used_is_told_at_its_end(tracer: KernelTracer, tmp_path: Path) -> None:
    # The parent of all is small, so that what a child has of it until it executes another program does not count.
    busy = "import time\nwhile time.thread_time() < 0.3: sum(range(10000))"
    script = f"""
import os, subprocess, sys, threading
subprocess.run([sys.executable, "-I", "-S", "-c", "held = b'x' * 100_000_000"])
_, _, memory = os.wait4(os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", "-c", "held = b'x' * 50_000_000"], {{}}), 0)
_, _, burnt = os.wait4(os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", "-c", {busy!r}], {{}}), 0)
print(memory.ru_maxrss * 1024, round((burnt.ru_utime + burnt.ru_stime) * 1e9))
def burn():
    exec({busy!r} + "\\nprint(time.thread_time_ns())")
thread = threading.Thread(target=burn); thread.start(); thread.join()
try:  # who joins a thread may go on before the kernel has ended it
    while True: os.sched_getscheduler(thread.native_id)
except ProcessLookupError: pass
import time; print(time.thread_time_ns())
"""
    sandbox = Sandbox(sys.executable, "-I", "-S", "-c", script)
    recording = tracer.watch(sandbox.pid_namespace, tmp_path / "log")
    resident, *used = map(int, sandbox.go().split())
    tracer.unwatch(recording)
    ended = [(one.ids[2:], *struct.unpack("<IIQQ", one.payload)) for one in Log(tmp_path / "log").of(TASK_EXIT)]
    large, third, burning, (thread, _, last, runtime, memory), whole = sorted(ended, key=lambda one: one[0] == (1, 1))
    assert thread[0] == 1
    assert (last, memory) == (0, 0)
    assert 100_000_000 < large[4] < 150_000_000
    assert burning[4] < 50_000_000
    assert third[4] == resident
    assert (whole[0], whole[2]) == ((1, 1), 1)
    # A tick of the kernel's clock, at most 10 ms, may be missing, and each still has to end after it looked at its time.
    told = (burning[3], runtime, whole[3])
    assert all(abs(mine - own) < 50_000_000 for mine, own in zip(told, used, strict=True)), (told, used)
    assert min(burning[3], runtime) > 290_000_000
    assert large[3] > 0


def test_a_network_conversation_is_told_by_calls_and_by_the_kernel(tracer: KernelTracer, tmp_path: Path) -> None:
    script = """
import array, fcntl, socket, struct, os
s = socket.socket(); fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x49))
server = socket.socket(); server.bind(("127.0.0.1", 7001)); server.listen()
client = socket.create_connection(("127.0.0.1", 7001)); peer, _ = server.accept()
client.sendall(b"request"); peer.recv(100)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.sendto(b"one", ("127.0.0.1", 7002)); udp.sendmsg([b"t", b"wo"], [], 0, ("127.0.0.1", 7003))
a, b = socket.socketpair(); a.send(b"x"); b.recvmsg(10)
"""
    log = record(tracer, tmp_path, script)
    to = {name: [one.text(SOCKADDR)[0][:8] for one in log.calls(name)] for name in ("bind", "connect", "sendmsg")}
    home = b"\x7f\0\0\1"
    assert to["bind"] == [b"\2\0" + struct.pack(">H", 7001) + home]
    assert to["connect"] == [b"\2\0" + struct.pack(">H", 7001) + home]
    assert to["sendmsg"] == [b"\2\0" + struct.pack(">H", 7003) + home]
    assert [one.text(IOVEC) for one in log.calls("sendmsg")] == [[b"two"]]
    assert [b"request"] in [one.text(BUFFER) for one in log.calls("sendto")]
    assert [b"request"] in [one.text(BUFFER) for one in log.calls("recvfrom", EXIT)]
    assert [one.text(IOVEC) for one in log.calls("recvmsg", EXIT)] == [[b"x"]]
    assert len(log.calls("socketpair", EXIT)[0].text(INTS)[0]) == 8
    accepted = log.calls("accept4", EXIT)[0]
    assert accepted.text(SOCKADDR)[0][4:8] == home
    states = [(*struct.unpack("<HHHHII16s16s", one.payload), one.ids[2]) for one in log.of(SOCKET)]
    assert all(state[:2] == (2, 6) and state[6][:4] in {home, bytes(4)} for state in states)
    changes = [(state[2], state[3], state[4], state[5], state[8]) for state in states]
    assert (7001, 0, 7, 10, 1) in changes  # CLOSE to LISTEN
    assert (0, 7001, 7, 2, 1) in changes  # CLOSE to SYN_SENT, before a port is chosen
    port = next(change[0] for change in changes if change[1:] == (7001, 2, 1, 1))  # SYN_SENT to ESTABLISHED
    assert (7001, port, 3, 1, 0) in changes  # SYN_RECV to ESTABLISHED: the accepting side


def test_every_connection_is_told_though_interrupts_nest(program: Path, tmp_path: Path) -> None:
    # Between two programs of one sandbox that connect as fast as they can, one's packets interrupt the other's changes of state.
    script = """
import os, socket, threading
server = socket.create_server(("127.0.0.1", 7002), backlog=512)
def serve():
    while True: server.accept()[0].close()
for _ in range(4):
    if os.fork() == 0:
        threading.Thread(target=serve, daemon=True).start()
        for _ in range(2000): socket.create_connection(("127.0.0.1", 7002)).close()
        os._exit(0)
for _ in range(4): os.wait()
"""
    sandbox = Sandbox("sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-I", "-c", script)
    with KernelTracer(program, {}) as alone:
        recording = alone.watch(sandbox.pid_namespace, tmp_path / "log", sandbox.network_namespace)
        sandbox.go()
        account = alone.unwatch(recording)
    assert account.lost == 0
    changes = [struct.unpack_from("<HHHHII", one.payload)[2:] for one in Log(tmp_path / "log").of(SOCKET)]
    assert [change[1:] for change in changes].count((7002, 7, 2)) == 4 * 2000  # CLOSE to SYN_SENT
    assert [change[1:] for change in changes].count((7002, 2, 1)) == 4 * 2000  # SYN_SENT to ESTABLISHED


def own_libc() -> Path:
    lines = Path("/proc/self/maps").read_text().splitlines()
    return Path(
        next(line.split()[-1] for line in lines if "/libc.so" in line or "/libc-2" in line or "/ld-musl" in line)
    )


def test_the_system_time_is_seen_though_no_call_asks_for_it(tracer: KernelTracer, tmp_path: Path) -> None:
    libc = own_libc()
    assert "clock_gettime" in tracer.watch_clock(libc)
    assert tracer.watch_clock(libc) == tracer.watch_clock(libc)  # told once all the same
    log = record(tracer, tmp_path, "import time\nfor i in range(7): time.time()\nfor i in range(50): time.monotonic()")
    assert [struct.unpack("<I", one.payload)[0] for one in log.of(CLOCK)].count(0) >= 7
    baseline = record(tracer, tmp_path, "import time\nfor i in range(50): time.monotonic()")
    assert len(log.of(CLOCK)) == len(baseline.of(CLOCK)) + 7


def test_a_call_that_seccomp_refuses_is_told(tracer: KernelTracer, tmp_path: Path) -> None:
    machine = os.uname().machine
    mkdirat = {"x86_64": 258, "aarch64": 34}[machine]
    script = f"""
import ctypes, struct
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
code = b"".join(struct.pack("HBBI", *one) for one in [(0x20, 0, 0, 0), (0x15, 0, 1, {mkdirat}), (6, 0, 0, 0x50001), (6, 0, 0, 0x7fff0000)])
buffer = ctypes.create_string_buffer(code)
libc.prctl(22, 2, struct.pack("HxxxxxxQ", 4, ctypes.addressof(buffer)), 0, 0)  # PR_SET_SECCOMP
libc.syscall({mkdirat}, -100, b"/refused", 0)
"""
    log = record(tracer, tmp_path, script)
    refused = log.calls("mkdirat")
    assert [(one.flags, one.text(STRING)) for one in refused] == [(4, [b"/refused"])]
    assert [one.result for one in log.calls("mkdirat", EXIT)] == [-1]


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="int 0x80 is x86's")
def test_a_32_bit_call_from_64_bit_code_is_told_as_such(tracer: KernelTracer, tmp_path: Path) -> None:
    # mmap below 4 GiB: a path, and code that does `mov eax, 39 (mkdir); mov ebx, path; xor ecx, ecx; int 0x80; ret`.
    script = f"""
import ctypes, struct
libc = ctypes.CDLL(None); libc.mmap.restype = ctypes.c_void_p
page = libc.mmap(None, ctypes.c_size_t(4096), 7, 0x62, -1, ctypes.c_long(0))
path = b"{tmp_path}/narrow\\0"
ctypes.memmove(page + 256, path, len(path))
code = b"\\x53\\xb8" + struct.pack("<I", 39) + b"\\xbb" + struct.pack("<I", page + 256) + b"\\x31\\xc9\\xcd\\x80\\x5b\\xc3"
ctypes.memmove(page, code, len(code))
ctypes.CFUNCTYPE(ctypes.c_int)(page)()
"""
    log = record(tracer, tmp_path, script)
    narrow = [one for one in log.of(ENTER) if one.arch == 2]
    if not (tmp_path / "narrow").is_dir():
        pytest.skip("this kernel has no 32-bit calls")
    assert [(one.nr, one.text(STRING)) for one in narrow] == [(39, [os.fsencode(tmp_path / "narrow")])]


def test_processes_outside_are_not_recorded(tracer: KernelTracer, tmp_path: Path) -> None:
    sandbox, other = Sandbox("true"), Sandbox("cat", "/etc/hostname")
    recording = tracer.watch(sandbox.pid_namespace, tmp_path / "log")
    other.go()
    subprocess.run(["true"], check=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
    sandbox.go()
    tracer.unwatch(recording)
    log = Log(tmp_path / "log")
    assert {one.ids[0] for one in log.records} == {sandbox.pid}
    assert log.of(SOCKET) == []


def test_two_sandboxes_have_a_log_each(tracer: KernelTracer, tmp_path: Path) -> None:
    sandboxes = [Sandbox("true"), Sandbox("true")]
    recordings = [tracer.watch(one.pid_namespace, tmp_path / str(i)) for i, one in enumerate(sandboxes)]
    for i, sandbox in enumerate(sandboxes):
        sandbox.go()
        tracer.unwatch(recordings[i])
    assert [{one.ids[0] for one in Log(tmp_path / str(i)).records} for i in (0, 1)] == [{one.pid} for one in sandboxes]


def test_a_nested_namespace_is_watched_as_well(tracer: KernelTracer, tmp_path: Path) -> None:
    log = record_program(tracer, tmp_path, "unshare", "--fork", "--pid", "cat", "/etc/hostname")
    cat = next(one for one in log.of(EXEC) if one.text(STRINGS) == [b"cat\0/etc/hostname\0"])
    assert cat.ids[2] == 1  # its number in the namespace of its own
    assert [b"/etc/hostname"] in [one.text(STRING) for one in log.calls("openat") if one.ids == cat.ids]


def test_only_the_calls_asked_for_are_recorded(program: Path, tmp_path: Path) -> None:
    with KernelTracer(program, calls.entries(["openat"])) as tracer:
        log = record(tracer, tmp_path, "open('/etc/hostname').read()")
    number = {name: number for number, name in call_names(X86_64 if os.uname().machine == "x86_64" else 4).items()}
    assert {one.nr for one in log.of(ENTER)} == {number["openat"]}
    assert log.of(EXEC)


def test_of_a_quiet_sandbox_the_smaller_set_is_recorded(program: Path, tmp_path: Path) -> None:
    script = "import socket, time; open('/etc/hostname').read(); time.time(); socket.socket()"
    with KernelTracer(program, calls.entries(["openat", "socket"], ["socket", "bind"])) as tracer:
        tracer.watch_clock(own_libc())
        whole = record(tracer, tmp_path, script)
        quiet = record(tracer, tmp_path, script, quiet=True)
        again = record(tracer, tmp_path, script)
    assert [len(log.calls("socket")) for log in (whole, quiet, again)] == [1, 1, 1]
    assert [bool(log.calls("openat")) for log in (whole, quiet, again)] == [True, False, True]
    assert [bool(log.of(CLOCK)) for log in (whole, quiet, again)] == [True, False, True]
    assert quiet.of(EXEC)


def test_a_lock_on_a_file_is_told_and_no_other_argument_of_fcntl(tracer: KernelTracer, tmp_path: Path) -> None:
    script = f"""
import fcntl, os
fd = os.open("{tmp_path}/locked", os.O_CREAT | os.O_RDWR)
fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK)
fcntl.lockf(fd, fcntl.LOCK_EX, 7, 5)
"""
    log = record(tracer, tmp_path, script)
    called = [one for one in log.calls("fcntl") if struct.unpack_from("<6Q", one.payload, 8)[1] in {4, 7}]
    assert [(one.flags, len(one.chunks)) for one in called] == [(0, 0), (0, 1)]
    (lock,) = called[1].text(STRUCT)
    assert struct.unpack("<hh4xqqi4x", lock)[:4] == (1, 0, 5, 7)  # F_WRLCK, SEEK_SET, start, length


def test_descriptors_in_a_message_are_told(tracer: KernelTracer, tmp_path: Path) -> None:
    script = """
import array, socket
a, b = socket.socketpair()
a.sendmsg([b"x"], [(1, 1, array.array("i", [0, 2]))]); b.recvmsg(9, 100)
b.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
a.sendmsg([b"x"], [(1, 1, array.array("i", [0] * 253))]); b.recvmsg(9, 2000)
"""
    log = record(tracer, tmp_path, script)
    sent = [one.text(CONTROL) for one in log.calls("sendmsg")]
    assert sent[0] == [struct.pack("<Qii2i", 24, 1, 1, 0, 2)]
    received, many = [one.text(CONTROL)[0] for one in log.calls("recvmsg", EXIT)]
    assert struct.unpack_from("<Qii", received) == (24, 1, 1)
    assert len(received) == 24
    assert struct.unpack_from("<Qii", many, 32) == (16 + 253 * 4, 1, 1)  # behind who sent it
    numbers = struct.unpack_from("<253i", many, 48)
    assert sorted(set(numbers)) == list(numbers)


def test_the_log_belongs_to_the_owner_of_its_folder(tracer: KernelTracer, tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65533)
    record(tracer, tmp_path, "pass")
    status = (tmp_path / "kernel.log").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (65534, 65533, 0o600)


def test_the_namespaces_of_a_process_are_told(tracer: KernelTracer) -> None:
    sandbox = Sandbox("true")
    assert tracer.namespaces(sandbox.pid) == (sandbox.pid_namespace, sandbox.network_namespace)
    sandbox.go()


def test_the_account_tells_the_records_of_the_log(tracer: KernelTracer, tmp_path: Path) -> None:
    sandbox = Sandbox("true")
    recording = tracer.watch(sandbox.pid_namespace, tmp_path / "log")
    sandbox.go()
    assert tracer.unwatch(recording) == Account(len(Log(tmp_path / "log").records), 0, "")


def test_a_path_that_is_not_in_memory_yet_is_told_at_exit(tracer: KernelTracer, tmp_path: Path) -> None:
    # The page that holds the path is mapped, but nobody touched it: the program in the kernel may not wait for the disk.
    (tmp_path / "page").write_bytes(b"/etc/hostname\0")
    script = f"""
import ctypes, os
libc = ctypes.CDLL(None); libc.mmap.restype = ctypes.c_void_p
fd = os.open("{tmp_path}/page", os.O_RDONLY)
page = libc.mmap(None, ctypes.c_size_t(4096), 1, 2, fd, ctypes.c_long(0))
libc.chdir(ctypes.c_void_p(page))
"""
    log = record(tracer, tmp_path, script)
    assert [(one.flags, one.chunks) for one in log.calls("chdir")] == [(2, [])]
    assert [(one.result, one.chunks) for one in log.calls("chdir", EXIT)] == [(-20, [(0, AGAIN, b"/etc/hostname")])]


def test_a_path_that_changes_during_the_call_is_told_both_ways(tracer: KernelTracer, tmp_path: Path) -> None:
    # Opening a pipe waits for its other end, which gives another thread the time to change the name.
    script = f"""
import ctypes, os, threading, time
libc = ctypes.CDLL(None)
os.mkfifo("{tmp_path}/pipe")
name = ctypes.create_string_buffer(b"{tmp_path}/pipe")
thread = threading.Thread(target=lambda: libc.open(name, os.O_RDONLY)); thread.start()
while open("/proc/self/task/%d/syscall" % thread.native_id).read().split()[0] != "{call_numbers(os.uname().machine)["openat"]}": time.sleep(0.01)
name[-5:-1] = b"liar"
os.open("{tmp_path}/pipe", os.O_WRONLY); thread.join()
"""
    log = record(tracer, tmp_path, script)
    true, false = (os.fsencode(tmp_path / name) for name in ("pipe", "liar"))
    assert [one.text(AGAIN) for one in log.calls("openat", EXIT) if one.text(AGAIN) == [false]] == [[false]]
    assert [true] in [one.text(STRING) for one in log.calls("openat")]
    assert [false] not in [one.text(STRING) for one in log.calls("openat")]
