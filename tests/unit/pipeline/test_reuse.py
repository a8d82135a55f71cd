"""Kept reports: what they are kept under, and when one is not used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from analyzer.acquire import Cache
from analyzer.model.package import Acquisition, ServedFile
from analyzer.model.report import Report
from analyzer.pipeline import Options, reuse
from analyzer.pipeline.reuse import KIND, Bench, keep_report, kept_report, report_key
from analyzer.sandbox.interface import Limits, Manner
from analyzer.store.project import ProjectFacts
from tests.unit.pipeline.test_baseline import Fake
from tests.unit.render.sample import quiet_report

FILE = ServedFile("six-1.0-py3-none-any.whl", Path("/nowhere"), "a" * 64, 1, "target", "six")
SIX = Acquisition("six", "1.0", "requirement", (), (FILE,))
OPTIONS = Options(sandbox="embedded")


def key(acquisition: Acquisition = SIX, options: Options = OPTIONS, sandbox: Fake | None = None) -> str:
    return report_key(acquisition, sandbox or Fake(), options)


@pytest.mark.parametrize(
    "other",
    [
        lambda folder: key(replace(SIX, files=(replace(FILE, sha256="b" * 64),))),
        lambda folder: key(replace(SIX, files=(FILE, replace(FILE, filename="idna.whl", role="dependency")))),
        lambda folder: key(replace(SIX, extras=("x",))),
        lambda folder: key(sandbox=Fake(interpreter="two")),
        lambda folder: key(options=replace(OPTIONS, tracer="strace")),
        lambda folder: key(options=replace(OPTIONS, limits=Limits().with_timeout(5))),
        lambda folder: key(options=replace(OPTIONS, manner=Manner(installer="pip"))),
        lambda folder: key(options=replace(OPTIONS, manner=Manner(driver=folder / "driver.py"))),
        lambda folder: key(options=replace(OPTIONS, rules=(folder,))),
    ],
)
def test_everything_that_decides_makes_another_key(other: Callable[[Path], str], tmp_path: Path) -> None:
    (tmp_path / "driver.py").write_text("import six")
    (tmp_path / "own.yaml").write_text("rules: []")
    before = other(tmp_path)
    assert before not in {key(), ""}
    assert key() == key()
    assert other(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("driver.py", lambda folder: replace(OPTIONS, manner=Manner(driver=folder / "driver.py"))),
        ("own.yaml", lambda folder: replace(OPTIONS, rules=(folder,))),
    ],
)
def test_a_file_of_the_users_counts_by_its_content(
    name: str, options: Callable[[Path], Options], tmp_path: Path
) -> None:
    (tmp_path / name).write_text("one")
    first = key(options=options(tmp_path))
    (tmp_path / name).write_text("two")
    assert key(options=options(tmp_path)) != first


def test_where_a_file_lies_is_no_matter() -> None:
    assert key(replace(SIX, files=(replace(FILE, path=Path("/elsewhere")),))) == key()


def test_what_is_kept_is_given_back(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keep_report(cache, "key", quiet_report(), print)
    assert kept_report(cache, "key") == quiet_report()
    assert kept_report(cache, "other") is None


def test_what_is_incomplete_is_not_kept(tmp_path: Path) -> None:
    whole = quiet_report().completeness
    keep_report(
        Cache(tmp_path), "key", quiet_report(completeness=whole.model_copy(update={"status": "incomplete"})), print
    )
    assert kept_report(Cache(tmp_path), "key") is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\0", b'{"schema_version": "2"}'])
def test_what_cannot_be_read_is_not_used(content: bytes, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.keep(KIND, "key", content)
    assert kept_report(cache, "key") is None
    keep_report(cache, "key", quiet_report(), print)
    (path,) = [one for one in (tmp_path / KIND).rglob("*") if one.is_file()]
    path.write_bytes(path.read_bytes()[:-10])
    assert kept_report(cache, "key") is None


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "tmp").write_text("in the way")
    said: list[str] = []
    keep_report(Cache(tmp_path), "key", quiet_report(), said.append)
    assert said[0].startswith("the report is not kept: ")


@dataclass
class Runs:
    """Counts the runs of a bench that acquires nothing."""

    count: int = 0
    refuse: list[str] = field(default_factory=list)

    def __call__(self, *_: Any) -> Report:
        self.count += 1
        return quiet_report()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    found = Runs()
    monkeypatch.setattr(reuse, "acquired", lambda *_: SIX)
    monkeypatch.setattr(reuse, "ask", lambda *_: ProjectFacts())
    monkeypatch.setattr(reuse, "choose_sandbox", lambda *_: Fake())
    monkeypatch.setattr(reuse, "analyze_acquired", found)
    monkeypatch.setattr(reuse, "_code", lambda: "whatever is edited meanwhile")
    return found


def test_a_bench_runs_once_and_again_where_that_is_asked_for(runs: Runs, tmp_path: Path) -> None:
    index: Any = None
    for fresh, reused, count in ((False, False, 1), (False, True, 1), (True, False, 2)):
        with Bench(OPTIONS, Cache(tmp_path), fresh=fresh) as bench:
            assert bench.report("six", index, print).reused is reused
        assert runs.count == count


def test_a_refusal_comes_before_the_run_and_before_what_was_kept(runs: Runs, tmp_path: Path) -> None:
    index: Any = None

    def refuse(acquisition: Acquisition) -> None:
        raise ZeroDivisionError(acquisition.name)

    with Bench(OPTIONS, Cache(tmp_path)) as bench:
        bench.report("six", index, print)
        with pytest.raises(ZeroDivisionError):
            bench.report("six", index, print, refuse)
    assert runs.count == 1
