"""Which lines of code did what the packages of `tests/data/behaviors.yaml` show: what `tests/data/lines.yaml` says, and what a report says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from analyzer.model.report import Evidence, Report

LINES: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parents[1] / "data" / "lines.yaml").read_text())
_OTHERS = "*"


def wrong_places(case: str, module: str, report: Report) -> list[str]:
    """Each piece of evidence whose location is not a right one, or that should have one and has none."""
    told: list[str] = []
    for behavior in report.behaviors:
        lines = LINES.get(case, {})
        right = _places(lines.get(behavior.id, lines.get(_OTHERS)), module)
        if right:
            found = {_place(evidence) for evidence in behavior.evidence}
            told += [f"{behavior.id}: {place or 'nowhere'}" for place in sorted(found - right)]
    return told


def _places(lines: Any, module: str) -> set[str]:
    several = lines if isinstance(lines, list) else [lines]
    return {line if isinstance(line, str) else f"{module}.py:{line}" for line in several if line is not None}


def _place(evidence: Evidence) -> str:
    location = evidence.location
    return f"{Path(location.file).name}:{location.line}" if location is not None else ""
