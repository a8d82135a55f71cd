"""Events for the tests of rules."""

from __future__ import annotations

from typing import Any

from analyzer.model.event import Event, FileOpen, Location, NetworkFlow, Source
from analyzer.rules.engine import Engine, Observation
from analyzer.rules.lists import Lists, ReferenceList
from analyzer.rules.schema import Rule

FILE = FileOpen("/home/u/a.pem", "write", ("O_WRONLY", "O_CREAT"), "")
FLOW = NetworkFlow("tcp", "192.0.2.1", 443, 5, 7, established=True, incoming=False, own_port=40000, duration=1.0)
GOOD = {"behavior": "file.write", "event": "file.open", "detail": "{path}"}


def event(
    detail: Any = FILE, time: float = 1.0, *, step: int = 1, pid: int = 5, file: str = "", **header: Any
) -> Event:
    location = Location("d", "m", file, 1) if file else None
    values = {"phase": "install", "layer": "syscall", "outcome": "completed", "attribution": "package"} | header
    return Event(
        time=time,
        pid=pid,
        process="python",
        detail=detail,
        source=Source("x", 1),
        location=location,
        step=step,
        **values,
    )


def opened(path: str, time: float = 1.0, access: Any = "read", **more: Any) -> Event:
    return event(FileOpen(path, access, (), ""), time, **more)


def reference(name: str, kind: Any, *entries: Any) -> ReferenceList:
    return ReferenceList(name=name, title=name, kind=kind, source="tests", date="2026-01-01", entries=entries)


def rule(content: dict[str, Any], lists: Lists | None = None) -> Rule:
    return Rule.model_validate(content, context={"lists": lists or {}})


def observed(content: dict[str, Any], *events: Event, lists: Lists | None = None) -> list[Observation]:
    return list(Engine([rule(content, lists)], lists).observe(events))
