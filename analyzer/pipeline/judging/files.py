"""What the package left in the writable tree, and which process did it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from analyzer.model.event import PACKAGES, Event, FileRename, FileTree
from analyzer.model.report import FileChange, Files
from analyzer.pipeline.judging.behaviors import code_location
from analyzer.trace.timeline import Timeline

_MAX_ROWS: Final = 5000

Kind = Literal["file", "directory", "symlink", "other", ""]


def files(timeline: Timeline, distribution: Callable[[Event], str]) -> Files:
    """What the package created, modified, deleted and renamed, at most 5,000 of each; not what the installer lays from its list.

    `distribution` names the distribution behind an event.
    """
    rows: dict[str, list[FileChange]] = {"created": [], "modified": [], "deleted": [], "renamed": []}
    left_out = 0
    for event in timeline.events:
        name = _list_of(event) if event.attribution in PACKAGES else ""
        if not name:
            continue
        if len(rows[name]) < _MAX_ROWS:
            rows[name].append(_change(event, distribution))
        else:
            left_out += 1
    return Files(**rows, left_out=left_out)


def _list_of(event: Event) -> str:
    """In which list an event belongs; "" for none."""
    detail = event.detail
    if isinstance(detail, FileTree):
        laid = event.phase == "install" and detail.distribution
        return "" if laid else detail.change
    return "renamed" if isinstance(detail, FileRename) and event.outcome == "completed" else ""


def _change(event: Event, distribution: Callable[[Event], str]) -> FileChange:
    detail = event.detail
    path, target, sha256 = "", "", ""
    kind: Kind = ""
    if isinstance(detail, FileTree):
        path, target, kind, sha256 = detail.path, detail.target, detail.type, detail.sha256
    elif isinstance(detail, FileRename):
        path, target = detail.path, detail.target
    return FileChange(
        path=path,
        target=target,
        type=kind,
        sha256=sha256,
        phase=event.phase,
        attribution=event.attribution,
        distribution=distribution(event),
        pid=event.pid,
        process=event.process,
        location=code_location(event),
    )
