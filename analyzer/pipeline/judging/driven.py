"""What the driver said of one command: which modules or callables began and ended when, as far as its messages can be believed.

It speaks from inside the package's process, which may say anything in its name: times are kept within the command's own, each subject
counts once, and none begins before the one at hand has ended (`probes/hood/messages.py` takes them so too).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from analyzer.store.record import DriverLine, Record, StepRecord

CALLABLE = ":"
"""In the name of a callable, between its module's and its own."""

_SUBJECT = 500
"""Characters of a subject's name that are kept; an honest one has fewer."""


@dataclass(slots=True)
class Subject:
    """A module or callable: when it began and ended, and what it raised. `end` is None for one that never ended."""

    name: str
    begin: float
    end: float | None = None
    error: str = ""


@dataclass(slots=True)
class Driven:
    """The subjects of a step in the order in which they began, how many callables there are, and which were left out why.

    Where callables are called, their modules are subjects too, which are imported again for that.
    `timed` tells that the driver named times, which that of earlier versions did not.
    """

    subjects: list[Subject] = field(default_factory=list)
    found: int | None = None
    skipped: dict[str, str] = field(default_factory=dict)
    timed: bool = False

    def unfinished(self) -> list[str]:
        """The subjects that began and never ended, by name."""
        return sorted(subject.name for subject in self.subjects if subject.end is None)


def driven(record: Record, step: StepRecord) -> Driven:
    """Reads a step's driver messages; nothing where the command had no driver."""
    result = Driven()
    seen: set[str] = set()
    for line in record.driver_lines(step):
        _take(line, step, seen, result)
    return result


def _take(line: DriverLine, step: StepRecord, seen: set[str], result: Driven) -> None:
    unknown = step.begin if line.begin else step.end
    time = min(max(line.t, step.begin), step.end) if line.t else unknown
    result.timed = result.timed or line.t > 0
    if line.found is not None and not line.end:  # the end of a module's import tells how many are in that
        result.found = line.found
    if line.skip:
        result.skipped.setdefault(line.skip[:_SUBJECT], line.why[:_SUBJECT])
    current = result.subjects[-1] if result.subjects else None
    begun = line.begin[:_SUBJECT]
    if current is not None and current.end is None:
        if line.end[:_SUBJECT] == current.name:
            current.end, current.error = time, line.error
    elif begun and begun not in seen:
        seen.add(begun)
        result.subjects.append(Subject(begun, time))


def ended_how(step: StepRecord) -> str:
    """Why a step's subject may have been left unfinished, in words."""
    if step.status == "timeout":
        return "cut when its time was over"
    if step.exit.signal:
        return f"the interpreter was ended by {step.exit.signal}"
    return f"the interpreter ended with status {step.exit.status}"
