"""What ran at the moment of an event, in words: which module was imported, which callable called, which script run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Final

from analyzer.model.event import Event, StepEnd
from analyzer.pipeline.judging.driven import CALLABLE, Driven, Subject
from analyzer.store.record import StepKind, StepRecord
from analyzer.trace.tree.makers import Makers

_WORDS: Final = 300
"""Characters that are told; the names are the package's."""

_DRIVEN: Final[frozenset[StepKind]] = frozenset({"import", "callables"})
_OF_STEP: Final[Mapping[StepKind, str]] = {
    "install": "install",
    "start": "a new interpreter",
    "shell": "a new shell",
    "import": "import",
    "script": "script {}",
    "module": "python -m {}",
    "callables": "calls",
    "driver": "the user's driver {}",
    "session": "session",
}


class _Step:
    """One command: what it is in words, and the subjects that its driver named, by the time at which each began."""

    def __init__(self, step: StepRecord, driven: Driven) -> None:
        self.kind = step.kind
        self.date = at_date(step)
        self.words = step_words(step)
        self.names = {one.name for one in driven.subjects}
        self.subjects = sorted(driven.subjects, key=lambda one: one.begin) if driven.timed else []
        self.begins = [one.begin for one in self.subjects]

    def at(self, time: float) -> str:
        """What ran at a time: the subject that had begun and not ended, or the command as a whole."""
        place = bisect_right(self.begins, time) - 1
        lasts = place >= 0 and _lasts(self.subjects[place], time)
        return self.of(self.subjects[place].name) if lasts else self.words

    def of(self, subject: str) -> str:
        """A subject in words; modules are imported, before what they define is called too."""
        if self.kind not in _DRIVEN:
            return self.words
        return (f"call of {subject}" if CALLABLE in subject else f"import of {subject}")[:_WORDS] + self.date


class During:
    """Tells of each event of a run what ran then. `makers` names the system call behind a change of the tree."""

    def __init__(self, steps: list[StepRecord], drivers: Mapping[int, Driven], makers: Makers) -> None:
        self._makers = makers
        self._steps = {step.step: _Step(step, drivers[step.step]) for step in steps}

    def words(self, event: Event) -> str:
        """What ran, bounded; "" where it is only known in which phase it was."""
        cause = self._makers.of_event(event)
        step, detail = self._steps.get(cause.step), cause.detail
        if step is not None and isinstance(detail, StepEnd):
            return step.of(detail.subject) if detail.subject in step.names else step.words
        return self.at(cause.step, cause.time)

    def at(self, number: int, time: float) -> str:
        """What ran at a time in the step of this number."""
        step = self._steps.get(number)
        return step.at(time) if step is not None else ""

    def is_later(self, event: Event) -> bool:
        """Whether it happened while the package was run once more, at a later date."""
        step = self._steps.get(self._makers.of_event(event).step)
        return step is not None and bool(step.date)

    def is_call(self, event: Event) -> bool | None:
        """Whether it happened while callables were called with made-up arguments; None where that is not known."""
        step = self._steps.get(self._makers.of_event(event).step)
        if step is not None:
            # Also while a module is imported for the calls: it was before, in its own phase, and calls leave programs running.
            return step.kind == "callables"
        return None if event.phase == "execute" else False


def step_words(step: StepRecord) -> str:
    """What a command is, in words."""
    subject = step.subject.removeprefix("python -m ") if step.kind == "module" else step.subject
    return _OF_STEP[step.kind].format(subject)[:_WORDS] + at_date(step)


def at_date(step: StepRecord) -> str:
    """The date that the package saw, where it was run once more at a later one."""
    if step.clock is None or not step.is_later:
        return ""
    return f", with the clock at {step.clock.seen:%Y-%m-%d %H:%M} UTC"


def _lasts(subject: Subject, time: float) -> bool:
    return subject.end is None or time <= subject.end
