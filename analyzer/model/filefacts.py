"""What was read in the files of an acquisition, before anything is made of it: the record's `content.json`.

Facts only: whether an address is remarkable, or a licence copyleft, is told when a report is made, so that newer lists judge older
records. Whoever made a record may have written it, so everything is bounded.
"""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from analyzer.model.base import Text

MAX_URLS: Final = 50_000
"""Different addresses. A large library has some hundred, the descriptions of all services of a cloud 12,000."""

MAX_URL: Final = 2048
"""Characters of an address; of a longer one its beginning is kept."""

MAX_SECRETS: Final = 1000
MAX_LICENSES: Final = 5000
MAX_NOTES: Final = 200
"""Reasons and names of files that were not read; what is more is counted in the last one."""

MAX_NAME: Final = 4096
"""Characters of a file's name."""

_Short = Annotated[Text, Field(max_length=400)]
_Note = Annotated[Text, Field(max_length=MAX_NAME + 400)]
_Name = Annotated[Text, Field(max_length=MAX_NAME * 10)]
_Count = Annotated[int, Field(ge=0, lt=2**53)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UrlFact(_Model):
    """An address, the file in which it stands first, its line there (from 1, 0 in a binary file), and how often it stands in all."""

    url: Annotated[Text, Field(max_length=MAX_URL * 10)]
    file: _Name
    line: _Count
    count: _Count = 1


class SecretFact(_Model):
    """What has the form of a secret. `shown` is its beginning, `length` its characters, `digest` the begin of its SHA-256 in hex."""

    service: _Short
    shown: _Short
    length: _Count
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    file: _Name
    line: _Count


class LicenseText(_Model):
    """What a distribution says of its licence.

    Of a licence file, `text` is its beginning, and `recognised` are the SPDX expressions of the licences whose phrases stand in it.
    """

    distribution: _Short
    version: _Short
    role: Literal["target", "dependency"]
    source: Literal["License-Expression", "License", "classifier", "file"]
    text: Annotated[Text, Field(max_length=4000)]
    recognised: Annotated[tuple[_Short, ...], Field(max_length=100)] = ()
    file: _Name = ""


class FileFacts(_Model):
    """All of it. `files` and `size` (in bytes) are what was read of the target.

    `failed` are reasons why the facts lack something that they were to hold: the run is incomplete then. `skipped` names files that
    are not read on purpose, such as archives within the package.
    """

    format: Literal[1] = 1
    files: _Count = 0
    size: _Count = 0
    failed: Annotated[tuple[_Note, ...], Field(max_length=MAX_NOTES)] = ()
    skipped: Annotated[tuple[_Note, ...], Field(max_length=MAX_NOTES)] = ()
    urls: Annotated[tuple[UrlFact, ...], Field(max_length=MAX_URLS)] = ()
    secrets: Annotated[tuple[SecretFact, ...], Field(max_length=MAX_SECRETS)] = ()
    licenses: Annotated[tuple[LicenseText, ...], Field(max_length=MAX_LICENSES)] = ()
    classifiers: Annotated[tuple[_Short, ...], Field(max_length=500)] = ()
    scripts: bool = False
    compiled: bool = False
    requires: Annotated[tuple[_Short, ...], Field(max_length=2000)] = ()

    @classmethod
    def nothing(cls, reason: str) -> Self:
        """The facts where nothing could be read."""
        return cls(failed=(reason[:MAX_NAME],))

    def document(self) -> bytes:
        """As it is kept: JSON in ASCII."""
        return json.dumps(self.model_dump(mode="json", exclude_defaults=True), separators=(",", ":")).encode("ascii")
