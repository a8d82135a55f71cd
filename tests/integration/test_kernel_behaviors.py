"""What the kernel tracer sees and strace does not: from the kernel's records to named behaviors, on this host's kernel."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.rules.loader import ruleset
from analyzer.sandbox.kernel import calls
from analyzer.sandbox.kernel.loader import KernelTracer
from analyzer.trace.authors.installed import Installed
from analyzer.trace.calls.calllog import KernelLog
from analyzer.trace.kernellog.tables import call_numbers
from analyzer.trace.timeline import StepTexts, Timeline, add_step
from tests.integration.kernel_log import NEEDS, Sandbox, built

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model.event import Event

pytestmark = NEEDS

LOOPBACK = """
import fcntl, socket, struct
s = socket.socket(); fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x49))
server = socket.socket(); server.bind(("127.0.0.1", 7001)); server.listen()
client = socket.socket()
"""
CONNECTED = LOOPBACK + 'client.connect(("127.0.0.1", 7001))'
NOT_CONNECTED = LOOPBACK + 'client.sendto(b"hello", 0x20000000, ("127.0.0.1", 7001))'
"""A connection that begins with its first bytes, MSG_FASTOPEN, needs no call that connects (tcp(7))."""

RACE = """
import ctypes, os, threading, time
libc = ctypes.CDLL(None)
os.mkfifo("pipe")
name = ctypes.create_string_buffer(b"pipe")
thread = threading.Thread(target=lambda: libc.open(name, os.O_RDONLY)); thread.start()
while open("/proc/self/task/%d/syscall" % thread.native_id).read().split()[0] != "NUMBER": time.sleep(0.01)
CHANGE
os.open("pipe", os.O_WRONLY); thread.join()
""".replace("NUMBER", str(call_numbers(os.uname().machine)["openat"]))

NO_RACE = """
import os, shutil, socket, subprocess, sys, threading
threads = [threading.Thread(target=lambda: [os.stat(path) for path in os.listdir(".")]) for _ in range(4)]
for thread in threads: thread.start()
open("script", "w").write("#!/bin/sh\\nexit 0\\n"); os.chmod("script", 0o755)
subprocess.run(["./script"]); subprocess.run(["script"], env={"PATH": "/nowhere:" + os.getcwd()})
fd = os.open("/bin/true", os.O_RDONLY)
if not os.fork(): os.execve(fd, ["true"], {})
os.wait()
if not os.fork(): os.execve("/proc/self/fd/%d" % fd, ["true"], {})
os.wait()
for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
    server = socket.socket(family); server.bind((address, 0)); server.listen()
    socket.socket(family).connect_ex((address, server.getsockname()[1]))
both = socket.socket(socket.AF_INET6); both.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
both.bind(("::", 0)); both.listen()
socket.socket(socket.AF_INET6).connect_ex(("::ffff:127.0.0.1", both.getsockname()[1]))
socket.socket().connect_ex(("127.0.0.1", 9)); socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect_ex(("127.0.0.1", 9))
for thread in threads: thread.join()
"""


@pytest.fixture(scope="module")
def tracer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelTracer]:
    """The tracer with the calls that an analysis records, and the C library of this host."""
    maps = Path("/proc/self/maps").read_text().splitlines()
    libc = next(line.split()[-1] for line in maps if "/libc.so" in line or "/ld-musl" in line)
    with KernelTracer(built(tmp_path_factory.mktemp("kernel")), calls.entries(*calls.recorded())) as loaded:
        loaded.watch_clock(Path(libc))
        yield loaded


def events(tracer: KernelTracer, folder: Path, *program: str) -> list[Event]:
    """What a program did in a folder, without what is the interpreter's own."""
    sandbox = Sandbox("sh", "-c", f'cd "{folder}" && exec "$@"', "sh", *program)
    log = folder / "kernel.log"
    recording = tracer.watch(sandbox.pid_namespace, log, sandbox.network_namespace)
    try:
        sandbox.go()
    finally:
        account = tracer.unwatch(recording)
    assert (account.lost, account.failure) == (0, "")
    timeline = Timeline()
    opened = KernelLog("steps/01-step.kernel", lambda: [log.read_bytes()])
    add_step(timeline, StepTexts("execute", "01-step", program[0], "/", 0, 1e12, opened, []), Installed(()))
    # These interpreters are this machine's own, without the probe, which is told.
    assert [reason for reason in timeline.reasons if not reason.endswith("without the probe")] == []
    own = [one for one in timeline.events if one.attribution == "package"]
    return [one for one in own if one.kind != "interpreter.silence"]


