"""Events of single acts, announcements and packets, once it is known whose they are."""

from __future__ import annotations

from typing import Final

from analyzer.model.event import Event, Phase, PythonCall, Source
from analyzer.trace.authors.attribution import Attributed, Attributor
from analyzer.trace.calls.processes import Process
from analyzer.trace.logs.probe import ProbeCall
from analyzer.trace.packets.network import Seen

EXCHANGES: Final = "internet/exchanges.jsonl"
PACKETS: Final = "internet/packets.jsonl"
"""Where a record tells of the network: what the simulated internet's services say, and what the captured packets do."""


def event_of_act(one: Attributed, phase: Phase, step: int, log: str) -> Event:
    """The event of an act in the step of this number; `log` is the name of its log in the record."""
    act = one.act
    return Event(
        time=act.time,
        phase=phase,
        layer="syscall",
        pid=act.process.pid,
        process=act.process.program,
        outcome=act.outcome,
        attribution=one.attribution,
        detail=act.detail,
        source=Source(log, act.line),
        location=one.location,
        step=step,
    )


def event_of_call(
    attributor: Attributor, call: ProbeCall, process: Process | None, phase: Phase, step: int, source: Source
) -> Event | None:
    """The event of a line of the probe; None for what the interpreter's code or ours does."""
    location, attribution = attributor.call(call, process)
    if location is None:
        return None
    return Event(
        time=call.time,
        phase=phase,
        layer="interpreter",
        pid=process.pid if process else 0,
        process=process.program if process else "python",
        outcome="completed",
        attribution=attribution,
        detail=PythonCall(call.name, call.arguments),
        source=source,
        location=location,
        step=step,
    )


def event_of_packet(seen: Seen, caller: Event | None, phase: Phase, step: int) -> Event:
    """The event of what was seen on the network in the step of this number; `caller` is that of the call behind it, where one is known."""
    return Event(
        time=seen.time,
        phase=phase,
        layer="packet",
        pid=caller.pid if caller else 0,
        process=caller.process if caller else "",
        outcome="completed",
        attribution=caller.attribution if caller else "package",
        detail=seen.detail,
        source=Source(EXCHANGES if seen.exchange else PACKETS, seen.line),
        location=caller.location if caller else None,
        step=step,
    )


def is_start_of(process: Process, call: ProbeCall) -> bool:
    """Whether an interpreter's first line is that of this process, whose own number a log of the installer's few calls does not tell."""
    return bool(call.arguments) and process.argv[: len(call.arguments)] == call.arguments
