"""The project and its known vulnerabilities in the terminal."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console, Group

from analyzer.model.report import Project, Vulnerability
from analyzer.render.terminal.project import project_seen


def shown(project: Project | None, width: int = 200) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(Group(*project_seen(project)))
    return capture.get()


def weak(number: int, **more: Any) -> Vulnerability:
    return Vulnerability(id=f"PYSEC-{number}", source="index", **more)


KNOWN = Project(
    releases=34, first_upload="2012-03-04T05:06:07Z", upload="2025-06-07T08:09:10Z", yanked=False, rank=2613, rank_date="2026-04-01",
    dependents=3, vulnerabilities=[],
)  # fmt: skip


def test_nobody_was_asked() -> None:
    assert project_seen(None) == []


def test_a_project_in_one_line() -> None:
    facts = (
        "rank 2,613 by downloads; 34 releases since 2012; this one of 2025-06-07; needed by 3 packages of the corpus"
    )
    assert shown(KNOWN).strip() == f"Project  {facts}; no known vulnerability"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"rank": None}, "not in the list of the most downloaded"),
        ({"releases": 1}, "1 release since 2012"),
        ({"first_upload": None}, "34 releases;"),
        ({"vulnerabilities": [weak(1)]}, "1 known vulnerability"),
        ({"vulnerabilities": [weak(1), weak(2)]}, "2 known vulnerabilities"),
        ({"yanked": True}, "withdrew this version"),
        ({"rare": ["it has 1 release", "it is young"]}, "rarely used: it has 1 release; it is young"),
        ({"notes": ["this is not known"]}, "note      this is not known"),
    ],
)
def test_each_thing_that_is_known(change: dict[str, Any], text: str) -> None:
    assert text in shown(KNOWN.model_copy(update=change))
    assert text not in shown(KNOWN)


def test_what_is_not_known_is_not_none() -> None:
    text = shown(Project(notes=["it was given by its path"]))
    assert "vulnerabilit" not in text
    assert "downloaded" not in text
    assert "it was given by its path" in text


def test_vulnerabilities() -> None:
    one = weak(1, aliases=["CVE-1", "A", "B", "C"], summary="It is weak.", fixed_in=["1.1", "2.0"])
    text = shown(KNOWN.model_copy(update={"vulnerabilities": [one, *map(weak, range(2, 12))]}))
    assert "PYSEC-1 (CVE-1, A, B): It is weak.; fixed in 1.1 and 2.0" in text
    assert "PYSEC-2; no version without it is known" in text
    assert "PYSEC-6" not in text
    assert "and 6 more vulnerabilities" in text
