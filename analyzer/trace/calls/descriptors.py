"""File descriptors: what each number of a process refers to, as far as its calls told it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from analyzer.trace.logs.literals import Quoted, Struct, Value


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a file descriptor refers to. Address and port are the peer's; `local_address` and `local_port` from bind.

    A "console" is one of the standard streams that the phase gave, and `stream` which one. `was_read` is whether bytes
    were read through it before, by this process or by the one that it got it from. `made` is the log's line of the call that
    connected or accepted a socket, 0 where that was not seen: copies of it in other processes have the same. `asked` is the path
    that was asked for where a file's own is another one.
    """

    type: Literal["file", "socket", "pipe", "console", "other"]
    path: str = ""
    family: str = ""
    socket_type: str = ""
    address: str = ""
    port: int = 0
    local_address: str = ""
    local_port: int = 0
    closes_on_exec: bool = False
    stream: Literal["", "stdin", "stdout", "stderr"] = ""
    was_read: bool = False
    asked: str = ""
    made: int = 0


PIPE = Descriptor("pipe")
OTHER = Descriptor("other")
"""Something else, or what was not seen."""


def console() -> dict[int, Descriptor]:
    """The standard streams with which a phase's command starts."""
    return {
        0: Descriptor("console", stream="stdin"),
        1: Descriptor("console", stream="stdout"),
        2: Descriptor("console", stream="stderr"),
    }


def closing(descriptor: Descriptor, flags: Value) -> Descriptor:
    """The descriptor with the close-on-exec mark that its flags give it."""
    marked = isinstance(flags, str) and ("CLOEXEC" in flags)
    return replace(descriptor, closes_on_exec=marked)


def head(data: Value, limit: int) -> str:
    """The first bytes of a buffer, or of several buffers together, as text with escapes."""
    return _bytes(data, limit)[:limit].decode("ascii", "backslashreplace")


def _bytes(data: Value, limit: int) -> bytes:
    if isinstance(data, Quoted):
        return data.data
    if isinstance(data, tuple):
        return b"".join(_bytes(part.get("iov_base"), limit) for part in data[:limit] if isinstance(part, Struct))
    return b""
