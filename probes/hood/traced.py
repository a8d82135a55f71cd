"""Commands under strace, or under no tracer: the supervisor starts the tracer, which starts the walls, which start the command."""

from __future__ import annotations

import contextlib
import os
import re
import select
import subprocess
from pathlib import Path

from hood import processes, tracer, walls
from hood.command import Command, Job, Left, Streams, Usage, pipes, ready, start_process, wait
from hood.plan import Plan
from hood.walls import Walls

_TAIL_BYTES = 64 * 1024
"""Enough for the ends of all processes that end together, as when the first one of their namespace does."""
_LOST = "strace ended before what it traced, or could not write its log: what was done after that was not recorded"


class Traced:
    """Starts commands under strace or under no tracer."""

    log_suffix = ".strace"
    empty_log_bytes = 0

    def __init__(self, plan: Plan, around: Walls) -> None:
        self._plan = plan
        self._walls = around

    def streams(self, stdin: bytes | None) -> Streams:
        """Anonymous pipes."""
        return pipes(stdin)

    def start(self, job: Job, streams: Streams) -> Command:
        """The tracer's process, from which all others come."""
        log = self._plan.record / "steps" / (job.stem + self.log_suffix)
        before = tracer.command(
            self._plan.tracer,
            log,
            running_package_code=job.running_package_code,
            in_container=self._plan.launcher == "user",
        )
        info, told = os.pipe()
        os.set_blocking(info, False)
        usage = Usage()
        words = self._walls.command(job.argv, before, told)
        process = start_process(self._plan, words, streams, self._walls.inherited(told))
        self._walls.started()
        os.close(told)
        return _TracedCommand(process, self._walls, info, usage, log if self._plan.tracer["name"] != "none" else None)


class _TracedCommand:
    """A command below its tracer, whose end is that of all."""

    def __init__(
        self, process: subprocess.Popen[bytes], around: Walls, info: int, usage: Usage, log: Path | None
    ) -> None:
        self._process = process
        self._walls = around
        self._info, self._info_text = info, b""
        self._usage = usage
        self._log = log
        self._main: int | None = None
        self._exited = os.pidfd_open(process.pid)
        self._ended_here = False
        self.descriptors = [self._exited]

    def main_ended(self) -> bool:
        self._read_info()
        if self._log is None:
            return False  # the process that is waited for is the command itself
        if self._main is None:
            self._main = processes.tracee(self._process.pid)
        return self._main is not None and ready(self._main)

    def _read_info(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._info_text += os.read(self._info, 4096)

    def ended(self) -> bool:
        return ready(self._exited)

    def end(self) -> None:
        self._ended_here = True
        self._walls.end(self._process.pid, self._info_text)

    def give_up(self) -> None:
        # With all below it, since what it traced would go on unseen.
        for pid in processes.descendants(self._process.pid):
            processes.kill(pid)
        processes.kill(self._process.pid)

    def leave(self) -> Left:
        if not self.ended():
            self.give_up()
            select.select([self._exited], [], [])
        own = processes.used_by(self._process.pid) if self._log is not None else 0.0
        self._read_info()
        exit_code, memory = wait(self._process)
        reason = self._lacking()
        memory = max(memory, self._usage.orphans())
        self._walls.end_rest()
        for descriptor in (self._exited, self._info, *([self._main] if self._main is not None else [])):
            os.close(descriptor)
        return Left(exit_code, self._usage.seconds(own), memory, reason)

    def _lacking(self) -> str:
        """Why the log does not hold all, by its end, or nothing."""
        if self._log is None:
            return ""
        end = _end_of(self._log)
        # The last thing that strace tells is always the end of a process.
        if not end.endswith(b" +++\n"):
            return _LOST
        first = walls.facts(self._info_text).get("child-pid")
        killed = (
            re.search(rb"^%d +[\d.]+ \+\+\+ killed by SIGKILL \+\+\+$" % first, end, re.MULTILINE)
            if isinstance(first, int)
            else None
        )
        return walls.ENDED if killed and not self._ended_here else ""


def _end_of(log: Path) -> bytes:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            return file.read()
    except OSError:
        return b""
