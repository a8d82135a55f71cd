"""Reports that were saved as JSON, read back. They may come from a stranger: bounded, and never trusted."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from analyzer.errors import RecordError
from analyzer.model.report import SCHEMA_VERSION, Report
from analyzer.model.vetting import SCHEMA_VERSION as VETTING_VERSION
from analyzer.model.vetting import Vetting

_MAX_BYTES = 256 * 1024 * 1024


def load_report(path: Path) -> Report:
    """The report in a JSON file.

    Raises:
        RecordError: The file cannot be read, is no report, or is one of a newer schema.
    """
    data = _bytes(path)
    try:
        return Report.model_validate_json(data)
    except ValidationError as error:
        raise _refusal(path, data, error, SCHEMA_VERSION) from error


def load_saved(path: Path) -> Report | Vetting:
    """The report in a JSON file, or those of many packages, as `fumehood vet` writes them. Raises RecordError as `load_report` does."""
    data = _bytes(path)
    try:
        return Report.model_validate_json(data)
    except ValidationError as error:
        if not _has_many(_content(data)):
            raise _refusal(path, data, error, SCHEMA_VERSION) from error
    try:
        return Vetting.model_validate_json(data)
    except ValidationError as error:
        raise _refusal(path, data, error, VETTING_VERSION) from error


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise RecordError(f"the report {path} cannot be read: {error.strerror or error}") from error
    if len(data) > _MAX_BYTES:
        raise RecordError(f"the report {path} is larger than {_MAX_BYTES} bytes, which no report of fumehood is")
    return data


def _refusal(path: Path, data: bytes, error: ValidationError, known: str) -> RecordError:
    """Why a document is not taken, in one line."""
    content = _content(data)
    version = _version(content)
    if version not in {None, known}:
        return RecordError(
            f"the report {path} has schema version {version}, and this fumehood reads {known}: upgrade it"
        )
    if _has_many(content) and known == SCHEMA_VERSION and error.title == Report.__name__:
        return RecordError(f"{path} has the reports of several packages, where one is wanted: name a report of one")
    if version is not None:
        place = ".".join(map(str, error.errors()[0]["loc"]))[:200]
        return RecordError(
            f"the report {path} has {place!r}, which this fumehood cannot read: upgrade it, or analyse again"
        )
    return RecordError(f"{path} is not a report of fumehood: name a file that `-o json=PATH` wrote")


def _content(data: bytes) -> object:
    """What JSON a document is; None for one that is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _has_many(content: object) -> bool:
    """Whether a document is one of `fumehood vet`."""
    return isinstance(content, dict) and "packages" in content and "numbers" in content


def _version(content: object) -> str | None:
    """The schema version that a document claims."""
    found = content.get("schema_version") if isinstance(content, dict) else None
    return found[:20] if isinstance(found, str) else None
