"""What is known of a project beside its files: from the index, from lists of vulnerabilities, from ranks and the corpus."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from analyzer.model.base import Model, Text


class Vulnerability(Model):
    """A published weakness of the analysed version. `fixed_in` are versions without it, `source` is who says so."""

    id: Text
    aliases: list[Text] = Field(default_factory=list)
    summary: Text = ""
    fixed_in: list[Text] = Field(default_factory=list)
    link: Text = ""
    source: Literal["index", "osv"]


class Project(Model):
    """The project of the analysed version. What is not known is None, and `notes` say why.

    Times are UTC, RFC 3339. `rank` is the place in the list of downloads of `rank_date` (1 is the most downloaded); None with a
    `rank_date` is a project that is not in that list. `dependents` counts the corpus's packages that declare to need it, `rare` are the
    reasons for calling it rarely used, empty where it is not.
    """

    releases: int | None = None
    first_upload: str | None = None
    upload: str | None = None
    yanked: bool | None = None
    rank: int | None = None
    rank_date: str = ""
    dependents: int | None = None
    vulnerabilities: list[Vulnerability] | None = None
    rare: list[Text] = Field(default_factory=list)
    notes: list[Text] = Field(default_factory=list)
