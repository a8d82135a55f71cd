"""What the index and lists of vulnerabilities said of the analysed version when it was run, as a record keeps it: `project.json`.

Whoever made a record may have written it, so everything is bounded.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from analyzer.model.report import Text

_Short = Annotated[Text, Field(max_length=1000)]
_Long = Annotated[Text, Field(max_length=4000)]
_Moment = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordedVulnerability(_Model):
    """One vulnerability, as `analyzer.model.project.Vulnerability` has it, without who says so."""

    id: _Short
    aliases: Annotated[tuple[_Short, ...], Field(max_length=100)] = ()
    summary: _Long = ""
    fixed_in: Annotated[tuple[_Short, ...], Field(max_length=100)] = ()
    link: _Long = ""


_Vulnerabilities = Annotated[tuple[RecordedVulnerability, ...], Field(max_length=1000)]


class ProjectFacts(_Model):
    """What was said of the target. What nobody said is None, and `notes` say why.

    `listed` tells that the analysed file is one that the index lists for this name and version; else nothing of the index is known.
    Times are UTC, RFC 3339. `vulnerabilities` are the index's, `osv` those of the user's own list, None where none was given; `osv_note`
    says what that list was.
    """

    format: Literal[1] = 1
    listed: bool = False
    releases: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    first_upload: _Moment | None = None
    upload: _Moment | None = None
    yanked: bool | None = None
    vulnerabilities: _Vulnerabilities | None = None
    osv: _Vulnerabilities | None = None
    osv_note: _Long = ""
    notes: Annotated[tuple[_Long, ...], Field(max_length=20)] = ()
