"""The running of one traced command: start it, keep what comes out, end it in time, and say how it ended and what was cut."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from dataclasses import dataclass, field
from typing import Any

from hood import record
from hood.beside import Beside
from hood.channels import Channel
from hood.command import Command, Job, Launcher
from hood.messages import CALLABLE, Messages, Nothing
from hood.plan import Plan
from hood.room import Room

_TICK = 0.05
_KILL_SECONDS = 5.0
_ENDING_SECONDS = 5.0
"""How long an interpreter may take to end after the last import, with what it registered for that and threads of its own."""
_HANG_UP_SECONDS = 2.0
"""How long a command may go on when its terminal was hung up."""


@dataclass(frozen=True, slots=True)
class Driving:
    """What a driver is told, as JSON, and what hears it."""

    orders: dict[str, Any]
    messages: Messages


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a phase. `subject` is what it is about, `kind` what it is (see the record's steps.jsonl).

    `driving` is what it is told to do, where it is the driver; `beside` is what goes on beside it.
    """

    phase: str
    subject: str
    argv: list[str]
    seconds: float
    running_package_code: bool = True
    kind: str = ""
    driving: Driving | None = None
    beside: Beside = field(default_factory=Beside)


@dataclass(slots=True)
class StepResult:
    """How a step ended: `exit` as JSON for the record, `reasons` what makes it incomplete.

    `cut` is when the supervisor ended what still ran, 0 where nothing did. `cpu_seconds` is what all processes of the command
    used together, without the tracer's own share; `memory_bytes` the peak of the largest one that the command waited for,
    and never less than the supervisor's own, as which each begins (wait4(2), getrusage(2)).
    """

    status: str
    exit: dict[str, Any]
    begin: float
    end: float
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
        self.log = base.with_suffix(launcher.log_suffix)
        self._beside = step.beside
        self._streams = step.beside.streams() or launcher.streams(_orders(step.driving))
        room, slowed = limits.output_bytes - kept["output"], not step.beside.has_terminal
        self._output = Channel(self._streams.output, base.with_suffix(".out"), room, slowed=slowed)
        self._driver = Channel(self._streams.driver, base.with_suffix(".driver"), limits.output_bytes - kept["driver"])
        self._probe = Channel(os.dup(fifo), base.with_suffix(".probe"), limits.probe_bytes - kept["probe"])
        self._messages = step.driving.messages if step.driving is not None else Nothing()
        self._result = StepResult("", {}, 0.0, 0.0)
        self._subject_since: tuple[int, float] = (0, 0.0)
        self._room = Room(plan)

    def run(self) -> StepResult:
        """Runs the command to its end and closes everything."""
        result = self._result
        result.begin = time.time()
        command = self._launcher.start(self._job(), self._streams)
        try:
            self._beside.begun()
            self._watch(command)
            result.end = time.time()
        finally:
            left = command.leave()
        result.cpu_seconds, result.memory_bytes = left.cpu_seconds, left.memory_bytes
        # How a terminal's command ends is its user's matter.
        fine = left.exit_code == 0 or self._beside.has_terminal
        result.status = result.status or ("ok" if fine else "failed")
        result.exit = _exit(left.exit_code)
        if left.reason:
            self._reason(left.reason)
        self._collect()
        self._beside.over()
        return result

    def _job(self) -> Job:
        step, progress = self._step, self._streams.progress
        argv = [*step.argv, "--progress", str(progress)] if progress else step.argv
        size = step.beside.size if step.beside.has_terminal else None
        return Job(step.beside.words(argv), self.stem, step.running_package_code, size)

    def _collect(self) -> None:
        """Takes what is left in the pipes, notes what was cut, and what the phase has left to keep."""
        for channel in (self._output, self._driver, self._probe):
            self._feed(channel, channel.drain())
            channel.close()
        limits = self._plan.limits
        for name, channel, what, limit in (
            ("output", self._output, "the output", limits.output_bytes),
            ("driver", self._driver, "the driver's log", limits.output_bytes),
            ("probe", self._probe, "the interpreter probe's log", limits.probe_bytes),
        ):
            self._kept[name] += channel.kept
            if channel.cut:
                self._reason(f"{what} was cut after {limit} bytes")
        self._kept["trace"] += self.log_size()
        self._room.look()
        for reason in self._room.reasons:
            self._reason(reason)

    def _watch(self, command: Command) -> None:
        """Waits for the end of all. The command's own end starts a short time in which what it left may go on."""
        deadline = time.monotonic() + self._step.seconds
        killed_at: float | None = None
        lingering = ending = False
        while True:
            self._pump(command)
            if command.ended():
                return
            now = time.monotonic()
            self._room.look()
            if (self._messages.done or self._beside.gone) and not ending:
                ending = True
                deadline = min(deadline, now + (_HANG_UP_SECONDS if self._beside.gone else _ENDING_SECONDS))
            if not lingering and command.main_ended():
                lingering = True
                deadline = min(deadline, now + self._plan.limits.linger_seconds)
            if killed_at is None and self._overdue(now, deadline, lingering=lingering or ending):
                killed_at, self._result.cut = now, time.time()
                command.end()
            if killed_at is not None and now - killed_at > _KILL_SECONDS:
                self._reason("the tracer did not end after its processes were killed, and was killed itself")
                command.give_up()

    def _overdue(self, now: float, deadline: float, *, lingering: bool) -> bool:
        if self._kept["trace"] + self.log_size() > self._plan.limits.trace_bytes:
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
        """Whether one module or call takes longer than it may; the next step goes on with the others."""
        subject = self._messages.current
        if subject is None:
            return False
        if self._subject_since[0] != self._messages.reached:
            self._subject_since = (self._messages.reached, now)
        calling, limits = CALLABLE in subject, self._plan.limits
        seconds = limits.call_seconds if calling else limits.subject_seconds
        if now - self._subject_since[1] <= seconds:
            return False
        if calling:
            self._result.status = "timeout"  # nothing is missing: with made-up arguments, a call may wait for ever
        else:
            self._cut(subject, seconds)
        return True

    def _cut(self, subject: str, seconds: float) -> None:
        self._result.status = "timeout"
        self._reason(f"{record.shorten(subject, 200)} was cut after {seconds:.3g} s")

    def _reason(self, text: str) -> None:
        if text not in self._result.reasons:
            self._result.reasons.append(text)

    def _pump(self, command: Command) -> None:
        """Reads what came, waiting a moment for it, or for a change of the command."""
        outputs = [self._output] if self._beside.takes else []
        channels = [channel for channel in (*outputs, self._driver, self._probe) if channel.open]
        reading, writing = self._beside.waits_for()
        watched = [*command.descriptors, *reading, *(channel.descriptor for channel in channels)]
        ready, writable, _ = select.select(watched, writing, [], _TICK)
        self._beside.turn({*ready, *writable})
        for channel in channels:
            if channel.descriptor in ready:
                self._feed(channel, channel.read())

    def _feed(self, channel: Channel, data: bytes) -> None:
        if channel is self._output:
            self._beside.heard(data)
        if channel is self._driver and not channel.cut:
            self._messages.feed(data)

    def log_size(self) -> int:
        """Bytes of the tracer's log so far."""
        try:
            return self.log.stat().st_size
        except FileNotFoundError:
            return 0


def _orders(driving: Driving | None) -> bytes | None:
    """What a driver reads. With it comes what makes seconds since the epoch of those of the monotonic clock."""
    if driving is None:
        return None
    return json.dumps({**driving.orders, "epoch": time.time() - time.monotonic()}).encode()


def _exit(code: int) -> dict[str, Any]:
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128
        try:
            return {"signal": signal.Signals(number).name}
        except ValueError:
            return {"status": code}
    return {"status": code}
