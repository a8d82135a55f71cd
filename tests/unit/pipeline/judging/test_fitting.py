from __future__ import annotations

import json

import pytest

from analyzer.model.report import ProcessNode, Report
from analyzer.pipeline.judging.fitting import MIB, MOST, fitted
from analyzer.render.html.page import render_html
from analyzer.render.json import render_json
from analyzer.render.selection import walk
from tests.unit.render.eventful import rich_report
from tests.unit.render.largest import LETTERS, largest_report
from tests.unit.render.largest_findings import with_findings, with_judgement
from tests.unit.render.sample import behavior, evidence, process, quiet_report


def left(report: Report) -> dict[str, int]:
    assert all(one.count > 0 for one in report.left_out)
    return {one.part: one.count for one in report.left_out}


@pytest.mark.parametrize("make", [quiet_report, rich_report])
def test_what_is_not_too_large_stays_as_it_is(make: object) -> None:
    report = make()  # type: ignore[operator]
    assert fitted(report) is report
    assert report.left_out == []


@pytest.mark.parametrize("letter", [LETTERS["marked-up"], LETTERS["hidden"]], ids=ascii)
def test_the_largest_report_is_cut_and_says_so(letter: str) -> None:
    whole = with_findings(largest_report(letter), letter)
    report = fitted(whole)
    document = render_json(report)
    assert len(document.encode()) < 20 * MIB
    assert len(render_html(report).encode()) < 20 * MIB
    assert len(render_json(with_judgement(report, letter)).encode()) < 20 * MIB
    assert Report.model_validate_json(document) == report
    for path in (
        "files.created",
        "network.http",
        "network.cut",
        "completeness.reasons",
        "completeness.commands_missing",
        "coverage.modules.failed",
        "content.urls",
        "content.licenses",
        "project.vulnerabilities",
    ):
        kept, all_of_it = at(report, path), at(whole, path)
        assert 0 < len(kept) == len(all_of_it) - left(report)[path], path
    assert report.files.left_out == sum(
        left(report)[f"files.{name}"] for name in ("created", "modified", "deleted", "renamed")
    )
    assert report.network.left_out.http == left(report)["network.http"]
    assert report.coverage.modules.left_out == left(report)["coverage.modules.failed"]
    assert counted(report) + report.processes_left_out == counted(whole)
    assert [one.id for one in report.behaviors] == [one.id for one in whole.behaviors]
    assert min(len(one.evidence) for one in report.behaviors) > 0
    assert min(len(one.facts) for one in report.issues) > 0
    assert "entries left out" in render_html(report)


def at(report: object, path: str) -> list[object]:
    for name in path.split("."):
        report = getattr(report, name)
    assert isinstance(report, list)
    return report


def counted(report: Report) -> int:
    return sum(1 for _ in walk(report.processes))


def test_one_text_of_megabytes_costs_only_itself() -> None:
    many = [evidence(f"reads {at}", at, process="x" * (MOST if at == 1 else 10)) for at in range(3)]
    report = fitted(quiet_report(behaviors=[behavior("file.open", "opens", "low", many)]))
    assert left(report) == {"texts": 1}
    texts = [one.process for one in report.behaviors[0].evidence]
    assert texts[0] == texts[2] == "x" * 10
    assert texts[1] == "x" * 2000 + f"… ({MOST - 2000:,} more characters)"


def test_what_does_not_need_its_room_gives_it_to_the_others() -> None:
    some = [evidence("reads " + "x" * 900, at) for at in range(14_000)]
    found = fitted(quiet_report(behaviors=[behavior("file.open", "opens", "low", some)]))
    assert len(render_json(found)) > MOST * 0.8
    assert found.behaviors[0].count == 14_000
    assert left(found) == {"behaviors.evidence": 14_000 - len(found.behaviors[0].evidence)}


def test_processes_are_kept_from_the_first_one_down() -> None:
    chains = [chain(at, 30) for at in range(100)]
    report = fitted(quiet_report(processes=chains))
    kept = {node.pid for node in walk(report.processes)}
    assert {node.pid for node in walk(chains)} - kept
    assert 0 in kept
    for node in walk(chains):
        assert node.pid not in kept or node.pid % 100 == 0 or node.pid - 1 in kept
    assert left(report) == {"processes": report.processes_left_out}
    assert json.loads(render_json(report))["left_out"] == [{"part": "processes", "count": report.processes_left_out}]


def chain(number: int, depth: int) -> ProcessNode:
    """Processes of which each started the next, the first with the lowest number; each takes 6 kB."""
    node: list[ProcessNode] = []
    for level in reversed(range(depth)):
        node = [process(number * 100 + level, ["x" * 400] * 15, 1.0, node)]
    return node[0]
