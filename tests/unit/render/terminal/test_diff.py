from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.console import Console

from analyzer.model.report import Completeness, Fact, IssueReport, Package, Report
from analyzer.pipeline.difference import difference
from analyzer.render.terminal.diff import show_difference
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.sample import behavior, evidence, location, package_file, quiet_report

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def shown(a: Report, b: Report, width: int = 80, *, colour: bool = False) -> str:
    stream = io.StringIO()
    environment = {"TERM": "xterm-256color"} if colour else {"NO_COLOR": "1"}
    console = Console(file=stream, width=width, force_terminal=colour or None, _environ=environment)
    console.print(show_difference(difference(a, b, ("a", "b"))))
    return stream.getvalue()


def before() -> Report:
    return quiet_report(
        behaviors=[
            behavior("file.read", "Reads files", "low", [evidence("/x", 1, target="~/x")], count=400),
            behavior("file.delete", "Deletes files", "medium", [evidence("/y", 1, target="~/y")]),
            behavior("network.url.contact", "Requests a URL", "low", [evidence("GET x", 1, target="GET http://a.example/")]),
        ],
        issues=[_issue("license.copyleft", "A copyleft licence")],
    )  # fmt: skip


def after() -> Report:
    at = location("acme/__init__.py", 7)
    contacts = [
        evidence(f"GET {number}", number, target=f"GET http://a.example/{number}", location=at, during="import of acme")
        for number in range(8)
    ]
    facts = [Fact(source="content", detail=f"key {number}", file="acme/keys.py", line=number) for number in range(7)]
    changed = [
        behavior(
            "file.read",
            "Reads files",
            "high",
            [evidence("/x", 1, target="~/x", phase="install"), evidence("/z", 2, target="~/z")],
        ),
        behavior("network.url.contact", "Requests a URL", "low", contacts, attribution=["dependency"]),
        behavior(
            "steal.ssh-key.read",
            "Reads SSH keys",
            "high",
            [evidence("/home/alex/.ssh/id_rsa", 3, target="~/.ssh/id_rsa", location=at)],
            count=12,
            attribution=["dependency"],
            outcome="attempted",
            called_only=True,
        ),
    ]
    issues = [
        _issue("license.copyleft", "A copyleft licence", facts),
        _issue("secret.token", "A token in a file", facts),
    ]
    package = Package(name="acme", version="2.0", files=[package_file("acme-2.0-py3-none-any.whl", 9)])
    cut = Completeness(status="incomplete", reasons=["a", "b", "c", "d"], events=9, dropped=1)
    return quiet_report(behaviors=changed, issues=issues, package=package, completeness=cut)


def _issue(name: str, title: str, facts: list[Fact] | None = None) -> IssueReport:
    return IssueReport(
        id=name, title=title, category=name.split(".")[0], severity="medium", causes_risk="x", problem="It is a problem.",
        next_steps=["Do."], evidence=[], facts=facts or [],
    )  # fmt: skip


@pytest.mark.parametrize("width", [80, 120])
def test_a_difference(width: int, snapshot: SnapshotAssertion) -> None:
    assert shown(before(), after(), width) == snapshot


def test_the_other_way_round(snapshot: SnapshotAssertion) -> None:
    assert shown(after(), before()) == snapshot


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_console_or_ends_in_spaces(width: int) -> None:
    for a, b in [(before(), after()), (quiet_report(), hostile_report()), (hostile_report(), rich_report())]:
        lines = shown(a, b, width).split("\n")
        assert max(cell_len(line) for line in lines) <= width
        assert [line for line in lines if line != line.rstrip()] == []


def test_colour_changes_no_word() -> None:
    coloured = shown(before(), after(), colour=True)
    assert STYLE.search(coloured)
    assert STYLE.sub("", coloured) == shown(before(), after())
