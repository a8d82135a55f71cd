"""Whether everything was seen, and the accounts of it: what each layer brought, what was cut, what came near its limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Final, Literal

from analyzer.model.event import PHASES, Event, InterpreterSilence
from analyzer.model.report import Completeness, LayerAccount, MissingCommand, SilencedProbe
from analyzer.pipeline.judging.clock import cut_delays
from analyzer.pipeline.judging.during import at_date
from analyzer.pipeline.judging.limits import limit_uses
from analyzer.pipeline.judging.reading import UNHEARD, Reading
from analyzer.sandbox.interface import RunFacts
from analyzer.store.record import Record, StepRecord

_CUT_BEGINNINGS: Final = (
    ("the output was cut", "out"),
    ("the driver's log was cut", "driver"),
    (UNHEARD, "probe"),
    ("the trace grew beyond", ""),
)
"""How the supervisor says that a command's file was cut (`probes/hood/execution.py`), and that file's suffix; "" for the trace's."""

EXPLORED: Final = "explored by hand: only what the user did was run"
"""Why no report of a session is a whole one, whatever was done in it."""

_MAX_SILENCED: Final = 1000
_TREE: Final = "the tree after {}: more than"
_NETWORK: Final = (
    ("the packet capture reached its size limit", "internet/capture.pcap"),
    ("simulated internet: the log has reached its size limit", "internet/exchanges.jsonl"),
    ("packets: ", "internet/packets.jsonl"),
)


def completeness(
    record: Record,
    reading: Reading,
    facts: RunFacts,
    missing: Iterable[MissingCommand] = (),
    unread: Iterable[str] = (),
) -> Completeness:
    """Complete only when nothing is missing: a package that fails is complete, a phase that was cut short is not.

    `missing` are the commands that were not found, which is told, and is no reason. `unread` are reasons why the package's files are not
    known.
    """
    events, steps = reading.events, reading.steps
    reasons = [*facts.reasons, *unread, *events.reasons]
    reasons += [f"{step.phase}{at_date(step)}: {reason}" for step in steps for reason in step.reasons]
    end = record.end_reasons()
    reasons += cut_delays(steps, events.events)
    reasons += ["the run was cut short before its end"] if end is None else end
    reasons += [EXPLORED] if record.session() is not None else []
    if events.dropped and not reasons:
        reasons.append(f"{events.dropped} lines or records of the traces were lost")
    return Completeness(
        status=_status(reading, reasons),
        reasons=list(dict.fromkeys(reasons)),
        events=len(events.events),
        dropped=events.dropped,
        layers=_layers(reading),
        truncated=_truncated(record, steps, reasons),
        silenced=_silenced(events.events),
        limits=limit_uses(record, steps, reading.drivers, events.accounts, facts.usage),
        commands_missing=list(missing),
    )


def _status(reading: Reading, reasons: list[str]) -> Literal["complete", "incomplete", "failed"]:
    ran = {phase.name for phase in reading.phases if phase.status != "skipped"}
    if not reading.steps or "install" not in ran:
        return "failed"
    return "incomplete" if reasons else "complete"


def _layers(reading: Reading) -> list[LayerAccount]:
    counts = Counter(event.layer for event in reading.events.events)
    return [
        LayerAccount(
            layer=layer,
            received=account.received,
            unreadable=account.unreadable,
            dropped=account.dropped,
            events=counts[layer],
        )
        for layer, account in reading.events.accounts.layers.items()
    ]


def _silenced(events: Iterable[Event]) -> list[SilencedProbe]:
    found = ((event, event.detail) for event in events if isinstance(event.detail, InterpreterSilence))
    return [
        SilencedProbe(phase=event.phase, pid=event.pid, process=event.process, how=detail.how, what=detail.what)
        for event, detail in islice(found, _MAX_SILENCED)
    ]


def _truncated(record: Record, steps: list[StepRecord], reasons: list[str]) -> list[str]:
    """The files of the record that do not hold all that was to be in them, by what was said of them."""
    found = [name for step in steps for name in _cut_of(record, step)]
    found += [f"trees/{phase}.jsonl" for phase in ("before", *PHASES) if _said(reasons, _TREE.format(phase))]
    found += [name for beginning, name in _NETWORK if _said(reasons, beginning)]
    return list(dict.fromkeys(found))


def _cut_of(record: Record, step: StepRecord) -> list[str]:
    trace = "kernel" if record.has(f"steps/{step.stem}.kernel") else "strace"
    return [
        f"steps/{step.stem}.{suffix or trace}"
        for beginning, suffix in _CUT_BEGINNINGS
        if _said(step.reasons, beginning)
    ]


def _said(reasons: list[str] | tuple[str, ...], beginning: str) -> bool:
    return any(reason.startswith(beginning) for reason in reasons)
