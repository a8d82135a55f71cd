"""The interpreter probe's lines: what Python code did, and which line of it.

All of it is hearsay, since the package shares the interpreter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from analyzer.trace.logs.wire import Count, Time, parse


class ProbeCall(BaseModel):
    """One line of format 1 (see `probes/interpreter/wire.py`). `stack` are the frames outwards, as (file, line).

    `since` is when its interpreter began to report, in microseconds since the epoch; 0 in records of versions that did not tell it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: Time = Field(alias="t")
    pid: Count = Field(alias="p")
    number: Count = Field(alias="n")
    since: Count = Field(default=0, alias="i")
    name: str = Field(alias="e")
    arguments: tuple[str, ...] = Field(alias="a")
    file: str = Field(alias="f")
    line: Count = Field(alias="l")
    module: str = Field(alias="m")
    stack: tuple[tuple[str, Count], ...] = Field(alias="s")

    @property
    def is_sign(self) -> bool:
        """Whether it is about the probe itself, and no call."""
        return self.name in _SIGNS


REACHED = "reached"
_SIGNS = frozenset({"start", "beat", "end", REACHED})
_CALL = TypeAdapter(ProbeCall)


def read(lines: Iterable[str]) -> Iterator[tuple[int, ProbeCall | None]]:
    """Each line's number, from 1, and its call; None for a line that is not of the format."""
    for number, line in enumerate(lines, 1):
        yield number, parse(_CALL, line)
