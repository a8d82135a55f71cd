"""What the kernel ran, which is the truth of an execve whatever stood in its caller's memory before, and whether that was something else.

The kernel tells a program's file as it was asked for (for one by a descriptor, `/dev/fd/N` or `/dev/fd/N/PATH`: fs/exec.c, alloc_bprm), and
its arguments as they are in its new memory: for a script, those of its interpreter, which end with the caller's own. That it is one, the
kernel tells by the interpreter's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.kernellog.records import STRING, STRINGS, Chunk
from analyzer.trace.kernellog.values import AT_FDCWD, text

_MOST_WORDS, _MOST_BYTES, _LONGEST_WORD = 160, 8192, 4095
"""How much of an array is read, as in probes/kernel/chunks.h."""


def settle(raw: Raw, program: Sequence[Chunk]) -> Iterator[tuple[str, str]]:
    """Gives an execve or execveat what the kernel ran; yields what had been asked for and what was found, where that differs."""
    first = 1 if raw.name == "execveat" else 0
    name, words, interpreter = _one(program, 0, STRING), _one(program, 1, STRINGS), _one(program, 2, STRING)
    if name is not None:
        asked = raw.chunk(first, STRING)
        if asked is None:
            _put(raw, first, STRING, name)
        elif name not in _names(raw, asked):
            _put(raw, first, STRING, name)
            yield text(asked), text(name)
    if words is not None:
        asked = raw.chunk(first + 1, STRINGS)
        if asked is None:
            _put(raw, first + 1, STRINGS, words)
        elif not _same(asked, words, script=interpreter is not None):
            _put(raw, first + 1, STRINGS, words)
            yield _line(asked), _line(words)


def _names(raw: Raw, asked: bytes) -> tuple[bytes, ...]:
    """How the kernel may call the file that was asked for."""
    folder = raw.signed(0) if raw.name == "execveat" else AT_FDCWD
    if folder == AT_FDCWD or asked.startswith(b"/"):
        return (asked,)
    base = b"/dev/fd/%d" % folder
    return (base, base + b"/") if not asked else (base + b"/" + asked,)


def _same(asked: bytes, found: bytes, *, script: bool) -> bool:
    """Whether the arguments found are those that were asked for, as far as both were read."""
    words = asked.split(b"\0")[:-1]
    cut = len(words) >= _MOST_WORDS or len(asked) > _MOST_BYTES or any(len(word) >= _LONGEST_WORD for word in words)
    if cut:
        # A word may itself be cut, so that only those before the longest are surely whole.
        whole = asked[: asked.find(max(words, key=len))]
        return found.startswith(whole) or whole.partition(b"\0")[2] in found
    if len(found) >= _MOST_BYTES:
        return asked.startswith(found) or len(asked) + len(found) > _MOST_BYTES
    own = asked.partition(b"\0")[2]
    if script:
        return found.endswith(b"\0" + own)
    return found == asked or (not words and found in {b"", b"\0"})


def _one(program: Sequence[Chunk], place: int, kind: int) -> bytes | None:
    return next((data for index, type_, data in program if index == place and type_ == kind), None)


def _put(raw: Raw, place: int, kind: int, data: bytes) -> None:
    raw.before = [(place, kind, data), *(chunk for chunk in raw.before if chunk[:2] != (place, kind))]


def _line(words: bytes) -> str:
    return text(b" ".join(words.split(b"\0")[:-1]))
