"""What all parts of the report are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
"""From what every program does to what no honest package does."""


def encodable(text: str) -> str:
    """Text from the sandbox with surrogates as backslash escapes, so that it is valid UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


Text = Annotated[str, AfterValidator(encodable)]
"""Text from the sandbox, made encodable; still hostile."""


class Model(BaseModel):
    """A part of the report: it never changes, and has no keys but its own.

    What checks it is built when the first one is made: no command needs that of all parts, and one part would be built again in each other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class CodeLocation(Model):
    """A line of Python code, and whose it is."""

    distribution: Text
    module: Text
    file: Text
    line: int
