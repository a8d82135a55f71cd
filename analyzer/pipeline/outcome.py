"""How the phases went, and whether everything was seen."""

from __future__ import annotations

from typing import Literal

from analyzer.model.event import PHASES, Phase
from analyzer.model.report import Completeness, PhaseResult
from analyzer.sandbox.interface import RunFacts
from analyzer.store.record import Record, StepRecord
from analyzer.trace.installed import Installed
from analyzer.trace.timeline import Timeline

Status = Literal["ok", "failed", "timeout", "skipped"]
_MAX_NAMED = 5
_HINT = "hint: "


def phase_results(record: Record, steps: list[StepRecord], installed: Installed) -> list[PhaseResult]:
    """One result for each phase, in order."""
    results = []
    for phase in PHASES:
        own = [step for step in steps if step.phase == phase]
        status, detail = _result(phase, own, record, installed)
        seconds = sum(step.end - step.begin for step in own)
        results.append(PhaseResult(name=phase, status=status, duration_seconds=round(seconds, 3), detail=detail))
    return results


def _result(phase: Phase, steps: list[StepRecord], record: Record, installed: Installed) -> tuple[Status, str]:
    if not steps:
        return _skipped(phase, installed)
    if any(step.status == "timeout" for step in steps):
        return "timeout", "; ".join(reason for step in steps for reason in step.reasons)
    if phase == "import":
        return _imported(steps, record, installed)
    if phase == "execute":
        return "ok", _executed(steps)
    failed = next((step for step in steps if step.status == "failed"), None)
    return ("failed", _last_words(failed, record)) if failed else ("ok", "")


def _executed(steps: list[StepRecord]) -> str:
    """An entry point that wants arguments ends with an error without any, which is no failure of the phase."""
    errors = sum(step.status == "failed" for step in steps)
    return f"{len(steps)} runs of entry points" + (f", {errors} ended with an error" if errors else "")


def _skipped(phase: Phase, installed: Installed) -> tuple[Status, str]:
    if installed.target is None:
        return "skipped", "the package is not installed"
    what = {"import": "the package has no modules", "execute": "the package has no entry points"}
    return "skipped", what.get(phase, "the run did not get that far")


def unfinished_modules(step: StepRecord, record: Record) -> dict[str, str]:
    """The modules of a step whose import began and never ended, and why."""
    lines = list(record.driver_lines(step))
    left = {line.begin for line in lines if line.begin} - {line.end for line in lines}
    if step.status == "timeout":
        why = "cut when its time was over"
    elif step.exit.signal:
        why = f"the interpreter was ended by {step.exit.signal}"
    else:
        why = f"the interpreter ended with status {step.exit.status}"
    return dict.fromkeys(sorted(left), why)


def _imported(steps: list[StepRecord], record: Record, installed: Installed) -> tuple[Status, str]:
    ended = {line.end: line.error for step in steps for line in record.driver_lines(step) if line.end}
    for step in steps:
        for module, why in unfinished_modules(step, record).items():
            ended.setdefault(module, why)
    failed = {module: error for module, error in ended.items() if error}
    total = len(installed.target.modules) if installed.target else len(ended)
    if not failed:
        return "ok", f"{len(ended)} of {total} modules imported"
    named = "; ".join(
        f"{module} ({error.splitlines()[0][:120]})" for module, error in list(failed.items())[:_MAX_NAMED]
    )
    more = f"; and {len(failed) - _MAX_NAMED} more" if len(failed) > _MAX_NAMED else ""
    tops = [module for module in failed if "." not in module]
    return (
        "failed" if tops else "ok"
    ), f"{len(ended) - len(failed)} of {total} modules imported; failed: {named}{more}"


def _last_words(step: StepRecord, record: Record) -> str:
    """How a command ended and the last line that it printed, without the installer's hints that follow the cause."""
    lines = [line.strip() for line in record.output_tail(step).splitlines() if line.strip()]
    hints = [number for number, line in enumerate(lines) if number and line.startswith(_HINT)]
    lines = lines[: hints[-1]] if hints else lines
    how = step.exit.signal or f"status {step.exit.status}"
    return f"ended with {how}: {lines[-1][:300]}" if lines else f"ended with {how}"


def completeness(
    record: Record, steps: list[StepRecord], phases: list[PhaseResult], events: Timeline, facts: RunFacts
) -> Completeness:
    """Complete only when nothing is missing: a package that fails is complete, a phase that was cut short is not."""
    reasons = [*facts.reasons, *events.reasons]
    reasons += [f"{step.phase}: {reason}" for step in steps for reason in step.reasons]
    end = record.end_reasons()
    if end is None:
        reasons.append("the run was cut short before its end")
    else:
        reasons += end
    ran = {phase.name for phase in phases if phase.status != "skipped"}
    if not steps or "install" not in ran:
        return Completeness(
            status="failed", reasons=_unique(reasons), events=len(events.events), dropped=events.dropped
        )
    status: Literal["complete", "incomplete"] = "incomplete" if reasons or events.dropped else "complete"
    return Completeness(status=status, reasons=_unique(reasons), events=len(events.events), dropped=events.dropped)


def _unique(reasons: list[str]) -> list[str]:
    return list(dict.fromkeys(reasons))
