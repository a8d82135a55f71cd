"""What a clock that ran ahead came to, for the report; and delays that would have been shortened by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from analyzer.model.event import Event, ProcessSleep
from analyzer.model.report import FastClock, LaterRun, Limit
from analyzer.pipeline.judging.during import step_words
from analyzer.store.record import StepClock, StepRecord

_DAY_SECONDS: Final = 86_400
_LONG_SECONDS: Final = 5.0
"""As the rule of `evasion.delay` has it."""

_MISSED: Final = (
    "the clock ran ahead: programs without the C library's shared functions (static ones, system calls of their own, the processor's time "
    "stamp) met the real one, and so did whoever asked the kernel's files; what waits for a date that was not tried was not seen"
)


def fast_clock(steps: list[StepRecord]) -> FastClock | None:
    """What the clocks of a run's commands came to; None where they were the real ones."""
    clocks = [step.clock for step in steps if step.clock is not None]
    if not clocks:
        return None
    later = [(step, step.clock) for step in steps if step.clock is not None and step.is_later]
    return FastClock(
        skipped_seconds=round(sum(clock.skipped for clock in clocks), 3),
        skips=sum(clock.skips for clock in clocks),
        later=[_later_run(list(some)) for _, some in groupby(later, key=lambda one: one[1].ahead)],
    )


def clock_limits(steps: list[StepRecord]) -> list[Limit]:
    """What a clock that ran ahead does not reach."""
    return [Limit(text=_MISSED)] if any(step.clock is not None for step in steps) else []


def cut_delays(steps: list[StepRecord], events: Iterable[Event]) -> Iterator[str]:
    """For each command that was cut while it slept for long, a sentence that says so."""
    # A call that takes too long is cut without a reason: one with made-up arguments may wait for ever.
    cut = {step.step: step for step in steps if step.status == "timeout" and step.reasons and step.clock is None}
    longest: dict[int, float] = {}
    for event in events:
        detail = event.detail
        if event.step in cut and isinstance(detail, ProcessSleep) and detail.note and detail.seconds >= _LONG_SECONDS:
            longest[event.step] = max(longest.get(event.step, 0.0), detail.seconds)
    for number, seconds in sorted(longest.items()):
        step = cut[number]
        yield f"{step.phase}: {step_words(step)} was in a delay of {seconds:.6g} s when it was cut; --fast-clock shortens delays"


def _later_run(steps: list[tuple[StepRecord, StepClock]]) -> LaterRun:
    first, clock = steps[0]
    return LaterRun(
        date=clock.seen.isoformat(timespec="seconds").replace("+00:00", "Z"),
        days_ahead=round(clock.ahead / _DAY_SECONDS, 2),
        duration_seconds=round(max(steps[-1][0].end - first.begin, 0.0), 3),
    )
