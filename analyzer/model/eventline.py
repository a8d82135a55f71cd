"""The lines of `-o events=PATH`: a header, then one event a line. `docs/events.md` tells how to read them.

A reader takes these models for what a line has; a writer makes the same keys without them, since there may be many lines.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Final, Literal

from pydantic import Field, JsonValue, TypeAdapter

from analyzer.model.base import CodeLocation, Model, Text
from analyzer.model.event import DETAILS, Attribution, Detail, Event, Layer, Outcome, Phase
from analyzer.model.report import SCHEMA_VERSION

MAX_LINE: Final = 128 * 1024
"""No line has more characters."""

_DEFINITIONS: Final = "#/$defs/{model}"
_KINDS: Final[list[JsonValue]] = [*sorted(DETAILS)]


class EventPackage(Model):
    """What was analysed."""

    ecosystem: Literal["pypi"] = "pypi"
    name: Text
    version: Text


class EventHeader(Model):
    """The first line: of which run the events are, whether it was complete, and how many lines follow."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    generator: str
    package: EventPackage
    completeness: Literal["complete", "incomplete", "failed"]
    events: int


class EventSource(Model):
    """Where the raw evidence stands: a file of the record, and its line or record from 1 (0: no line)."""

    file: str
    line: int


class EventLine(Model):
    """One observed fact.

    `time` is seconds since the epoch; `step` the number of the traced command, 0 where an event belongs to a whole phase; `pid` the
    process in the tracer's numbering, 0 where the layer cannot tell. `outcome` is "attempted" for what failed. `attribution` says
    whose act it was; `location` which line of Python, where that is known. `during` says in words what ran then. `detail` has the
    fields of its `kind`. `shortened` is there where texts or lists were cut to keep the line within 128 KiB; they end in "…".
    """

    time: float
    phase: Phase
    step: int
    layer: Layer
    kind: str = Field(json_schema_extra={"enum": _KINDS})
    pid: int
    process: Text
    outcome: Outcome
    attribution: Attribution
    location: CodeLocation | None
    source: EventSource
    during: Text
    detail: Annotated[dict[str, Any], Field(description="the fields of the kind")]
    shortened: Literal[True] | None = None


NAMES: Final[dict[type[Detail], tuple[str, ...]]] = {
    detail: tuple(field.name for field in fields(detail)) for detail in DETAILS.values()
}
"""The fields of each kind of detail, in their order."""


def content(event: Event, during: str) -> dict[str, Any]:
    """A line's content before it is made fit to be written: texts as they were seen, tuples for lists."""
    detail, at = event.detail, event.location
    return {
        "time": event.time,
        "phase": event.phase,
        "step": event.step,
        "layer": event.layer,
        "kind": detail.kind,
        "pid": event.pid,
        "process": event.process,
        "outcome": event.outcome,
        "attribution": event.attribution,
        "location": None
        if at is None
        else {"distribution": at.distribution, "module": at.module, "file": at.file, "line": at.line},
        "source": {"file": event.source.file, "line": event.source.line},
        "during": during,
        "detail": {name: getattr(detail, name) for name in NAMES[type(detail)]},
    }


def schema() -> dict[str, Any]:
    """The JSON Schema of a line: a header, or an event whose `detail` fits its `kind`."""
    definitions: dict[str, Any] = {}
    for model in (EventHeader, EventLine):
        one = model.model_json_schema(ref_template=_DEFINITIONS)
        definitions |= one.pop("$defs", {})
        definitions[model.__name__] = one
    conditions = []
    for kind, detail in DETAILS.items():
        one = TypeAdapter(detail).json_schema(ref_template=_DEFINITIONS)
        definitions[detail.__name__] = one | {"additionalProperties": False}
        then = {"properties": {"detail": {"$ref": f"#/$defs/{detail.__name__}"}}}
        conditions.append({"if": {"properties": {"kind": {"const": kind}}}, "then": then})
    definitions["EventLine"]["allOf"] = conditions
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Line of an events file",
        "type": "object",
        "oneOf": [{"$ref": "#/$defs/EventHeader"}, {"$ref": "#/$defs/EventLine"}],
        "$defs": definitions,
    }
