"""The import system's own files: the compiled form of a module, which every first import of it leaves in `__pycache__`.

A name proves nothing, since a package can write what it likes under any. A file counts as the import system's only if
the process read the module's source before and wrote the way that importlib does (`_write_atomic`: an exclusive
temporary name, then a rename), and if in the tree its header is that of the source beside it (PEP 552: flags 0, the
source's time and size).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analyzer.model.event import Detail, FileCreate, FileDelete, FileOpen, FileRename, FileWrite

if TYPE_CHECKING:
    from analyzer.trace.tree.trees import TreeEntry

_CACHED = re.compile(r"(.*)/__pycache__/([^/]+)\.(?:cpython|pypy)-?\d+(?:\.opt-[12])?\.pyc", re.DOTALL)
_FOLDER = "/__pycache__"
_HEADER_BYTES = 16
_MAX_SOURCES = 200_000


@dataclass(slots=True)
class BytecodeWriter:
    """What one process read and wrote, as far as it tells the import system at work."""

    sources: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    temporary: dict[str, str] = field(default_factory=dict)

    def is_import(self, detail: Detail, mode: str) -> bool:
        """Whether this act is a step of it. `mode` is that of an announced `open`, which importlib's has none of."""
        if isinstance(detail, FileOpen):
            if detail.access == "read":
                self._read(detail)
                return False
            return self._opens(detail, mode)
        if isinstance(detail, FileWrite):
            return detail.path in self.temporary
        if isinstance(detail, FileRename):
            return detail.path in self.temporary and self.temporary.pop(detail.path) == detail.target
        if isinstance(detail, FileDelete):
            return self.temporary.pop(detail.path, None) is not None
        if isinstance(detail, FileCreate):
            return (
                detail.type == "directory"
                and detail.path.endswith(_FOLDER)
                and detail.path.removesuffix(_FOLDER) in self.folders
            )
        return False

    def _read(self, detail: FileOpen) -> None:
        if not detail.error and detail.path.endswith(".py") and len(self.sources) < _MAX_SOURCES:
            self.sources.add(detail.path)
            self.folders.add(posixpath.dirname(detail.path))

    def _opens(self, detail: FileOpen, mode: str) -> bool:
        target, _, number = detail.path.rpartition(".")
        if mode or "O_EXCL" not in detail.flags or not (number.isascii() and number.isdigit()):
            return False
        if _source(target) not in self.sources:
            return False
        self.temporary[detail.path] = target
        return True


def is_cached(path: str, tree: Mapping[str, TreeEntry]) -> bool:
    """Whether a file of the tree is the compiled form of the source beside it, or the folder of such files."""
    entry = tree.get(path)
    if entry is None:
        return False
    if entry.type == "directory":
        return path.endswith(_FOLDER)
    source = tree.get(_source(path))
    if entry.type != "file" or source is None or source.type != "file":
        return False
    header = entry.head[:_HEADER_BYTES].encode("latin-1", "replace")
    seconds, size = source.mtime // 1_000_000_000 & 0xFFFFFFFF, source.size & 0xFFFFFFFF
    return header[4:] == bytes(4) + seconds.to_bytes(4, "little") + size.to_bytes(4, "little")


def _source(path: str) -> str:
    match = _CACHED.fullmatch(path)
    return f"{match[1]}/{match[2]}.py" if match else ""
