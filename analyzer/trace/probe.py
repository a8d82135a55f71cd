"""The interpreter probe's lines: what Python code did, and which line of it. Hearsay, since the package shares the interpreter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class ProbeCall(BaseModel):
    """One line of format 1 (see `probes/interpreter/probe.py`). `stack` are the frames outwards, as (file, line)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: float = Field(alias="t")
    pid: int = Field(alias="p")
    number: int = Field(alias="n")
    name: str = Field(alias="e")
    arguments: tuple[str, ...] = Field(alias="a")
    file: str = Field(alias="f")
    line: int = Field(alias="l")
    module: str = Field(alias="m")
    stack: tuple[tuple[str, int], ...] = Field(alias="s")


def read(lines: Iterable[str]) -> Iterator[tuple[int, ProbeCall | None]]:
    """Each line's number, from 1, and its call; None for a line that is not of the format."""
    for number, line in enumerate(lines, 1):
        try:
            yield number, ProbeCall.model_validate_json(line)
        except ValidationError:
            yield number, None
