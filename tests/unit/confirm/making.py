"""Findings, mappings and reports of directed runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from analyzer.confirm import Mapping, answers, load_mapping
from analyzer.model.confirmation import Answer, Finding
from analyzer.model.direction import Direction
from analyzer.model.report import BehaviorReport, Evidence, Report
from tests.unit.render.sample import behavior, evidence, location, quiet_report

FILE = "pkg/a.py"
SHELL = "execution.shell.run"
HTTP = "network.http.connect"


def finding(**changes: object) -> Finding:
    """A call of a shell at line 10 of pkg/a.py."""
    fields: dict[str, object] = {
        "tool": "Bandit",
        "rule": "B602",
        "message": "subprocess call with shell=True",
        "severity": "high",
        "file": "/tmp/x/pkg-1.0/src/pkg/a.py",
        "line": 10,
        "end_line": 10,
        "pointer": "/results/0",
    }
    return Finding.model_validate(fields | changes)


def direction(reached: str = "line", **changes: object) -> Direction:
    """What the run tells of the place of `finding()`."""
    fields: dict[str, object] = {
        "asked": FILE,
        "file": FILE,
        "module": "pkg.a",
        "function": "Client.get",
        "line": 10,
        "end_line": 10,
        "function_line": 8,
        "function_end": 12,
        "reached": reached,
        "during": "call of pkg.a:Client.get" if reached in ("line", "function") else "",
    }
    return Direction.model_validate(fields | changes)


def seen(line: int, file: str = FILE, **changes: object) -> Evidence:
    """An act by a line of the package's code."""
    fields: dict[str, object] = {"location": location(file, line, "six"), "during": "call of pkg.a:Client.get"}
    detail = str(changes.pop("detail", "sh -c ls"))
    return evidence(detail, 1.0 + line, **(fields | changes))


def shell(*evidences: Evidence, name: str = SHELL, **changes: object) -> BehaviorReport:
    return behavior(name, "Runs a shell command", "medium", list(evidences), **changes)


def report(behaviors: Iterable[BehaviorReport] = (), directions: Iterable[Direction] = (), **changes: object) -> Report:
    return quiet_report(behaviors=list(behaviors), directions=list(directions), **changes)


def answer(
    one: Finding, of: Report, files: Iterable[str] | None = (FILE, "pkg/b.py"), own: Mapping | None = None
) -> Answer:
    """The answer to one finding."""
    known = list(files) if files is not None else None
    (found,) = answers([one], own or load_mapping(), of, known)
    return found


def mapping(folder: Path, text: str) -> Mapping:
    """The mapping with a user's own file before it."""
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return load_mapping((path,))
