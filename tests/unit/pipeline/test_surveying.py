"""Many packages into a corpus; what analyses them stands in the tests of sandboxes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.corpus import Corpus, open_corpus, shipped
from analyzer.errors import AcquireError, CorpusError, UsageError
from analyzer.model.report import Report
from analyzer.pipeline import Options, surveying
from analyzer.pipeline.analyze import Analysis
from analyzer.pipeline.surveying import Surveyed, add_saved, survey
from analyzer.render.json import render_json
from analyzer.rules.loader import ruleset
from tests.unit.corpus.entries import report


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    monkeypatch.setattr(shipped, "_data", lambda: b"")
    return open_corpus(str(tmp_path / "corpus.sqlite"), make=True)


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The targets that were analysed: `bad` fails, `cut` is incomplete, and everything else is six 1.17.0."""
    targets: list[str] = []

    def analyze(target: str, *others: Any, corpus: Corpus) -> Report:
        targets.append(target)
        if target == "bad":
            raise AcquireError("the package index has no project named bad")
        return report("six", version="1.17.0", status="incomplete" if target == "cut" else "complete")

    monkeypatch.setattr(surveying, "analyze", analyze)
    return targets


def run(corpus: Corpus, tmp_path: Path, *targets: str, again: bool = False) -> list[tuple[str, str]]:
    cache = Cache(tmp_path / "cache")
    outcomes = survey(targets, Options(), cache, SimpleIndex(cache), corpus, lambda stage: None, again=again)
    return [(one.target, one.how) for one in outcomes]


def test_failures_cost_only_themselves(corpus: Corpus, tmp_path: Path, analysed: list[str]) -> None:
    found = run(corpus, tmp_path, "bad", "cut", "six", "a b c", "https://example.org/x.whl")
    assert found == [
        ("bad", "failed"),
        ("cut", "left out"),
        ("six", "added"),
        ("a b c", "failed"),
        ("https://example.org/x.whl", "failed"),
    ]
    assert corpus.use().packages == 1


def test_what_is_there_is_not_run_again(corpus: Corpus, tmp_path: Path, analysed: list[str]) -> None:
    assert run(corpus, tmp_path, "six==1.17.0") == [("six==1.17.0", "added")]
    folder = tmp_path / "project"
    folder.mkdir()
    targets = ["six", "Six>=1", "six==1.16.0", "six[x]!=1.17.0", str(folder)]
    found = run(corpus, tmp_path, *targets)
    assert [how for _, how in found] == ["there"] * 5  # the last three because they gave the same run
    assert analysed == ["six==1.17.0", "six==1.16.0", "six[x]!=1.17.0", str(folder)]
    run(corpus, tmp_path, "six", again=True)
    assert analysed[-1] == "six"


def test_versions_that_are_none(corpus: Corpus, tmp_path: Path, analysed: list[str]) -> None:
    corpus.add(report("six", version="of mine"))
    assert run(corpus, tmp_path, "six>=1", "six") == [("six>=1", "added"), ("six", "there")]


@pytest.mark.parametrize("error", [UsageError("--sandbox x: unknown"), CorpusError("the corpus is gone")])
def test_what_every_target_would_fail_of_ends_it(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*arguments: object, **others: object) -> Report:
        raise error

    monkeypatch.setattr(surveying, "analyze", fail)
    with pytest.raises(type(error)):
        run(corpus, tmp_path, "six", "attrs")


def test_records_are_kept(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def analyze(
        target: str,
        options: object,
        cache: object,
        index: object,
        progress: object,
        use: Callable[[Any], None],
        corpus: Corpus,
    ) -> Report:
        found = report("../x", version="1/2")
        use(type("Kept", (Analysis,), {"report": found, "__init__": lambda self: None})())
        return report("x")

    monkeypatch.setattr(surveying, "analyze", analyze)
    monkeypatch.setattr(surveying, "keep", lambda record, run, stream: stream.write(b"record"))
    monkeypatch.setattr(Analysis, "record", None)
    monkeypatch.setattr(Analysis, "run", None)
    cache = Cache(tmp_path / "cache")
    for folder, fails in ((tmp_path / "a" / "b", False), (Path("/dev/null/x"), True)):
        arguments = (["six"], Options(), cache, SimpleIndex(cache), corpus, lambda stage: None, folder)
        if fails:
            with pytest.raises(UsageError, match="cannot be written"):
                list(survey(*arguments))  # type: ignore[arg-type]
        else:
            list(survey(*arguments))  # type: ignore[arg-type]
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["_x-1_2.record"]


def test_saved_reports(corpus: Corpus, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("six.json", "cut.json", "none.json", "nonsense.record")]
    paths[0].write_text(render_json(report("six")))
    paths[1].write_text(render_json(report("cut", status="incomplete")))
    paths[3].write_text("nonsense")
    found = list(add_saved([*paths, paths[0]], ruleset(), corpus))
    assert [one.how for one in found] == ["added", "left out", "failed", "failed", "there"]
    assert found[0] == Surveyed(str(paths[0]), "added", "six 1.0")
    assert all("\n" not in one.told for one in found)
