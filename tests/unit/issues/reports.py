"""Parts of reports from which issues are found, made from a few words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from analyzer.issues import find, load
from analyzer.model.event import PHASES
from analyzer.model.report import BehaviorReport, Completeness, Content, IssueReport, Project
from analyzer.taxonomy import load as load_taxonomy
from tests.unit.render.sample import behavior, evidence


@dataclass(frozen=True, slots=True)
class Made:
    """What a run showed, and what was read beside it; None is what nobody looked at."""

    behaviors: list[BehaviorReport] = field(default_factory=list)
    content: Content | None = None
    project: Project | None = None
    completeness: Completeness | None = None

    def issues(self) -> list[IssueReport]:
        """The issues of this version's catalog that it has."""
        return find(self.behaviors, load(), self.content, self.project, self.completeness)


def made(parts: dict[str, Any]) -> Made:
    """From the form of `tests/data/issues.yaml`."""
    content, project, completeness = (parts.get(name) for name in ("content", "project", "completeness"))
    return Made(
        behaviors=[seen(text) for text in parts.get("behaviors", [])],
        content=Content.model_validate({"files": 1, "bytes": 1} | content) if content is not None else None,
        project=Project.model_validate(project) if project is not None else None,
        completeness=Completeness.model_validate(completeness) if completeness is not None else None,
    )


def seen(text: str) -> BehaviorReport:
    """A behavior of the taxonomy with one piece of evidence: "file.read in import"."""
    identifier, _, phase = text.partition(" in ")
    known = load_taxonomy()[identifier]
    assert phase in PHASES, text
    shown = evidence(f"{known.title} in {phase}", 1.0 + PHASES.index(phase), phase=phase)
    return behavior(identifier, known.title, known.severity, [shown])
