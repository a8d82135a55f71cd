"""How the phases went."""

from __future__ import annotations

from typing import Literal

from analyzer.model.event import PHASES, Phase
from analyzer.model.report import CallableCoverage, Coverage, ModuleCoverage, PhaseResult
from analyzer.pipeline.judging.lastwords import CHARACTERS, last_words
from analyzer.store.record import Record, StepRecord
from analyzer.trace.authors.installed import Installed

Status = Literal["ok", "failed", "timeout", "skipped"]
_MAX_NAMED = 5

BY_HAND = "explored by hand"
"""How a phase went that was the user's, or that he has instead of it."""


def phase_results(
    record: Record, steps: list[StepRecord], installed: Installed, reached: Coverage
) -> list[PhaseResult]:
    """One result for each phase, in order. `reached` is how far the phases got."""
    results = []
    for phase in PHASES:
        own = [step for step in steps if step.phase == phase and not step.is_later]
        status, detail = _result(phase, own, record, installed, reached)
        seconds = sum(step.end - step.begin for step in own)
        results.append(PhaseResult(name=phase, status=status, duration_seconds=round(seconds, 3), detail=detail))
    return results


def _result(
    phase: Phase, steps: list[StepRecord], record: Record, installed: Installed, reached: Coverage
) -> tuple[Status, str]:
    if not steps:
        return _skipped(phase, installed, record)
    # A call that takes too long is cut without a reason: one with made-up arguments may wait for ever.
    if any(step.status == "timeout" and (step.reasons or step.kind != "callables") for step in steps):
        reasons = "; ".join(reason for step in steps for reason in step.reasons)
        return "timeout", "; ".join(
            [reasons, *_executed(steps, reached.callables)] if phase == "execute" else [reasons]
        )
    if phase == "import":
        return _imported(reached.modules)
    if phase == "execute":
        return "ok", "; ".join(_executed(steps, reached.callables))
    failed = next((step for step in steps if step.status == "failed"), None)
    return ("failed", _last_words(failed, record)) if failed else ("ok", "")


def _executed(steps: list[StepRecord], callables: CallableCoverage) -> list[str]:
    """An entry point that wants arguments ends with an error without any, as most calls do: that is no failure of the phase."""
    parts = [BY_HAND] if any(step.kind == "session" for step in steps) else []
    for kinds, what in (({"script", "module"}, "run{} of entry points"), ({"driver"}, "run{} of the user's driver")):
        runs = [step for step in steps if step.kind in kinds]
        errors = sum(step.status == "failed" for step in runs)
        if runs:
            number = f"{len(runs)} {what.format('' if len(runs) == 1 else 's')}"
            parts.append(number + (f", {errors} ended with an error" if errors else ""))
    if callables.found:
        missing = callables.skipped + callables.not_tried
        told = (("raised", callables.raised), ("did not end", callables.cut), ("could not be reached", missing))
        words = "".join(f", {count} {what}" for what, count in told if count)
        parts.append(f"{callables.called} of {callables.found} callables called{words}")
    return parts


def _skipped(phase: Phase, installed: Installed, record: Record) -> tuple[Status, str]:
    if record.session() is not None:
        return "skipped", BY_HAND if phase != "execute" else "the run did not get that far"
    if installed.target is None:
        return "skipped", "the package is not installed"
    what = {"import": "the package has no modules", "execute": "the package has no entry points"}
    return "skipped", what.get(phase, "the run did not get that far")


def _imported(modules: ModuleCoverage) -> tuple[Status, str]:
    """Only a top-level module that was tried in vain makes the phase a failure."""
    detail = f"{modules.imported} of {modules.total} modules imported"
    if not modules.failed:
        return "ok", detail
    named = "; ".join(
        f"{one.name} ({(one.error or one.reason).splitlines()[0][:120]})" for one in modules.failed[:_MAX_NAMED]
    )
    left = len(modules.failed) + modules.left_out - _MAX_NAMED
    more = f"; and {left} more" if left > 0 else ""
    tops = [one for one in modules.failed if "." not in one.name and one.error]
    return "failed" if tops else "ok", f"{detail}; failed: {named}{more}"


def _last_words(step: StepRecord, record: Record) -> str:
    """How a command ended, and why by its own words."""
    how = step.exit.signal or f"status {step.exit.status}"
    why = last_words(record.output_tail(step, CHARACTERS))
    return f"ended with {how}: {why}" if why else f"ended with {how}"
