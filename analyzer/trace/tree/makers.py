"""Who last touched each path of a phase, as system calls show it: the compared file tree tells only that it changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from analyzer.model.event import (
    PACKAGES,
    Event,
    FileCreate,
    FileDelete,
    FileLink,
    FileOpen,
    FileRename,
    FileTree,
    FileWrite,
    Phase,
)

Touched = dict[tuple[Phase, str], Event]


@dataclass(frozen=True, slots=True)
class Makers:
    """The last event that made or wrote a path, and the last that took it away, by phase and path.

    Where the package is one of several who did, it is told, not the installer.
    """

    made: Touched = field(default_factory=dict)
    removed: Touched = field(default_factory=dict)

    def add(self, events: Iterable[Event]) -> None:
        """Takes completed system calls, in any order."""
        for event in events:
            if event.layer != "syscall" or event.outcome != "completed":
                continue
            detail = event.detail
            if isinstance(detail, FileRename):
                _note(self.made, event, detail.target)
                _note(self.removed, event, detail.path)
            elif isinstance(detail, FileDelete):
                _note(self.removed, event, detail.path)
            elif isinstance(detail, FileCreate | FileLink | FileWrite) or (
                isinstance(detail, FileOpen) and detail.access != "read"
            ):
                _note(self.made, event, detail.path)

    def of(self, phase: Phase, change: FileTree) -> Event | None:
        """The event behind a change of the tree, where one was seen."""
        touched = self.removed if change.change == "deleted" else self.made
        return touched.get((phase, change.path))

    def of_event(self, event: Event) -> Event:
        """The event behind one that tells a change of the tree; of any other, itself."""
        if not isinstance(event.detail, FileTree):
            return event
        return self.of(event.phase, event.detail) or event

    def any_in(self, phase: Phase) -> bool:
        """Whether files were traced in a phase at all."""
        return any(one == phase for one, _ in self.made)


def _note(touched: Touched, event: Event, path: str) -> None:
    key = event.phase, path
    known = touched.get(key)
    if known is None or _rank(event) >= _rank(known):
        touched[key] = event


def _rank(event: Event) -> tuple[bool, float]:
    return event.attribution in PACKAGES, event.time
