"""What the tracer in the kernel takes and gives: part of `make bench`.

Programs in pid namespaces of their own make system calls, of which each is two records, and one process records them.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import SandboxError
from analyzer.resources import kernel_program
from analyzer.sandbox.kernel import calls
from analyzer.sandbox.kernel.interface import Account
from analyzer.sandbox.kernel.loader import KernelTracer
from tests.integration.kernel_log import Sandbox

_PRELUDE = "import os, sys, time\n"
_MIXED = (
    "f = os.open('/dev/zero', os.O_RDWR)\n"
    "def one():\n"
    "    os.close(os.open('/etc/../etc/../etc/../etc/../etc/../etc/hostname', os.O_RDONLY))\n"
    "    os.read(f, 4000); os.write(f, b'x' * 4000)\n"
)
"""Three recorded calls, six records: paths twice, contents cut to their heads. Longer than those of real programs."""
_SECONDS = 10.0
_RATE = 100_000
_TURNS = 50
_MILESTONES = (1_000_000, 5_000_000, 10_000_000)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load gave, and what it cost."""

    account: Account
    seconds: float
    cpu: float
    """Seconds of this process, which records."""
    bytes: int


def kernel() -> None:
    """Prints what a recording takes, what is recorded in a second, what is lost at a steady rate, and how memory grows."""
    print("the kernel tracer:")
    try:
        with KernelTracer(kernel_program(), calls.entries(["getppid", "openat", "read", "write"])) as tracer:
            turns(tracer)
            flat_out(tracer)
            steady(tracer)
            memory(tracer)
    except SandboxError as error:
        print(f"  not here: {error}")


def turns(tracer: KernelTracer) -> None:
    """Milliseconds that a recording adds to a command: for its beginning, and for its end."""
    begin, end = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(_TURNS):
            sandbox = Sandbox("true")
            found = tracer.namespaces(sandbox.pid)
            start = time.perf_counter()
            recording = tracer.watch(found.pid, Path(folder, str(number)), found.network)
            begin.append((time.perf_counter() - start) * 1000)
            sandbox.go()
            start = time.perf_counter()
            tracer.unwatch(recording)
            end.append((time.perf_counter() - start) * 1000)
    print(
        f"  {statistics.median(begin):9.1f} ms to begin a recording (most {max(begin):.1f}),"
        f" {statistics.median(end):.1f} ms to end it (most {max(end):.1f}), of {_TURNS} one after the other"
    )


def flat_out(tracer: KernelTracer) -> None:
    """Two programs at once that do nothing else, as fast as they can: more than any real one asks for."""
    for name, body, count in (
        ("two numbers each", "one = os.getppid\n", 1_500_000),
        ("paths and contents", _MIXED, 200_000),
    ):
        _print(name, recorded(tracer, f"{_PRELUDE}{body}for i in range({count}): one()\n", 2))


def steady(tracer: KernelTracer) -> None:
    """A program that makes as many records a second as the issue asks for, in bursts every hundredth of a second."""
    burst = -(-_RATE // (100 * 6))
    script = (
        f"{_PRELUDE}{_MIXED}begin = time.monotonic()\nfor tick in range({int(_SECONDS * 100)}):\n"
        f"    for i in range({burst}): one()\n"
        "    time.sleep(max(0, begin + (tick + 1) / 100 - time.monotonic()))\n"
    )
    _print(f"at {_RATE:,} a second", recorded(tracer, script, 1))


def memory(tracer: KernelTracer) -> None:
    """The process's own memory while one recording goes on."""
    begin, counts = 0, []
    for milestone in _MILESTONES:
        counts.append((milestone - begin) // 2)
        begin = milestone
    script = (
        f"{_PRELUDE}for count in {counts}:\n    for i in range(count): os.getppid()\n    print(count, flush=True)\n"
    )
    sandbox = Sandbox(sys.executable, "-I", "-S", "-c", script)
    recording = tracer.watch(tracer.namespaces(sandbox.pid).pid, Path(os.devnull))
    sandbox.start()
    held = [resident()]
    for _ in _MILESTONES:
        sandbox.line()
        held.append(resident())
    sandbox.go()
    account = tracer.unwatch(recording)
    after = ", ".join(f"{size:.1f} after {count:,}" for size, count in zip(held[1:], _MILESTONES, strict=True))
    print(
        f"  {held[0]:.1f} MB resident at first, {after} records ({account.lost} lost of {account.records + account.lost:,})"
    )


def recorded(tracer: KernelTracer, script: str, programs: int) -> Outcome:
    """Runs a script in sandboxes, each with a log of its own, at once."""
    with tempfile.TemporaryDirectory() as folder:
        sandboxes = [Sandbox(sys.executable, "-I", "-S", "-c", f"{script}print('done')") for _ in range(programs)]
        logs = [Path(folder, str(number)) for number in range(programs)]
        recordings = [
            tracer.watch(tracer.namespaces(one.pid).pid, log) for one, log in zip(sandboxes, logs, strict=True)
        ]
        begin, cpu = time.perf_counter(), time.process_time()
        for sandbox in sandboxes:
            sandbox.start()
        for sandbox in sandboxes:
            sandbox.line()
        seconds = time.perf_counter() - begin
        accounts = [tracer.unwatch(recording) for recording in recordings]
        cpu = time.process_time() - cpu
        size = sum(log.stat().st_size for log in logs)
        for sandbox in sandboxes:
            sandbox.go()
        failure = "; ".join(one.failure for one in accounts if one.failure)
        account = Account(sum(one.records for one in accounts), sum(one.lost for one in accounts), failure)
        return Outcome(account, seconds, cpu, size)


def resident() -> float:
    """Megabytes of memory that this process alone uses: without the ring buffers, which are the kernel's and of a fixed size."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) * 1024 / 1e6


def _print(name: str, outcome: Outcome) -> None:
    records, lost = outcome.account.records, outcome.account.lost
    print(
        f"  {records / outcome.cpu:9,.0f} records/s consumed on one core   {name}: {records:,} records of {outcome.bytes / records:.0f} bytes"
        f" at {records / outcome.seconds:,.0f} a second, {lost:,} lost{outcome.account.failure and '; ' + outcome.account.failure}"
    )
