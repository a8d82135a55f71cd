"""What the corpus adds to a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.corpus import open_corpus, shipped
from analyzer.corpus.usualness import ENOUGH_OF_KIND
from analyzer.model.prevalence import Anomaly, CorpusUse, Seen
from analyzer.model.report import Report
from analyzer.pipeline.analyze import saved_report
from analyzer.pipeline.informing import informed
from analyzer.render.json import render_json
from analyzer.rules.loader import ruleset
from tests.unit.corpus.entries import CONNECTS, READS, report
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.vetted import vetted_report

KIND = "Topic :: Clocks"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(shipped, "_data", lambda: b"")
    url = str(tmp_path / "corpus.sqlite")
    with open_corpus(url, make=True) as corpus:
        for number in range(ENOUGH_OF_KIND):
            corpus.add(report(f"other-{number}", [CONNECTS], kinds=[KIND]))
    return url


def test_without_a_corpus_a_report_stays_as_it_is() -> None:
    one = rich_report()
    assert informed(one, None) is one


def test_prevalence_and_anomalies(url: str) -> None:
    told = informed(report("own", [READS, CONNECTS], kinds=[KIND]), open_corpus(url))
    assert told.corpus == CorpusUse(packages=10, first="2025-01-01", last="2025-01-01")
    assert [one.prevalence.community for one in told.behaviors if one.prevalence] == [
        Seen(seen=0, of=10),
        Seen(seen=10, of=10),
    ]
    assert told.anomalies == [Anomaly(behavior=READS, kind=KIND, seen=0, of=10)]


def test_issues_are_counted_like_behaviors(url: str) -> None:
    one = vetted_report()
    assert one.issues
    told = informed(one, open_corpus(url))
    assert told.corpus is not None
    assert not told.corpus.missing
    assert all(issue.prevalence is not None for issue in told.issues)
    Report.model_validate_json(render_json(told))


@pytest.mark.parametrize(
    ("called_only", "severity", "strange"),
    [(True, "low", False), (True, "info", False), (True, "high", True), (False, "low", True)],
)
def test_slight_things_of_made_up_calls_are_not_strange(
    url: str, called_only: bool, severity: str, strange: bool
) -> None:
    one = report("own", [READS], kinds=[KIND])
    changed = one.behaviors[0].model_copy(update={"called_only": called_only, "severity": severity})
    assert bool(informed(one.model_copy(update={"behaviors": [changed]}), open_corpus(url)).anomalies) is strange


def test_hostile_text_is_asked_for_like_any_other(url: str) -> None:
    told = informed(hostile_report(), open_corpus(url))
    assert told.corpus is not None
    assert not told.corpus.missing
    Report.model_validate_json(render_json(told))


def test_a_corpus_that_cannot_be_read_costs_nothing_else(tmp_path: Path, url: str) -> None:
    before = informed(report("own", [READS], kinds=[KIND]), open_corpus(url))
    told = informed(before, open_corpus(str(tmp_path / "none.sqlite"), later=True))
    assert told.corpus is not None
    assert told.corpus.missing.startswith("there is no corpus ")
    assert (told.anomalies, told.behaviors[0].prevalence) == ([], None), "what another corpus told is not mixed with it"


def test_a_saved_report_is_told_anew(tmp_path: Path, url: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(render_json(report("own", [READS], kinds=[KIND])))
    assert saved_report(path, ruleset()).corpus is None
    assert saved_report(path, ruleset(), open_corpus(url)).anomalies
