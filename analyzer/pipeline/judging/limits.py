"""How near the run came to each of its limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from analyzer.model.event import PHASES, Phase
from analyzer.model.report import LimitUse, Usage
from analyzer.pipeline.judging.driven import CALLABLE, Driven
from analyzer.pipeline.judging.during import step_words
from analyzer.store.record import Record, StepRecord
from analyzer.trace.accounts import Accounts

Unit = Literal["seconds", "bytes", "count"]

_LOGS = ("strace", "kernel")
_NONE = (0.0, "")


def limit_uses(
    record: Record, steps: list[StepRecord], drivers: Mapping[int, Driven], accounts: Accounts, usage: Usage | None
) -> list[LimitUse]:
    """Each limit that the plan tells, with the most that was used of it. Memory and processes are the whole sandbox's."""
    limits = record.limits()
    uses = [
        _use(f"{phase}_seconds", _seconds(steps, phase), limits.phase_seconds.get(phase, 0.0), "seconds", phase)
        for phase in PHASES
    ]
    uses += [
        _most("subject_seconds", _subjects(steps, drivers), limits.subject_seconds, "seconds"),
        _most("call_seconds", _calls(steps, drivers), limits.call_seconds, "seconds"),
        _most("output_bytes", _sizes(record, steps, ("out",)), limits.output_bytes, "bytes"),
        _most("trace_bytes", _sizes(record, steps, _LOGS), limits.trace_bytes, "bytes"),
        _most("probe_bytes", _sizes(record, steps, ("probe",)), limits.probe_bytes, "bytes"),
        _most("disk_bytes", ((size, name) for name, (_, size) in accounts.trees.items()), limits.disk_bytes, "bytes"),
        _most("tree_entries", ((count, name) for name, (count, _) in accounts.trees.items()), limits.tree_entries, "count"),
    ]  # fmt: skip
    if usage is not None:
        uses.append(_use("memory_bytes", usage.peak_memory_bytes, limits.memory_bytes, "bytes"))
        uses.append(_use("processes", usage.max_processes, limits.processes, "count"))
    return [use for use in uses if use.limit]


def _use(name: str, used: float, limit: float, unit: Unit, what: str = "") -> LimitUse:
    return LimitUse(name=name, used=round(used, 3), limit=round(limit, 3), unit=unit, what=what)


def _most(name: str, uses: Iterable[tuple[float, str]], limit: float, unit: Unit) -> LimitUse:
    used, what = max(uses, default=_NONE, key=lambda use: use[0])
    return _use(name, used, limit, unit, what)


def _seconds(steps: list[StepRecord], phase: Phase) -> float:
    return sum(step.end - step.begin for step in steps if step.phase == phase)


def _subjects(steps: list[StepRecord], drivers: Mapping[int, Driven]) -> Iterator[tuple[float, str]]:
    """How long each module took to import, and each run of a script."""
    for step in steps:
        if step.kind == "import":
            yield from _durations(step, drivers[step.step])
        elif step.kind in {"script", "module"}:
            yield step.end - step.begin, step_words(step)


def _calls(steps: list[StepRecord], drivers: Mapping[int, Driven]) -> Iterator[tuple[float, str]]:
    for step in steps:
        if step.kind == "callables":
            yield from (one for one in _durations(step, drivers[step.step]) if CALLABLE in one[1])


def _durations(step: StepRecord, said: Driven) -> Iterator[tuple[float, str]]:
    if said.timed:
        for subject in said.subjects:
            yield max((step.end if subject.end is None else subject.end) - subject.begin, 0.0), subject.name


def _sizes(record: Record, steps: list[StepRecord], suffixes: tuple[str, ...]) -> Iterator[tuple[float, str]]:
    """The bytes of files with these suffixes of each phase, whose commands share one limit."""
    for phase in PHASES:
        own = [step.stem for step in steps if step.phase == phase]
        yield sum(record.size(f"steps/{stem}.{suffix}") for stem in own for suffix in suffixes), phase
