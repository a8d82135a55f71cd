"""One traced command after the other: what a command is, how it ended, and the bounds of what is kept of all of them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hood import clock, record
from hood.clock import Clock
from hood.command import Launcher
from hood.execution import Execution, Step, StepResult
from hood.plan import Plan

EVENTS_FIFO = "events"
"""Name of the pipe, in the supervisor's run folder, that the interpreter probes write to."""

_CHECK_SECONDS = 20.0
_KINDS = {"install": "install", "startup": "start", "import": "import"}
"""What a phase's commands usually are."""


@dataclass(slots=True)
class _Kept:
    """What was kept so far of one phase, in bytes."""

    bytes: dict[str, int] = field(default_factory=lambda: {"output": 0, "driver": 0, "probe": 0, "trace": 0})


class StepRunner:
    """Runs steps one after the other and writes their record. `ahead` is by how many seconds the date of the next one is moved."""

    def __init__(self, plan: Plan, launcher: Launcher, run_folder: Path, moved: Clock | None = None) -> None:
        self.ahead = 0.0
        self._clock = moved
        self._plan = plan
        self._launcher = launcher
        fifo = run_folder / EVENTS_FIFO
        self._fifo = os.open(fifo, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        if os.geteuid() == fifo.stat().st_uid:
            fifo.chmod(0o222)
        self._number = 0
        self._kept: dict[str, _Kept] = {}
        (plan.record / "steps").mkdir(exist_ok=True)

    def check(self) -> None:
        """Starts a command of ours as the package's would be. Raises OSError where that, or tracing it, does not work here."""
        stem = "00-check"
        step = Step("check", "", ["/usr/bin/env", "true"], _CHECK_SECONDS)
        steps = self._plan.record / "steps"
        execution = Execution(self._plan, self._launcher, step, stem, self._fifo, _Kept().bytes)
        result = execution.run()
        said = " ".join((steps / f"{stem}.out").read_text(errors="replace").split())
        if result.status != "ok":
            raise OSError(f"no command can be started in the sandbox ({record.shorten(said, 300) or result.exit})")
        if self._plan.tracer["name"] != "none" and execution.log_size() <= self._launcher.empty_log_bytes:
            raise OSError(f"the tracer recorded nothing ({record.shorten(said, 300)})")
        for path in steps.glob(f"{stem}.*"):
            path.unlink()

    def run(self, step: Step) -> StepResult:
        """Runs one step to its end, which is bounded by its time limit."""
        self._number += 1
        self._discard_strays()
        kept = self._kept.setdefault(step.phase, _Kept())
        execution = Execution(
            self._plan, self._launcher, step, f"{self._number:02d}-{step.phase}", self._fifo, kept.bytes
        )
        record.write(self._plan.record / "running.json", self._about(step, execution.stem) | {"begin": time.time()})
        date = self._clock.begin(time.time(), self.ahead) if self._clock is not None else 0.0
        result = execution.run()
        ahead: dict[str, Any] = {}
        if self._clock is not None:
            skipped = self._clock.end()
            result.reasons += [skipped.reason] if skipped.reason else []
            ahead = {"clock": clock.as_json(date, self.ahead, skipped)}
        line = self._line(step, result, execution.stem) | ahead
        record.append(self._plan.record / "steps.jsonl", line)
        return result

    def _about(self, step: Step, stem: str) -> dict[str, Any]:
        """What is known of a step when it begins."""
        return {
            "step": self._number,
            "phase": step.phase,
            "kind": step.kind or _KINDS.get(step.phase, "script"),
            "subject": record.shorten(step.subject),
            "argv": [record.shorten(word, 256) for word in step.argv],
            "stem": stem,
            "epoch": time.time() - time.monotonic(),
        }

    def _line(self, step: Step, result: StepResult, stem: str) -> dict[str, Any]:
        return self._about(step, stem) | {
            "begin": result.begin,
            "end": result.end,
            "exit": result.exit,
            "status": result.status,
            "left_running": result.left_running,
            "cut": result.cut,
            "cpu_seconds": result.cpu_seconds,
            "memory_bytes": result.memory_bytes,
            "reasons": result.reasons,
        }

    def _discard_strays(self) -> None:
        """Empties the pipe of what interpreters outside the steps wrote, so that it is not taken for the package's."""
        for _ in range(64):
            try:
                os.read(self._fifo, 65536)
            except BlockingIOError:
                return
