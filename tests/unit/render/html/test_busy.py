"""The page of a package that does thousands of different things."""

from __future__ import annotations

import re

from analyzer.render.html.page import MOST, TOP, render_html
from analyzer.render.selection import top_behaviors
from tests.unit.render.busy import EVENTS, PROCESSES, busy_report
from tests.unit.render.pages import told
from tests.unit.render.sample import behavior, evidence, quiet_report
from tests.unit.render.vetted import issue, prevalence

MIB = 1024 * 1024


def test_a_page_of_five_thousand_events_stays_below_five_mebibytes_with_all_of_them() -> None:
    report = busy_report()
    assert sum(len(one.evidence) for one in report.behaviors) == EVENTS
    document = render_html(report)
    assert len(document.encode()) < 5 * MIB
    assert document.count('class="behavior item') == len(report.behaviors)
    assert len(set(re.findall(r"Client\.method_(\d+)</li>", document))) == EVENTS
    assert document.count('<li class="process item"') > PROCESSES // 2
    assert document.count('<tr role="row" class="item"') > 1000


def test_a_page_that_would_be_larger_shows_less() -> None:
    document = render_html(busy_report(60_000))
    assert len(document.encode()) < MOST
    assert "shown; the JSON report holds" in document


def test_bytes_are_counted_not_characters() -> None:
    wide = [evidence("\U00020000" * 500, at, during="\U00020000" * 300) for at in range(25)]
    many = [behavior(f"file.n{at}", "x", "low", wide) for at in range(120)]
    document = render_html(quiet_report(behaviors=many))
    assert len(document.encode()) < MOST


def test_what_comes_first_is_the_gravest_then_the_rarest() -> None:
    usual = prevalence("common", 12, 20, 30, 37)
    rare = prevalence("rare", 0, 0, 0, 1)
    found = [
        behavior("a.common", "A", "high", [evidence("x", 1)], prevalence=usual),
        behavior("b.rare", "B", "high", [evidence("x", 1)], prevalence=rare),
        behavior("c.called", "C", "high", [evidence("x", 1)], prevalence=rare, called_only=True),
        behavior("d.grave", "D", "critical", [evidence("x", 1)]),
        behavior("e.slight", "E", "info", [evidence("x", 1)]),
        behavior("f.slight", "F", "info", [evidence("x", 1)]),
    ]
    report = quiet_report(behaviors=found)
    assert [one.id for one in top_behaviors(report, TOP)] == ["d.grave", "b.rare", "a.common", "c.called", "e.slight"]
    text = told(report)
    assert (
        text.index("Top issues")
        < text.index("Top behaviors 6")
        < text.index("All 6 behaviors, with evidence")
        < text.index("Top vuln")
    )


def test_issues_beyond_the_first_are_folded_and_all_there() -> None:
    found = [issue(f"url.n{at}", f"Issue number {at}", "low") for at in range(TOP + 3)]
    document = render_html(quiet_report(issues=found))
    assert (
        document.index(f"Issue number {TOP - 1}")
        < document.index("<summary>3 more issues</summary>")
        < document.index(f"Issue number {TOP}")
    )
    assert document.count("Next steps") == TOP + 3
    assert "more issue" not in render_html(quiet_report(issues=found[:TOP]))
