"""Reports that were saved as JSON, read back. They may come from a stranger: bounded, and never trusted."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from analyzer.errors import RecordError
from analyzer.model.report import SCHEMA_VERSION, Report

_MAX_BYTES = 256 * 1024 * 1024


def load_report(path: Path) -> Report:
    """The report in a JSON file.

    Raises:
        RecordError: The file cannot be read, is no report, or is one of a newer schema.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise RecordError(f"the report {path} cannot be read: {error.strerror or error}") from error
    if len(data) > _MAX_BYTES:
        raise RecordError(f"the report {path} is larger than {_MAX_BYTES} bytes, which no report of fumehood is")
    try:
        return Report.model_validate_json(data)
    except ValidationError as error:
        version = _version(data)
        if version not in {None, SCHEMA_VERSION}:
            raise RecordError(
                f"the report {path} has schema version {version}, and this fumehood reads {SCHEMA_VERSION}: upgrade it"
            ) from error
        if version is not None:
            place = ".".join(map(str, error.errors()[0]["loc"]))[:200]
            raise RecordError(
                f"the report {path} has {place!r}, which this fumehood cannot read: upgrade it, or analyse again"
            ) from error
        raise RecordError(f"{path} is not a report of fumehood: name a file that `-o json=PATH` wrote") from error


def _version(data: bytes) -> str | None:
    """The schema version that a document claims."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    found = content.get("schema_version") if isinstance(content, dict) else None
    return found[:20] if isinstance(found, str) else None
