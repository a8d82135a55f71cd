"""Where something is, as the kernel's own names of it tell: of a file that was opened, a program that runs, a working folder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from analyzer.trace.kernellog.records import NAMES, RESULT, STRING, Chunk
from analyzer.trace.kernellog.values import text

_ROOT: Final = b"/"
_MEMORY: Final = b"memfd:"
_INTERPRETER: Final = 2
"""Where the record of an exec has the name of a script's interpreter."""


def found(chunks: Iterable[Chunk]) -> str:
    """The path among the chunks of a record; "" where there is none, and for what is in no tree of files, such as a pipe."""
    data = next((data for index, type_, data in chunks if (index, type_) == (RESULT, NAMES)), b"")
    names = data.split(b"\0")[:-1]
    if not names:
        return ""
    if names[-1] != _ROOT:
        return text(names[-1]) if names[-1].startswith(_MEMORY) else ""
    inner = names[-2::-1]
    if inner and not inner[-1]:
        inner.pop()  # the mark of what was deleted
    if not all(inner) or any(_ROOT in name for name in inner):
        return ""
    return text(_ROOT + _ROOT.join(inner))


def program(chunks: Iterable[Chunk]) -> str:
    """The file of a program that was loaded; "" for a script, since it is the interpreter's that is told."""
    given = list(chunks)
    return "" if any(one[:2] == (_INTERPRETER, STRING) for one in given) else found(given)
