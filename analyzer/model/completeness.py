"""Whether everything was seen, with the accounts behind that."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from analyzer.model.base import CodeLocation, Model, Text
from analyzer.model.event import Attribution, Layer, Phase, SilenceName


class LayerAccount(Model):
    """What one layer brought: `received` lines or records, `unreadable` among them, `dropped` before; the `events` they came to.

    Most of what is received is no event by itself, such as a read that goes on, or a file that did not change.
    """

    layer: Layer
    received: int
    unreadable: int
    dropped: int
    events: int


class LimitUse(Model):
    """How much of a limit was used, by whatever used most of it.

    `name` is as on the command line or in the record's plan; `what` is the phase, module or script that came nearest. `used` may be
    above `limit`: some limits are enforced a moment later, and files may be sparse.
    """

    name: str
    used: float
    limit: float
    unit: Literal["seconds", "bytes", "count"]
    what: Text = ""


class MissingCommand(Model):
    """A program that was looked for and is not there: how often, in which phases, and by whom first."""

    name: Text
    searches: int
    phases: list[Phase]
    attribution: list[Attribution]
    distribution: Text = ""
    location: CodeLocation | None = None


class SilencedProbe(Model):
    """An interpreter whose probe was changed, was missing or fell silent, or in whose name somebody wrote lines.

    `how` is "changed" (`what` of it), "absent" (`what` is the interpreter's path), "ended" (`what` it had told last), "unanswered"
    (`what` the driver was at) or "forged" (`what` is wrong with the line).
    """

    phase: Phase
    pid: int
    process: Text
    how: SilenceName
    what: Text


class Completeness(Model):
    """Whether everything was seen. Anything short of it makes the run incomplete, with the reasons.

    `truncated` names files of the record that were cut, `silenced` the first 1,000 interpreters whose probe is not to be relied on. A
    command in `commands_missing` is no reason: a package meets a machine without it too.
    """

    status: Literal["complete", "incomplete", "failed"]
    reasons: list[Text] = Field(default_factory=list)
    events: int
    dropped: int
    layers: list[LayerAccount] = Field(default_factory=list)
    truncated: list[Text] = Field(default_factory=list)
    silenced: list[SilencedProbe] = Field(default_factory=list)
    limits: list[LimitUse] = Field(default_factory=list)
    commands_missing: list[MissingCommand] = Field(default_factory=list)
