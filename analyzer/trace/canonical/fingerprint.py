"""What an event says beside its time, numbers and authors, so that the same act of two runs can be told to be the same.

An act with a place in the package's own code has none: whose it is is known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any, Final

from analyzer.model.event import (
    DETAILS,
    Detail,
    Event,
    FileRead,
    FileTree,
    PackageMetadata,
    ProcessCreate,
    ProcessLimit,
    ProcessSignal,
    SocketAccept,
    SocketBind,
    SocketListen,
    SocketState,
    StepEnd,
)
from analyzer.trace.canonical.normalising import MAX_TEXT, Normaliser

Value = str | tuple[str, ...]

_MAX_VALUES: Final = 256
_EPHEMERAL: Final = range(32_768, 61_000)
"""Ports that Linux gives a socket that asked for none (ip_local_port_range)."""

_ABOUT_THE_PACKAGE: Final = (PackageMetadata, StepEnd)
"""No acts: what is said of the package itself."""

_LEFT_OUT: Final[Mapping[str, Collection[str]]] = {
    ProcessCreate.kind: ("child",),
    ProcessSignal.kind: ("target",),
    ProcessLimit.kind: ("target",),
    FileTree.kind: ("sha256",),  # only of programs, and of no more than may be read
    FileRead.kind: ("size",),  # is as much as there is, or as the reader's buffer takes
}
"""Fields that differ whenever the same is done again."""

_SCALED: Final = frozenset({"size", "age", "seconds", "sent", "received", "request_bytes", "response_bytes"})
"""Numbers that vary a little with names and machines: told as a power of two."""

_LOCAL_PORTS: Final[Mapping[str, str]] = {
    SocketBind.kind: "port", SocketListen.kind: "port", SocketAccept.kind: "port", SocketState.kind: "local_port",
}  # fmt: skip
"""Fields that may hold a port that the kernel chose."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """An act without what is a run's own. `step` is the kind of the traced command, "" where it belongs to a whole phase.

    `code` is file and line of the Python code, "" where none is known; `detail` the normalised fields in order of their names.
    """

    phase: str
    step: str
    layer: str
    kind: str
    outcome: str
    program: str
    code: str
    detail: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Takes fingerprints of one run's events.

    `steps` gives the kind of each traced command by its number; `writable` are the folders, with a slash at the end, that the
    package can write: code there may be its own.
    """

    normal: Normaliser
    steps: Mapping[int, str]
    writable: tuple[str, ...]

    def of(self, event: Event) -> Fingerprint | None:
        """The fingerprint; None for what is the package's own without doubt, and for what cannot be compared."""
        if isinstance(event.detail, _ABOUT_THE_PACKAGE) or self._is_own(event):
            return None
        detail = self._detail(event.detail)
        program = self.normal(event.process[:MAX_TEXT])
        if detail is None:
            return None
        location = event.location
        code = f"{self.normal(location.file)}:{location.line}" if location is not None else ""
        step = self.steps.get(event.step, "")
        return Fingerprint(event.phase, step, event.layer, event.kind, event.outcome, program, code, detail)

    def counted(self, events: Iterable[Event]) -> dict[Fingerprint, int]:
        """How often each act was seen: in one command, where several of a kind were run, the most."""
        of_steps: Counter[tuple[int, Fingerprint]] = Counter()
        for event in events:
            fingerprint = self.of(event)
            if fingerprint is not None:
                of_steps[event.step, fingerprint] += 1
        most: dict[Fingerprint, int] = {}
        for (_, fingerprint), count in of_steps.items():
            most[fingerprint] = max(count, most.get(fingerprint, 0))
        return most

    def _is_own(self, event: Event) -> bool:
        """Whether it stands in code that may be the package's, or is a file that an installed distribution lists."""
        if isinstance(event.detail, FileTree) and event.detail.distribution:
            return True
        location = event.location
        if location is None:
            return False
        if location.distribution or len(location.file) > MAX_TEXT:
            return True
        return not location.file.startswith("/") or location.file.startswith(self.writable)

    def _detail(self, detail: Detail) -> tuple[tuple[str, Value], ...] | None:
        names, get = _fields(detail.kind)
        local = _LOCAL_PORTS.get(detail.kind)
        found: list[tuple[str, Value]] = []
        for name, value in zip(names, get(detail), strict=True):
            told = "{port}" if name == local and value in _EPHEMERAL else self._value(name, value)
            if told is None:
                return None
            if told:
                found.append((name, told))
        return tuple(found)

    def _value(self, name: str, value: Any) -> Value | None:
        """A field's value as text, "" for none; None where it is too long."""
        if isinstance(value, str):
            return self.normal(value) if len(value) <= MAX_TEXT else None
        if isinstance(value, tuple):
            if len(value) > _MAX_VALUES or sum(map(len, value)) > MAX_TEXT:
                return None
            return tuple(map(self.normal, value))
        return f"2**{int(value).bit_length()}" if name in _SCALED and value else str(value)


class Matching:
    """Tells acts that were seen before from those of this run alone: in each command, each act as often as it was seen before."""

    def __init__(self, before: Mapping[Fingerprint, int], fingerprints: Fingerprints) -> None:
        self._before = before
        self._paths: dict[tuple[str, ...], set[Value]] = defaultdict(set)
        for one in before:
            self._paths[one.phase, one.layer, one.kind, one.outcome].add(dict(one.detail).get("path", ""))
        self._fingerprints = fingerprints
        self._used: Counter[tuple[int, Fingerprint]] = Counter()

    def has(self, event: Event) -> bool:
        """Whether the next event of this run is one of those seen before."""
        detail = event.detail
        paths = self._paths.get((event.phase, event.layer, detail.kind, event.outcome))
        # Most events are told apart by this alone, which is cheap.
        if paths is None or self._fingerprints.normal(getattr(detail, "path", "")[:MAX_TEXT]) not in paths:
            return False
        fingerprint = self._fingerprints.of(event)
        if fingerprint is None:
            return False
        key = (event.step, fingerprint)
        self._used[key] += 1
        return self._used[key] <= self._before.get(fingerprint, 0)


@cache
def _fields(kind: str) -> tuple[tuple[str, ...], Any]:
    """The names of a detail's fields that are compared, in order, and what gets their values as a tuple."""
    left_out = _LEFT_OUT.get(kind, ())
    names = tuple(sorted(field.name for field in fields(DETAILS[kind]) if field.name not in left_out))
    if len(names) == 1:
        get = attrgetter(names[0])
        return names, lambda detail: (get(detail),)
    return names, attrgetter(*names)
