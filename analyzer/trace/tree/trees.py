"""The writable tree before and after a phase, compared to events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from analyzer.model.event import FileTree
from analyzer.trace.logs.wire import Count, parse


class TreeEntry(BaseModel):
    """One line of a tree (see `probes/hood/tree.py`). `unreadable` says why a folder could not be looked into.

    `line` is the line's own number, from 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    type: Literal["file", "directory", "symlink", "other"]
    mode: str = ""
    size: Count = 0
    mtime: int = 0
    inode: Count = 0
    target: str = ""
    head: str = ""
    sha256: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    unreadable: str = ""
    line: int = 0


Tree = dict[str, TreeEntry]


_ENTRY = TypeAdapter(TreeEntry)


def read(lines: Iterable[str]) -> tuple[Tree, int]:
    """The entries by path, and how many lines were not of the format."""
    tree: Tree = {}
    broken = 0
    for number, line in enumerate(lines, 1):
        entry = parse(_ENTRY, line)
        if entry is None:
            broken += 1
        else:
            tree[entry.path] = entry.model_copy(update={"line": number})
    return tree, broken


def links(lines: Iterable[str]) -> tuple[list[tuple[str, str]], bool]:
    """The symbolic links of a tree with their texts, and whether it shows all that there were."""
    found, whole = [], True
    for line in lines:
        whole = whole and '"unreadable"' not in line
        if '"symlink"' in line and (entry := parse(_ENTRY, line)) is not None and entry.type == "symlink":
            found.append((entry.path, entry.target))
    return found, whole


def compare(before: Tree, after: Tree) -> list[FileTree]:
    """What was created, modified and deleted, by path. A folder whose only change is its content is not modified.

    A file that only has another name now is neither: the rename's own event reports it.
    """
    gone = {_identity(entry) for path, entry in before.items() if path not in after}
    moved = gone & {_identity(entry) for path, entry in after.items() if path not in before}
    changes = [
        _change(entry, "created")
        for path, entry in after.items()
        if path not in before and not (entry.inode and _identity(entry) in moved)
    ]
    changes += [
        _change(entry, "modified")
        for path, entry in after.items()
        if path in before and entry.type != "directory" and _differs(before[path], entry)
    ]
    changes += [
        _change(entry, "deleted")
        for path, entry in before.items()
        if path not in after and not (entry.inode and _identity(entry) in moved)
    ]
    return sorted(changes, key=lambda change: change.path)


def _identity(entry: TreeEntry) -> tuple[object, ...]:
    """What stays when a file gets another name. An inode's number alone is used again after a deletion."""
    return entry.inode, entry.type, entry.size, entry.mtime, entry.target, entry.head


def _differs(before: TreeEntry, after: TreeEntry) -> bool:
    """Whether content or kind changed; a changed mode alone is a matter of the mode's own event."""
    return (before.type, before.size, before.mtime, before.target) != (
        after.type,
        after.size,
        after.mtime,
        after.target,
    )


def _change(entry: TreeEntry, change: Literal["created", "modified", "deleted"]) -> FileTree:
    return FileTree(
        path=entry.path,
        change=change,
        type=entry.type,
        mode=entry.mode,
        size=entry.size,
        target=entry.target,
        head=entry.head.encode("latin-1", "replace").decode("ascii", "backslashreplace"),
        distribution="",
        own=False,
        sha256=entry.sha256,
    )
