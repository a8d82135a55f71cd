"""Where findings point: the places that a run is directed at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from analyzer.model.confirmation import Finding
from analyzer.model.direction import Place

MAX_LINES: Final = 400
"""Lines of one finding that are watched; a scanner that reports a whole file means its begin."""


def place_of(finding: Finding) -> Place | None:
    """The place that a finding names; None where it names neither a file nor a module or function."""
    if not (finding.file or finding.module or finding.function):
        return None
    end = min(max(finding.end_line, finding.line), finding.line + MAX_LINES) if finding.line else 0
    return Place(finding.file.removeprefix("./"), finding.line, end, finding.module, finding.function)


def places(findings: Iterable[Finding]) -> tuple[Place, ...]:
    """The places of all findings, each once, in the order of the findings."""
    return tuple(dict.fromkeys(place for one in findings if (place := place_of(one)) is not None))
