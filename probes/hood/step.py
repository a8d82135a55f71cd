"""One traced command: start it, keep what comes out, end it in time, and say how it ended and what was cut."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hood import record, tracer
from hood.channels import Channel
from hood.launcher import Launcher
from hood.plan import Plan

EVENTS_FIFO = "events"
"""Name of the pipe, in the supervisor's run folder, that the interpreter probes write to."""

_TICK = 0.05
_KILL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a phase. `subject` is what it is about; `stdin` what the driver reads; `modules` counts its subjects."""

    phase: str
    subject: str
    argv: list[str]
    seconds: float
    running_package_code: bool = True
    stdin: str = ""
    driven: bool = False


@dataclass(slots=True)
class StepResult:
    """How a step ended: `exit` as JSON for the record, `said` the driver's lines, `reasons` what makes it incomplete."""

    number: int
    status: str
    exit: dict[str, Any]
    begin: float
    end: float
    said: list[dict[str, Any]]
    left_running: bool = False
    reasons: list[str] = field(default_factory=list)


class StepRunner:
    """Runs steps one after the other and writes their record."""

    def __init__(self, plan: Plan, launcher: Launcher, run_folder: Path) -> None:
        self._plan = plan
        self._launcher = launcher
        fifo = run_folder / EVENTS_FIFO
        self._fifo = os.open(fifo, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        if os.geteuid() == fifo.stat().st_uid:
            fifo.chmod(0o222)
        self._number = 0
        (plan.record / "steps").mkdir(exist_ok=True)

    def run(self, step: Step) -> StepResult:
        """Runs one step to its end, which is bounded by its time limit."""
        self._number += 1
        self._discard_strays()
        execution = _Execution(self._plan, self._launcher, step, self._number, self._fifo)
        result = execution.run()
        record.append(
            self._plan.record / "steps.jsonl",
            {
                "step": result.number,
                "phase": step.phase,
                "subject": record.shorten(step.subject),
                "argv": [record.shorten(word, 256) for word in step.argv],
                "begin": result.begin,
                "end": result.end,
                "exit": result.exit,
                "status": result.status,
                "left_running": result.left_running,
                "reasons": result.reasons,
                "stem": execution.stem,
            },
        )
        return result

    def _discard_strays(self) -> None:
        """Empties the pipe of what interpreters outside the steps wrote, so that it is not taken for the package's."""
        for _ in range(64):
            try:
                os.read(self._fifo, 65536)
            except BlockingIOError:
                return


class _Execution:
    """The state of one running step."""

    def __init__(self, plan: Plan, launcher: Launcher, step: Step, number: int, fifo: int) -> None:
        self._plan = plan
        self._launcher = launcher
        self._step = step
        self._number = number
        self.stem = f"{number:02d}-{step.phase}"
        self._reasons: list[str] = []
        limits = plan.limits
        base = plan.record / "steps" / self.stem
        self._log = base.with_suffix(".strace")
        output_read, self._output_write = os.pipe()
        driver_read, self._driver_write = os.pipe()
        info_read, self._info_write = os.pipe()
        self._output = Channel(output_read, base.with_suffix(".out"), limits.output_bytes)
        self._driver = Channel(driver_read, base.with_suffix(".driver"), limits.output_bytes)
        self._probe = Channel(os.dup(fifo), base.with_suffix(".probe"), limits.probe_bytes)
        self._info = info_read
        os.set_blocking(self._info, False)
        self._info_text = b""
        self._said = _Lines()
        self._process: int | None = None
        self._main: int | None = None
        self._status = ""
        self._left_running = False
        self._subject_since: tuple[str, float] | None = None

    def run(self) -> StepResult:
        begin = time.time()
        process = self._start()
        self._process = os.pidfd_open(process.pid)
        try:
            exit_code = self._watch(process)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            for descriptor in (self._process, self._main):
                if descriptor is not None:
                    os.close(descriptor)
        self._launcher.kill_all(self._info_text)
        end = time.time()
        for channel in (self._output, self._driver, self._probe):
            data = channel.drain()
            if channel is self._driver:
                self._said.feed(data)
        self._note_cuts()
        for channel in (self._output, self._driver, self._probe):
            channel.close()
        os.close(self._info)
        return StepResult(
            number=self._number,
            status=self._status or ("ok" if exit_code == 0 else "failed"),
            exit=_exit(exit_code),
            begin=begin,
            end=end,
            said=self._said.messages,
            left_running=self._left_running,
            reasons=self._reasons,
        )

    def _start(self) -> subprocess.Popen[bytes]:
        plan, step = self._plan, self._step
        seccomp = os.open(plan.seccomp, os.O_RDONLY) if plan.seccomp else None
        words = self._launcher.command(
            [*step.argv, *(["--progress", str(self._driver_write)] if step.driven else [])],
            plan.environment,
            tracer.command(
                plan.tracer,
                self._log,
                running_package_code=step.running_package_code,
                in_container=plan.launcher == "user",
            ),
            self._info_write,
        )
        inherited = [self._driver_write, self._info_write]
        if seccomp is not None:
            words[words.index("--info-fd") : words.index("--info-fd")] = ["--seccomp", str(seccomp)]
            inherited.append(seccomp)
        limits = plan.limits
        words = [
            "prlimit", f"--nproc={limits.processes}", f"--fsize={limits.file_bytes}", "--core=0",
            f"--cpu={limits.cpu_seconds}", "--nofile=4096", *words,
        ]  # fmt: skip
        with tempfile.TemporaryFile() as stdin:
            # A file, because a pipe's writer would have to wait for a package that never reads.
            stdin.write(step.stdin.encode())
            stdin.seek(0)
            process = subprocess.Popen(
                words,
                stdin=stdin,
                stdout=self._output_write,
                stderr=self._output_write,
                pass_fds=inherited,
                cwd="/",
                start_new_session=True,
            )
        for descriptor in (self._driver_write, self._info_write, self._output_write):
            os.close(descriptor)
        if seccomp is not None:
            os.close(seccomp)
        return process

    def _watch(self, process: subprocess.Popen[bytes]) -> int:
        """Waits for the tracer's end. The first command's own end starts a short time in which what it left may go on."""
        deadline = time.monotonic() + self._step.seconds
        killed_at: float | None = None
        lingering = False
        while process.poll() is None:
            self._pump()
            now = time.monotonic()
            if self._main is None:
                self._main = _tracee(process.pid)
            if not lingering and self._main is not None and _ended(self._main):
                lingering = True
                deadline = min(deadline, now + self._plan.limits.linger_seconds)
            overdue = self._overdue(now, deadline, lingering=lingering)
            if overdue and killed_at is None:
                killed_at = now
                self._launcher.kill_all(self._info_text)
            if killed_at is not None and now - killed_at > _KILL_SECONDS:
                self._reasons.append("the tracer did not end after its processes were killed, and was killed itself")
                process.kill()
        return process.wait()

    def _overdue(self, now: float, deadline: float, *, lingering: bool) -> bool:
        if self._log.exists() and self._log.stat().st_size > self._plan.limits.trace_bytes:
            self._reason(f"the trace grew beyond {self._plan.limits.trace_bytes} bytes, so the command was ended")
            return True
        if now >= deadline:
            if lingering:
                self._left_running = True
            else:
                self._status = "timeout"
                self._reason(f"{self._step.subject or self._step.phase} was cut after {self._step.seconds:g} s")
            return True
        if self._step.driven and self._subject_overdue(now):
            self._status = "timeout"
            return True
        return False

    def _subject_overdue(self, now: float) -> bool:
        """Whether one module takes longer than a module may; the next step goes on with the others."""
        current = self._said.current
        if current is None:
            self._subject_since = None
            return False
        if self._subject_since is None or self._subject_since[0] != current:
            self._subject_since = (current, now)
        if now - self._subject_since[1] <= self._plan.limits.subject_seconds:
            return False
        self._reason(f"{record.shorten(current, 200)} was cut after {self._plan.limits.subject_seconds:g} s")
        return True

    def _reason(self, text: str) -> None:
        if text not in self._reasons:
            self._reasons.append(text)

    def _pump(self) -> None:
        channels = [channel for channel in (self._output, self._driver, self._probe) if channel.open]
        waited = [self._process, *(channel.descriptor for channel in channels)]
        ready, _, _ = select.select(waited, [], [], _TICK)
        for channel in channels:
            if channel.descriptor in ready:
                data = channel.read()
                if channel is self._driver:
                    self._said.feed(data)
        try:
            self._info_text += os.read(self._info, 4096)
        except BlockingIOError:
            return

    def _note_cuts(self) -> None:
        limits = self._plan.limits
        if self._output.cut:
            self._reason(f"the output was cut after {limits.output_bytes} bytes")
        if self._probe.cut:
            self._reason(f"the interpreter probe's log was cut after {limits.probe_bytes} bytes")
        if self._driver.cut:
            self._reason(f"the driver's log was cut after {limits.output_bytes} bytes")


class _Lines:
    """The driver's messages: JSON lines, of which malformed ones are left out, since anyone in the sandbox may write them."""

    _MAX_MESSAGES = 20_000

    def __init__(self) -> None:
        self._rest = b""
        self.messages: list[dict[str, Any]] = []
        self.current: str | None = None

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-record.MAX_TEXT :]
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict) and len(self.messages) < self._MAX_MESSAGES:
                self.messages.append(message)
                subject = message.get("begin")
                self.current = subject if isinstance(subject, str) else None


def _tracee(tracer_pid: int) -> int | None:
    """A descriptor of the tracer's first real child, once it runs another program than the tracer.

    Linux tells a process's children only by their parent's number, where /proc/PID/task/TID/children is not configured.
    """
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            name, _, rest = Path(entry.path, "stat").read_text().partition("(")[2].rpartition(")")
            if int(rest.split()[1]) == tracer_pid and name not in {"strace", "prlimit"}:
                return os.pidfd_open(int(entry.name))
        except (OSError, ValueError, IndexError):
            continue  # it ended while it was looked at
    return None


def _ended(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def _exit(code: int) -> dict[str, Any]:
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128
        try:
            return {"signal": signal.Signals(number).name}
        except ValueError:
            return {"status": code}
    return {"status": code}
