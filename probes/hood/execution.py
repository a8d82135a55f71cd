"""The running of one traced command: start it, keep what comes out, end it in time, and say how it ended and what was cut."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import Any

from hood import processes, record, tracer
from hood.channels import Channel
from hood.launcher import Launcher
from hood.messages import Messages
from hood.plan import Plan

_TICK = 0.05
_KILL_SECONDS = 5.0
_ENDING_SECONDS = 5.0
"""How long an interpreter may take to end after the last import, with what it registered for that and threads of its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a phase. `subject` is what it is about; `modules` what it is told to import, where it is the driver."""

    phase: str
    subject: str
    argv: list[str]
    seconds: float
    running_package_code: bool = True
    modules: list[str] | None = None


@dataclass(slots=True)
class StepResult:
    """How a step ended: `exit` as JSON for the record, `reached` the modules begun, `reasons` what makes it incomplete.

    `cut` is when the supervisor ended what still ran, 0 where nothing did. `cpu_seconds` is what all processes of the command
    used together, without the tracer's own share; `memory_bytes` the peak of the largest one that the command waited for,
    and never less than the supervisor's own, as which each begins (wait4(2), getrusage(2)).
    """

    status: str
    exit: dict[str, Any]
    begin: float
    end: float
    reached: int = 0
    done: bool = False
    left_running: bool = False
    cut: float = 0.0
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    reasons: list[str] = field(default_factory=list)


class Execution:
    """The state of one running step. `kept` tells, and is told, how many bytes were kept of the step's phase."""

    def __init__(self, plan: Plan, launcher: Launcher, step: Step, stem: str, fifo: int, kept: dict[str, int]) -> None:
        self._plan = plan
        self._launcher = launcher
        self._step = step
        self._kept = kept
        self.stem = stem
        limits = plan.limits
        base = plan.record / "steps" / stem
        self._log = base.with_suffix(".strace")
        output_read, self._output_write = os.pipe()
        driver_read, self._driver_write = os.pipe()
        self._info, self._info_write = os.pipe()
        os.set_blocking(self._info, False)
        self._output = Channel(output_read, base.with_suffix(".out"), limits.output_bytes - kept["output"])
        self._driver = Channel(driver_read, base.with_suffix(".driver"), limits.output_bytes - kept["driver"])
        self._probe = Channel(os.dup(fifo), base.with_suffix(".probe"), limits.probe_bytes - kept["probe"])
        self._info_text = b""
        self._messages = Messages(step.modules or [])
        self._main: int | None = None
        self._tracer_seconds = 0.0
        self._result = StepResult("", {}, 0.0, 0.0)
        self._subject_since: tuple[int, float] = (0, 0.0)

    def run(self) -> StepResult:
        """Runs the command to its end and closes everything."""
        result = self._result
        result.begin = time.time()
        before, known = processes.used_by_children(), processes.children()
        process = self._start()
        exited = os.pidfd_open(process.pid)
        try:
            exit_code = self._watch(process, exited)
        finally:
            if process.returncode is None:
                self._kill_tracer(process)
                process.wait()
            os.close(exited)
            if self._main is not None:
                os.close(self._main)
        result.memory_bytes = max(result.memory_bytes, processes.take_leave_of_orphans(known))
        self._launcher.end_rest()
        result.cpu_seconds = max(processes.used_by_children() - before - self._tracer_seconds, 0.0)
        result.end = time.time()
        result.status = result.status or ("ok" if exit_code == 0 else "failed")
        result.exit = _exit(exit_code)
        self._collect()
        return result

    def _collect(self) -> None:
        """Takes what is left in the pipes, notes what was cut, and what the phase has left to keep."""
        for channel in (self._output, self._driver, self._probe):
            self._feed(channel, channel.drain())
            channel.close()
        os.close(self._info)
        self._result.reached, self._result.done = self._messages.reached, self._messages.done
        limits = self._plan.limits
        for name, channel, what, limit in (
            ("output", self._output, "the output", limits.output_bytes),
            ("driver", self._driver, "the driver's log", limits.output_bytes),
            ("probe", self._probe, "the interpreter probe's log", limits.probe_bytes),
        ):
            self._kept[name] += channel.kept
            if channel.cut:
                self._reason(f"{what} was cut after {limit} bytes")
        self._kept["trace"] += self._trace_size()
        if tracer.refused_processes(self._log):
            self._reason(f"the limit of {limits.processes} processes was reached, and more were refused")

    def _start(self) -> subprocess.Popen[bytes]:
        plan, step, limits = self._plan, self._step, self._plan.limits
        driver = ["--progress", str(self._driver_write)] if step.modules is not None else []
        traced = tracer.command(
            plan.tracer,
            self._log,
            running_package_code=step.running_package_code,
            in_container=plan.launcher == "user",
        )
        launched = self._launcher.command([*step.argv, *driver], plan.environment, traced, self._info_write)
        words = [
            "prlimit", f"--fsize={limits.file_bytes}", "--core=0", f"--cpu={limits.cpu_seconds}", "--nofile=4096", *launched
        ]  # fmt: skip
        with open(os.memfd_create("input"), "w+b") as stdin:
            # A file, because a pipe's writer would have to wait for a package that never reads; and none on a disk, because
            # the package may have filled that.
            stdin.write(json.dumps(step.modules).encode() if step.modules is not None else b"")
            stdin.seek(0)
            process = subprocess.Popen(
                words,
                stdin=stdin,
                stdout=self._output_write,
                stderr=self._output_write,
                pass_fds=[*([self._driver_write] if driver else []), *self._launcher.inherited(self._info_write)],
                cwd="/",
                env={"PATH": os.environ["PATH"]},  # all that the launcher's own processes show of theirs
                start_new_session=True,
            )
        self._launcher.started()
        for descriptor in (self._driver_write, self._info_write, self._output_write):
            os.close(descriptor)
        return process

    def _watch(self, process: subprocess.Popen[bytes], exited: int) -> int:
        """Waits for the tracer's end. The first command's own end starts a short time in which what it left may go on."""
        deadline = time.monotonic() + self._step.seconds
        killed_at: float | None = None
        lingering = ending = False
        while not self._pump(exited):
            now = time.monotonic()
            if self._messages.done and not ending:
                ending = True
                deadline = min(deadline, now + _ENDING_SECONDS)
            if not lingering and self._first_command_ended(process.pid):
                lingering = True
                deadline = min(deadline, now + self._plan.limits.linger_seconds)
            if killed_at is None and self._overdue(now, deadline, lingering=lingering or ending):
                killed_at, self._result.cut = now, time.time()
                self._launcher.end(process.pid, self._info_text)
            if killed_at is not None and now - killed_at > _KILL_SECONDS:
                self._reason("the tracer did not end after its processes were killed, and was killed itself")
                self._kill_tracer(process)
        return self._take_leave(process)

    def _take_leave(self, process: subprocess.Popen[bytes]) -> int:
        """The exit code of the process that ended, which is the tracer where there is one, and what was used."""
        if self._plan.tracer["name"] != "none":
            self._tracer_seconds = processes.used_by(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self._result.memory_bytes = usage.ru_maxrss * 1024
        return process.returncode

    def _first_command_ended(self, tracer_pid: int) -> bool:
        if self._plan.tracer["name"] == "none":
            return False  # the process that is waited for is the command itself
        if self._main is None:
            self._main = processes.tracee(tracer_pid)
        return self._main is not None and bool(select.select([self._main], [], [], 0)[0])

    def _kill_tracer(self, process: subprocess.Popen[bytes]) -> None:
        """Ends the tracer with all below it, since what it traced would go on unseen."""
        for pid in processes.descendants(process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.kill()

    def _overdue(self, now: float, deadline: float, *, lingering: bool) -> bool:
        if self._kept["trace"] + self._trace_size() > self._plan.limits.trace_bytes:
            self._reason(f"the trace grew beyond {self._plan.limits.trace_bytes} bytes, so the command was ended")
            return True
        if now >= deadline:
            if lingering:
                self._result.left_running = True
            else:
                self._cut(self._step.subject or self._step.phase, self._step.seconds)
            return True
        return not lingering and self._subject_overdue(now)

    def _subject_overdue(self, now: float) -> bool:
        """Whether one module takes longer than a module may; the next step goes on with the others."""
        if self._messages.current is None:
            return False
        if self._subject_since[0] != self._messages.reached:
            self._subject_since = (self._messages.reached, now)
        if now - self._subject_since[1] <= self._plan.limits.subject_seconds:
            return False
        self._cut(self._messages.current, self._plan.limits.subject_seconds)
        return True

    def _cut(self, subject: str, seconds: float) -> None:
        self._result.status = "timeout"
        self._reason(f"{record.shorten(subject, 200)} was cut after {seconds:.3g} s")

    def _reason(self, text: str) -> None:
        if text not in self._result.reasons:
            self._result.reasons.append(text)

    def _pump(self, exited: int) -> bool:
        """Reads what came, waiting a moment for it, and tells whether the process has ended."""
        channels = [channel for channel in (self._output, self._driver, self._probe) if channel.open]
        ready, _, _ = select.select([exited, *(channel.descriptor for channel in channels)], [], [], _TICK)
        for channel in channels:
            if channel.descriptor in ready:
                self._feed(channel, channel.read())
        with contextlib.suppress(BlockingIOError):
            self._info_text += os.read(self._info, 4096)
        return exited in ready

    def _feed(self, channel: Channel, data: bytes) -> None:
        if channel is self._driver and not channel.cut:
            self._messages.feed(data)

    def _trace_size(self) -> int:
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0


def _exit(code: int) -> dict[str, Any]:
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128
        try:
            return {"signal": signal.Signals(number).name}
        except ValueError:
            return {"status": code}
    return {"status": code}
