"""What others say of a target: its index, and the user's own list of vulnerabilities. It is kept in the record."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analyzer.acquire import Index
from analyzer.acquire.releases import release
from analyzer.kept import replacing
from analyzer.model.package import Acquisition
from analyzer.model.project import Vulnerability
from analyzer.pipeline.collecting import seldom_collecting
from analyzer.store.project import ProjectFacts, RecordedVulnerability
from analyzer.store.record import PROJECT, Record

if TYPE_CHECKING:
    from analyzer.acquire.osv import Advisories

_MAX_NOTE: Final = 1000

UNASKED: Final = ProjectFacts(notes=("the index was not asked when this record was made",))
"""What is known of the project of a record of an earlier version."""


def advisories_of(paths: Iterable[Path]) -> Advisories | None:
    """The user's own lists, None where there are none. Raises UsageError for one that cannot be read."""
    named = tuple(paths)
    if not named:
        return None
    from analyzer.acquire.osv import read_advisories  # its schema takes time to load, which most runs do not need

    with seldom_collecting():
        return read_advisories(named)


def ask(acquisition: Acquisition, index: Index) -> ProjectFacts:
    """What the index says of an acquired target. Raises nothing: what is not known has a note."""
    found = release(acquisition, index)
    return ProjectFacts(
        listed=found.listed,
        releases=found.releases,
        first_upload=found.first_upload,
        upload=found.upload,
        yanked=found.yanked,
        vulnerabilities=_recorded(found.vulnerabilities),
        notes=tuple(note[:_MAX_NOTE] for note in found.notes),
    )


def looked_up(facts: ProjectFacts, name: str, version: str, advisories: Advisories | None) -> ProjectFacts:
    """The same with what the user's own lists say of a version, in place of what others said before."""
    if advisories is None:
        return facts
    known = advisories.known(name, version)
    return facts.model_copy(update={"osv": _recorded(known.vulnerabilities), "osv_note": known.note[:_MAX_NOTE]})


def keep_project(record: Record, acquisition: Acquisition, facts: ProjectFacts, advisories: Advisories | None) -> str:
    """Writes what is known into the record of a run that is over, which tells the version where only a build does.

    Returns why it could not be written, "" where it was. Raises RecordError for a record that this version cannot read.
    """
    target = record.installed().target
    version = acquisition.version or (target.version if target is not None else "")
    whole = looked_up(facts, acquisition.name, version, advisories)
    document = {"format": whole.format, **whole.model_dump(mode="json", exclude_defaults=True)}
    try:
        with replacing(record.folder / PROJECT) as stream:
            stream.write(json.dumps(document).encode("ascii"))
    except OSError as error:
        return f"what is known of the project could not be written into the record: {error.strerror or error}"
    return ""


def _recorded(found: Iterable[Vulnerability] | None) -> tuple[RecordedVulnerability, ...] | None:
    if found is None:
        return None
    return tuple(RecordedVulnerability.model_validate(one.model_dump(exclude={"source"})) for one in found)
