"""What a record's `plan.json` tells of the run: what the supervisor was to do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from analyzer.model.event import Phase
from analyzer.model.exploration import Opened

Seconds = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
"""Since the epoch; a record from a stranger may say anything."""


_Amount = Annotated[int, Field(ge=0, lt=2**63)]


class RecordedLimits(BaseModel):
    """The limits of the run, as `analyzer.sandbox.interface.Limits` names them; 0 for one that the plan does not tell."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    phase_seconds: dict[Phase, Seconds] = Field(default_factory=dict)
    subject_seconds: Seconds = 0.0
    call_seconds: Seconds = 0.0
    output_bytes: _Amount = 0
    trace_bytes: _Amount = 0
    probe_bytes: _Amount = 0
    memory_bytes: _Amount = 0
    disk_bytes: _Amount = 0
    processes: Annotated[int, Field(ge=0, lt=2**31)] = 0
    tree_entries: _Amount = 0


class RecordedSession(BaseModel):
    """What was opened for the user, where the package was tried by hand."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    opened: Opened
    command: str = ""


class RecordedPlace(BaseModel):
    """A place that the run was directed at, as `analyzer.model.direction.Place` has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = ""
    line: _Amount = 0
    end_line: _Amount = 0
    module: str = ""
    function: str = ""


class Plan(BaseModel):
    """What is read of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal[1]
    environment: dict[str, str]
    limits: RecordedLimits = RecordedLimits()
    directions: Annotated[tuple[RecordedPlace, ...], Field(max_length=100_000)] = ()
    session: RecordedSession | None = None

    @field_validator("session", mode="before")
    @classmethod
    def _or_none(cls, value: Any) -> Any:
        """A run without a session has an empty one."""
        return value or None
