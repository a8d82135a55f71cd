"""Which traced commands a run began, and which of them are over, while it goes on.

The supervisor tells of a command when it begins, in a file that is replaced each time, and again when it is over, as a line of
`steps.jsonl` (`probes/hood/__init__.py`).
"""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from analyzer.model.event import Phase
from analyzer.store.growing import GrowingLines
from analyzer.store.plan import Seconds
from analyzer.trace.logs.wire import parse

RUNNING: Final = "running.json"
_MOST_BYTES: Final = 1024 * 1024
_MOST_STEPS: Final = 10_000
"""As many as a record has (`analyzer/store/record.py`)."""


class Step(BaseModel):
    """What is told of a command when it begins. `kind` is one of `StepKind`, or of a later version's."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    step: Annotated[int, Field(ge=0, le=999_999)]
    phase: Phase
    kind: Annotated[str, Field(max_length=40)] = ""
    argv: tuple[str, ...]
    begin: Seconds = 0.0
    epoch: Seconds = 0.0
    stem: Annotated[str, Field(pattern=r"^\d{2,6}-[a-z]+$")]

    @property
    def command(self) -> str:
        """The program that is started."""
        return self.argv[0] if self.argv else ""


_STEP: Final = TypeAdapter(Step)


class Steps:
    """The commands of a record that grows. What cannot be read of it is left out: the report tells of that."""

    def __init__(self, record: Path) -> None:
        self._running = record / RUNNING
        self._state: tuple[int, int] = (0, 0)
        self._over = GrowingLines(record / "steps.jsonl")
        self._known: set[str] = set()
        self._ended: set[str] = set()
        self._new: deque[Step] = deque()

    def look(self) -> None:
        """Reads what was told since the last time."""
        # First what runs: a command that is begun and over in between is told in the other file.
        running = self._read_running()
        while lines := self._over.read():
            for line in lines:
                step = parse(_STEP, line)
                if step is not None:
                    self._add(step)
                    self._ended.add(step.stem)
        if running is not None:
            self._add(running)

    def next(self) -> Step | None:
        """The next command, in their order; None where none was begun since the last one."""
        return self._new.popleft() if self._new else None

    def is_over(self, step: Step) -> bool:
        """Whether nothing more is written of it: it is told to be over, or another one was begun."""
        return step.stem in self._ended or bool(self._new)

    def close(self) -> None:
        """Lets go of the files."""
        self._over.file.close()

    def _add(self, step: Step) -> None:
        if step.stem not in self._known and len(self._known) < _MOST_STEPS:
            self._known.add(step.stem)
            self._new.append(step)

    def _read_running(self) -> Step | None:
        try:
            status = self._running.lstat()
            state = status.st_ino, status.st_mtime_ns
            if state == self._state or status.st_size > _MOST_BYTES:
                return None
            text = self._running.read_text(encoding="ascii", errors="replace")
        except OSError:
            return None  # the first command was not begun yet
        self._state = state
        return parse(_STEP, text)
