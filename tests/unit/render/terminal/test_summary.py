from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.console import Console

from analyzer.model.report import Completeness, Report
from analyzer.render.terminal.summary import summarize
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.sample import behavior, evidence, quiet_report
from tests.unit.render.vetted import prevalence, vetted_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def shown(report: Report, width: int = 80, *, colour: bool = False) -> str:
    stream = io.StringIO()
    environment = {"TERM": "xterm-256color"} if colour else {"NO_COLOR": "1"}
    console = Console(file=stream, width=width, force_terminal=colour or None, _environ=environment)
    console.print(summarize(report))
    return stream.getvalue()


def failed_report() -> Report:
    return quiet_report(
        completeness=Completeness(status="failed", reasons=["the sandbox was lost"], events=0, dropped=0), phases=[]
    )


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("make", [quiet_report, rich_report, vetted_report, failed_report])
def test_the_summary(make: Callable[[], Report], width: int, snapshot: SnapshotAssertion) -> None:
    assert shown(make(), width) == snapshot


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("make", [rich_report, vetted_report, hostile_report])
def test_no_line_is_wider_than_the_console_or_ends_in_spaces(make: Callable[[], Report], width: int) -> None:
    lines = shown(make(), width).split("\n")
    assert max(cell_len(line) for line in lines) <= width
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("make", [quiet_report, rich_report, vetted_report, hostile_report])
def test_colour_changes_no_word(make: Callable[[], Report]) -> None:
    coloured = shown(make(), colour=True)
    assert STYLE.search(coloured)
    assert STYLE.sub("", coloured) == shown(make())


@pytest.mark.parametrize("colour", [False, True])
def test_no_control_character_of_the_package_comes_through(colour: bool) -> None:
    text = shown(hostile_report(), 120, colour=colour)
    plain = STYLE.sub("", text) if colour else text
    assert all(line.isprintable() for line in plain.split("\n"))
    assert r"\x1b[2J\x1b]0;owned\x07" in plain


def test_markup_of_the_package_is_shown_not_obeyed() -> None:
    report = quiet_report(
        behaviors=[behavior("file.write", "[red]t[/]", "low", [evidence("[/] [link=x]y :smile:", 1)])]
    )
    assert "[red]t[/]" in shown(report)
    assert "- [/] [link=x]y :smile: (import, python3.13 23)" in shown(report)


def test_the_size_of_a_hostile_summary_is_bounded() -> None:
    assert len(shown(hostile_report(), 120)) < 70_000


def test_the_first_line_tells_target_and_completeness() -> None:
    assert shown(quiet_report()).startswith("six 1.17.0 COMPLETE\n")
    assert shown(failed_report()).startswith("six 1.17.0 FAILED: the sandbox was lost\n")
    assert shown(rich_report(), 200).startswith(
        "acme-telemetry 1.4.2 INCOMPLETE: phase execute was stopped after 60 s; "
    )


def test_no_behavior_is_said_in_a_sentence_with_what_it_proves() -> None:
    assert "  No behavior of the package was observed.\n" in shown(quiet_report())
    assert "was observed. The run failed, so this proves nothing.\n" in shown(failed_report(), 120)


def test_hearsay_is_called_hearsay() -> None:
    alone = behavior("settings.time.query", "Queries.", "info", [evidence("time.time()", 1, layer="interpreter")])
    assert "seen by the interpreter probe alone" in shown(quiet_report(behaviors=[alone]), 120)
    both = alone.model_copy(update={"witnesses": ["syscall", "interpreter"]})
    assert "seen by syscall, interpreter" in shown(quiet_report(behaviors=[both]), 120)
    assert "alone" not in shown(quiet_report(behaviors=[both]))


def test_what_slight_things_only_calls_showed_is_told_in_short() -> None:
    seen = [evidence("www.shop.example", 1), evidence("www.shop.example", 2)]
    asks = behavior("network.dns.query", "Asks the DNS", "low", seen, called_only=True)
    steals = behavior("steal.ssh-key.read", "Reads SSH keys", "high", [evidence("/k", 3)], called_only=True)
    text = shown(quiet_report(behaviors=[asks, steals]), 120)
    assert (
        "  only when called with made-up arguments\n    low       Asks the DNS · network.dns.query · 2 times\n" in text
    )
    assert "www.shop.example" not in text
    assert "Reads SSH keys\n              steal.ssh-key.read · once · import · only when called" in text
    unasked = asks.model_copy(update={"called_only": False})
    assert "- www.shop.example" in shown(quiet_report(behaviors=[unasked]), 120)


def test_what_matters_first_stands_first() -> None:
    text = shown(vetted_report(), 120)
    parts = (
        "INCOMPLETE",
        "Verdict",
        "Issues",
        "In the files",
        "\nRun\n",
        "Behaviors",
        "Network",
        "Files left",
        "Processes",
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "\nRun\n" not in shown(rich_report())


def test_prevalence_stands_where_there_is_data() -> None:
    text = shown(vetted_report(), 200)
    assert "seen by interpreter, syscall · rare (0 of 52)\n" in text
    assert "seldom seen in any package" not in text
    assert "corpus    prevalence is told from 52 packages, analysed from 2025-09-02 to 2025-10-01\n" in text
    told = behavior("file.rename", "Renames.", "info", [evidence("a to b", 1)], called_only=True)
    rare = told.model_copy(update={"prevalence": prevalence("rare", 0, 0, 0, 1)})
    assert "Renames. · file.rename · once · rare (1 of 52)\n" in shown(quiet_report(behaviors=[rare]))
    few = told.model_copy(update={"prevalence": prevalence("no data", 0, 0, 0, 1, of=(1, 1, 1, 2))})
    assert "Renames. · file.rename · once\n" in shown(quiet_report(behaviors=[few]))
