"""Which reads of the clock, told by the C library, say something of the package: those of programs that it brought along.

An interpreter reads the clock for itself and for its standard library too, and its own probe tells what the package's code
does. So programs that are one are left out: CPython opens its `encodings` before anything else, and whatever runs a script
opens that script, which the kernel names as the program. The resolver in the C library measures its waiting by the clock, so
reads after a program first had a datagram socket are left out as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from analyzer.model.event import FileOpen, ProcessClock, ProcessCreate, ProcessExec, SocketCreate
from analyzer.trace.calls.kernel import Act
from analyzer.trace.calls.processes import Process

_PYTHON = re.compile(r"/encodings/(?:__pycache__/)?__init__\.[^/]*\Z|/python3?[^/]*\.zip\Z")
_INTERNET = frozenset({"AF_INET", "AF_INET6"})


@dataclass(slots=True)
class _Program:
    """A program from its start to the next one of its process, with the processes made of it."""

    path: str
    interprets: bool = False
    resolves: bool = False
    reads: list[int] = field(default_factory=list)


def settled(acts: Sequence[Act]) -> Sequence[Act]:
    """The acts in order without the reads of a clock that say nothing; the others with the program's path."""
    if not any(isinstance(act.detail, ProcessClock) for act in acts):
        return acts
    programs: list[_Program] = []
    running: dict[Process, _Program] = {}
    made: dict[int, _Program] = {}
    for place, act in enumerate(acts):
        detail = act.detail
        if isinstance(detail, ProcessExec) and not detail.error:
            running[act.process] = _Program(detail.path)
            programs.append(running[act.process])
            continue
        program = _program(act.process, running, made)
        if program is None:
            continue
        if isinstance(detail, ProcessCreate):
            made[detail.child] = program
        elif isinstance(detail, ProcessClock):
            if not program.resolves:
                program.reads.append(place)
        else:
            _learn(program, detail)
    own = {place: one.path for one in programs if not one.interprets for place in one.reads}
    return [
        act._replace(detail=replace(act.detail, path=own[place])) if isinstance(act.detail, ProcessClock) else act
        for place, act in enumerate(acts)
        if not isinstance(act.detail, ProcessClock) or place in own
    ]


def _program(process: Process, running: dict[Process, _Program], made: dict[int, _Program]) -> _Program | None:
    """What a process runs: what it started, or what its maker ran when it was made."""
    program = running.get(process)
    if program is None:
        program = made.pop(process.pid, None)
        if program is None and process.parent is not None:
            program = running.get(process.parent)
        if program is not None:
            running[process] = program
    return program


def _learn(program: _Program, detail: object) -> None:
    if isinstance(detail, FileOpen) and not detail.error and detail.access == "read":
        program.interprets |= detail.path == program.path or _PYTHON.search(detail.path) is not None
    elif isinstance(detail, SocketCreate) and detail.family in _INTERNET:
        program.resolves |= detail.type == "SOCK_DGRAM"