def observed(tracer: KernelTracer, folder: Path, *program: str) -> dict[str, list[str]]:
    """The behaviors that it showed, each with its evidence."""
    found: dict[str, list[str]] = {}
    for one in ruleset().engine().observe(events(tracer, folder, *program)):
        found.setdefault(one.behavior, []).append(one.detail)
    return found


def python(tracer: KernelTracer, folder: Path, script: str) -> dict[str, list[str]]:
    return observed(tracer, folder, sys.executable, "-I", "-c", script)


def test_a_file_is_read_and_the_interpreters_own_are_not(tracer: KernelTracer, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("nine chars" * 9)
    script = "import json, decimal\nwith open('notes') as notes: notes.read(); notes.seek(0); notes.read()"
    assert python(tracer, tmp_path, script)["file.read"] == [f"{tmp_path}/notes (90 bytes at first, by read)"]


def test_an_opening_is_no_reading(tracer: KernelTracer, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("text")
    found = python(tracer, tmp_path, "import json\nopen('notes').close()\nopen('empty', 'w+').read()")
    assert f"{tmp_path}/notes" in found["file.open"]
    assert "file.read" not in found


def test_a_path_that_changes_under_the_call_is_named(tracer: KernelTracer, tmp_path: Path) -> None:
    found = python(tracer, tmp_path, RACE.replace("CHANGE", 'name[0:4] = b"liar"'))
    assert found["evasion.debugger.prevent"] == ["openat began with pipe, which was liar when the kernel had read it"]


@pytest.mark.parametrize("change", ["pass", "ctypes.memset(name, 0, 4)", 'name[0:4] = b"\\x10\\x82\\xf0\\x07"'])
def test_memory_that_was_only_reused_is_not(tracer: KernelTracer, tmp_path: Path, change: str) -> None:
    assert "evasion.debugger.prevent" not in python(tracer, tmp_path, RACE.replace("CHANGE", change))


def test_what_differs_by_nature_is_no_race(tracer: KernelTracer, tmp_path: Path) -> None:
    found = events(tracer, tmp_path, sys.executable, "-I", "-c", LOOPBACK + NO_RACE)
    assert [one.detail for one in found if one.kind == "race"] == []
    states = [one for one in found if one.kind == "socket.state"]
    assert len({one.detail.state for one in states}) >= 3  # type: ignore[union-attr] # the kind tells
    # Every state is explained by its call, so that nothing is told twice.
    made = {(one.time, one.kind) for one in found if one.kind in {"socket.connect", "socket.listen"}}
    assert made.isdisjoint((one.time, kind) for one in states for kind in ("socket.connect", "socket.listen"))


def test_a_connection_without_a_call_is_told_once(tracer: KernelTracer, tmp_path: Path) -> None:
    for script in (CONNECTED, NOT_CONNECTED):
        found = python(tracer, tmp_path, script)
        assert found["network.tcp.connect"] == ["127.0.0.1 port 7001"]
        assert found["network.socket.listen"] == ["127.0.0.1 port 7001"]


def test_a_program_of_the_package_reads_the_clock(tracer: KernelTracer, tmp_path: Path) -> None:
    date = shutil.which("date")
    assert date is not None
    shutil.copy(date, tmp_path / "helper")
    found = python(tracer, tmp_path, "import subprocess\nsubprocess.run(['./helper'])")
    assert found["settings.time.query"] == [f"{tmp_path}/helper reads CLOCK_REALTIME"]


@pytest.mark.parametrize(
    "script",
    [
        "import time, logging, ssl, asyncio\ntime.time()",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.time()'])",
        "import subprocess\nsubprocess.run(['bash', '-c', 'ls -l; echo $SECONDS'])",
        "open('run', 'w').write('#!/bin/bash\\necho $SECONDS\\n'); import os; os.chmod('run', 0o755); os.system('./run')",
    ],
)
def test_what_interpreters_and_the_system_read_is_not_the_packages(
    tracer: KernelTracer, tmp_path: Path, script: str
) -> None:
    assert "settings.time.query" not in python(tracer, tmp_path, script)
