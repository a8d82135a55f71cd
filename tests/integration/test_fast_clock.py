"""A clock that runs ahead shows what a package waits for, and changes nothing of a package that does not wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.model.report import Report
from analyzer.sandbox.interface import Manner
from tests.integration.analysing import everywhere, report_of
from tests.packages import make_wheel


def told(report: Report) -> dict[str, tuple[str, ...]]:
    """The behaviors with who did them, and with what was seen of them before any later date."""
    return {one.id: tuple(one.attribution) for one in report.behaviors if not one.later_only}


@pytest.mark.index
@pytest.mark.timeout(900)
@pytest.mark.parametrize("package", ["six==1.17.0", "requests==2.32.5", "flask==3.1.2"])
@pytest.mark.embedded
def test_an_ordinary_package_behaves_as_it_does(package: str, cache_directory: Path) -> None:
    plain = report_of(package, "embedded", "kernel", cache_directory, Manner(callables=False))
    ahead = report_of(package, "embedded", "kernel", cache_directory, Manner(callables=False, fast_clock=True))
    assert told(ahead) == told(plain)
    assert [one.id for one in ahead.behaviors if one.later_only] == []
    assert ahead.completeness.reasons == plain.completeness.reasons
    assert plain.sandbox.clock is None
    assert ahead.sandbox.clock is not None
    assert len(ahead.sandbox.clock.later) == 4


@everywhere
@pytest.mark.timeout(600)
def test_nothing_of_the_clock_itself_is_told(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    """A package that does nothing does nothing with it either: its library and its clock are the sandbox's."""
    wheel = make_wheel(tmp_path, "still", modules={"still.py": ""})
    report = report_of(wheel, sandbox, tracer, cache_directory, Manner(fast_clock=True))
    assert {one.id for one in report.behaviors} <= {"anomaly.repository.missing"}
    assert report.completeness.reasons == []
    assert report.sandbox.clock is not None
    assert [round(one.days_ahead) for one in report.sandbox.clock.later][1:] == [9, 41, 401]
    assert not report.files.created
