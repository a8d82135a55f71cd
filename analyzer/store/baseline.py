"""What an empty package's run showed, as one JSON document: in the cache, and in the record of each run that it was held against.

Whoever made a record may have written it, so everything is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from analyzer.model.event import Layer, Outcome, Phase
from analyzer.model.report import Text
from analyzer.trace.canonical.fingerprint import Fingerprint

MAX_EVENTS: Final = 20_000
"""Different acts. An empty sdist's run shows some hundred of its own."""

_MAX_TEXT: Final = 8192

Short = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=_MAX_TEXT)]
Many = Annotated[tuple[Long, ...], Field(max_length=256)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KnownEvent(_Model):
    """An act as `analyzer.trace.canonical.fingerprint.Fingerprint` has it, and how often one command showed it."""

    phase: Phase
    step: Short
    layer: Layer
    kind: Short
    outcome: Outcome
    program: Long
    code: Long = ""
    detail: Annotated[dict[Short, Long | Many], Field(max_length=64)]
    count: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, fingerprint: Fingerprint, count: int) -> Self:
        """What is kept of a fingerprint."""
        one = fingerprint
        return cls.model_validate(
            {
                "phase": one.phase,
                "step": one.step,
                "layer": one.layer,
                "kind": one.kind,
                "outcome": one.outcome,
                "program": one.program,
                "code": one.code,
                "detail": dict(one.detail),
                "count": count,
            }
        )

    def fingerprint(self) -> Fingerprint:
        """The fingerprint again."""
        detail = tuple(sorted(self.detail.items()))
        return Fingerprint(self.phase, self.step, self.layer, self.kind, self.outcome, self.program, self.code, detail)


class Baseline(_Model):
    """What an empty package's run showed that would be told as a package's own acts.

    `measured` says under what: sandbox, runtime, tracer, Python, installer, form, and a digest of these and of all else that has a part
    in it. Where there could be no such run, `missing` says why.
    """

    format: Literal[1] = 1
    measured: Annotated[dict[Short, Long], Field(max_length=64)] = Field(default_factory=dict)
    missing: Annotated[Text, Field(max_length=2000)] = ""
    events: Annotated[tuple[KnownEvent, ...], Field(max_length=MAX_EVENTS)] = ()

    @classmethod
    def of(cls, counts: Mapping[Fingerprint, int], measured: Mapping[str, str]) -> Self:
        """The document of what was counted. At most `MAX_EVENTS`, which the caller sees to."""
        events = tuple(KnownEvent.of(fingerprint, count) for fingerprint, count in counts.items())
        return cls(measured=dict(measured), events=events)

    def counts(self) -> dict[Fingerprint, int]:
        """How often each act was seen."""
        return {event.fingerprint(): event.count for event in self.events}
