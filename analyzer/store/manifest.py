"""What a record archive says about itself: its format, the run that it is of, and the files in it.

Format 1 may gain keys, which a reader of format 1 passes over; the number grows when an older reader would misread it.
Everything here may come from a stranger: texts are hostile, and every number is bounded.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, ValidationError

from analyzer.errors import RecordError
from analyzer.model.package import Acquisition, Kind, Role, ServedFile
from analyzer.model.report import Text, Usage
from analyzer.store.contents import EMPTY

FORMAT: Final = 1
"""The format that this version writes, and the newest that it reads."""

_MAX_NUMBER: Final = 2**53
"""The largest number up to which every JSON reader is exact (RFC 8259, 6)."""

Count = Annotated[int, Field(ge=0, le=_MAX_NUMBER)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Word = Annotated[Text, Field(max_length=4096)]


def _utc(time: datetime) -> datetime:
    if time.utcoffset() != timedelta(0):
        raise ValueError("not in UTC")
    return time.replace(tzinfo=UTC)


def _bounded(usage: Usage) -> Usage:
    if not all(
        0 <= value <= _MAX_NUMBER for value in (usage.peak_memory_bytes, usage.cpu_seconds, usage.max_processes)
    ):
        raise ValueError("out of bounds")
    return usage


Time = Annotated[
    AwareDatetime,
    AfterValidator(_utc),
    PlainSerializer(lambda time: time.isoformat().replace("+00:00", "Z"), return_type=str),
]
"""A time in UTC, written as RFC 3339 with `Z`."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class AnalysedFile(_Model):
    """A file that the installer in the sandbox could see; its bytes are not in the record."""

    filename: Word
    sha256: Sha256
    size: Count
    role: Role
    project: Word = ""


class Analysed(_Model):
    """What was analysed, as `analyzer.model.package.Acquisition` has it, without paths of the machine that ran it."""

    name: Word
    version: Word
    kind: Kind
    extras: tuple[Word, ...]
    files: Annotated[tuple[AnalysedFile, ...], Field(min_length=1)]

    @classmethod
    def of(cls, acquisition: Acquisition) -> Self:
        """What a record keeps of an acquisition."""
        files = tuple(
            AnalysedFile(filename=one.filename, sha256=one.sha256, size=one.size, role=one.role, project=one.project)
            for one in acquisition.files
        )
        return cls(
            name=acquisition.name,
            version=acquisition.version,
            kind=acquisition.kind,
            extras=acquisition.extras,
            files=files,
        )

    def acquisition(self) -> Acquisition:
        """The acquisition again. Its files' paths lead nowhere, since nothing is installed from a record."""
        files = tuple(
            ServedFile(one.filename, EMPTY, one.sha256, one.size, one.role, one.project) for one in self.files
        )
        return Acquisition(self.name, self.version, self.kind, self.extras, files)


class RecordedUsage(_Model):
    """What the sandbox was seen to use, as `analyzer.model.report.Usage` has it."""

    peak_memory_bytes: Count
    cpu_seconds: Annotated[float, Field(ge=0, le=_MAX_NUMBER)]
    max_processes: Count

    @classmethod
    def of(cls, usage: Usage | None) -> Self | None:
        """What a record keeps of it."""
        return None if usage is None else cls(**usage.model_dump())

    def usage(self) -> Usage:
        """The same for a report."""
        return Usage(**self.model_dump())


class Facts(_Model):
    """What the host knew of the run: where it was, what it used, and why the record may be incomplete."""

    backend: Word
    runtime: Word
    tracer: Word
    python: Word
    network: Word
    usage: RecordedUsage | None
    reasons: tuple[Text, ...]
    tracer_note: Text = ""
    limits: tuple[Text, ...] = ()


class Origin(_Model):
    """The run that a record is of. `generator` is the fumehood that ran it, `created` when that began."""

    format: Literal[1] = FORMAT
    generator: Word
    created: Time
    acquisition: Analysed
    facts: Facts


class Member(_Model):
    """One file of the record: its name below the record's folder, its size in bytes and its digest."""

    name: str
    size: Count
    sha256: Sha256


class Manifest(Origin):
    """The first member of a record archive: the run, and the other members in their order."""

    files: tuple[Member, ...]


def read_manifest(text: bytes, label: str) -> Manifest:
    """Reads a manifest. `label` names the archive in messages.

    Raises:
        RecordError: It is of a newer format, or not a manifest.
    """
    try:
        found = json.loads(text)
        number = found.get("format") if isinstance(found, dict) else None
        if isinstance(number, int) and number > FORMAT:
            raise RecordError(
                f"{label} is a record of format {str(number)[:20]}, and this version reads up to {FORMAT}: upgrade fumehood"
            )
        return Manifest.model_validate_json(text)
    except (ValueError, RecursionError) as error:
        key = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else ""
        where = f" (see {key[:80]})" if key else ""
        raise RecordError(f"{label} has a manifest that no fumehood wrote{where}: get the record again") from error
