"""Lines of JSON from inside the sandbox, checked against a model.

A line that is not of the format is None, never an exception.
"""

from __future__ import annotations

import json
from typing import Annotated, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

T = TypeVar("T")

Time = Annotated[float, Field(ge=0, lt=1e11, allow_inf_nan=False)]
"""Seconds since the epoch."""

Count = Annotated[int, Field(ge=0, lt=2**63)]
"""A size, a number of something, a line or a process."""


def parse(adapter: TypeAdapter[T], line: str) -> T | None:
    """The line's content.

    File names that are not UTF-8 come as lone surrogates, which pydantic's own JSON reader refuses and Python's takes.
    """
    try:
        return adapter.validate_json(line)
    except ValidationError:
        if "\\ud" not in line and "\\uD" not in line:
            return None
    try:
        return adapter.validate_python(json.loads(line))
    except (ValueError, RecursionError):
        return None
