"""An empty package is run first in each place, shows nothing of its own, and takes nothing from another package's account."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.event import FileOpen
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze, empty
from analyzer.pipeline.analyze import Analysis
from analyzer.pipeline.judging.judge import judge
from analyzer.rules.loader import builtin
from analyzer.sandbox.interface import Installer, Manner
from analyzer.store.record import BASELINE
from tests.integration.analysing import SANDBOXES, behaviors, everywhere
from tests.packages import make_wheel

MEASURING = "measuring an empty package"
SAME_AS_NOISE = """
import contextlib, sys
with contextlib.suppress(OSError):
    open("/etc/localtime", "rb").close()
open(sys.prefix + "/pyvenv.cfg", "rb").close()
"""


def run(
    target: Path, sandbox: str, tracer: str, folder: Path, installer: Installer = "uv"
) -> tuple[Analysis, list[str], Report]:
    """An analysis, what was said meanwhile, and the report that the same record gives without its baseline."""
    cache = Cache(folder)
    said: list[str] = []
    seen: list[tuple[Analysis, Report]] = []

    def use(analysis: Analysis) -> None:
        (analysis.record.folder / BASELINE).unlink()
        one = analysis.run
        seen.append((analysis, judge(analysis.record, one.acquisition, one.facts, one.created, builtin())))

    options = Options(sandbox=sandbox, tracer=tracer, manner=Manner(installer=installer))
    analyze(str(target), options, cache, SimpleIndex(cache), said.append, use)
    ((analysis, bare),) = seen
    return analysis, said, bare


@pytest.mark.index
@everywhere
@pytest.mark.parametrize(("form", "installer"), [("wheel", "pip"), ("sdist", "uv")])
def test_an_empty_package_shows_nothing_even_without_a_baseline(
    form: empty.Form, installer: Installer, sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path
) -> None:
    path = tmp_path / empty.filename(form)
    path.write_bytes(empty.content(form))
    analysis, _, bare = run(path, sandbox, tracer, cache_directory, installer)
    assert bare.completeness.status == "complete", bare.completeness.reasons
    assert [phase.status for phase in bare.phases] == ["ok"] * 4
    assert behaviors(bare) == {"execution.entry-point.install"}  # it has one, and nothing else
    report = analysis.report
    assert behaviors(report) == behaviors(bare)
    assert report.sandbox.baseline is not None
    assert report.sandbox.baseline.missing == ""
    assert report.sandbox.baseline.subtracted >= report.sandbox.baseline.events > 0


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_it_is_measured_first_and_then_taken_from_the_cache(
    sandbox: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.pipeline.baseline._code", lambda: "whatever is edited meanwhile")
    wheel = make_wheel(tmp_path, "quiet", modules={"quiet.py": ""})
    cache = tmp_path / "cache"
    first, said, _ = run(wheel, sandbox, "strace", cache)
    assert said.count(MEASURING) == 1
    second, said, _ = run(wheel, sandbox, "strace", cache)
    assert MEASURING not in said
    assert first.report.sandbox.baseline == second.report.sandbox.baseline
    (kept,) = [path for path in (cache / "baselines-1").rglob("*") if path.is_file()]
    kept.write_bytes(kept.read_bytes()[:1000])
    third, said, _ = run(wheel, sandbox, "strace", cache)
    assert said.count(MEASURING) == 1
    assert third.report.sandbox.baseline is not None
    assert third.report.sandbox.baseline.subtracted > 0


@everywhere
def test_the_same_act_once_more_is_told(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    """By its line where the interpreter tells that, and else because it is one act more than an empty package's."""
    wheel = make_wheel(tmp_path, "reader", modules={"reader.py": SAME_AS_NOISE})
    analysis, _, _ = run(wheel, sandbox, tracer, cache_directory)
    opened = [  # as they were asked for: /etc/localtime is a link in some systems
        (event.detail.asked or event.detail.path, event)
        for event in analysis.judgement.events.events
        if event.phase == "import" and isinstance(event.detail, FileOpen)
    ]
    for path in ("/etc/localtime", "/home/alex/project/.venv/pyvenv.cfg"):
        authors = Counter(event.attribution for name, event in opened if name == path)
        assert authors["package"] == 1, path
        assert authors["interpreter"] >= 1, path
    (own,) = [event for name, event in opened if name == "/etc/localtime" and event.attribution == "package"]
    assert own.location is not None
    assert own.location.module == "reader"
