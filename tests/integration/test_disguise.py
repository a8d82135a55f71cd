"""What a package sees of the machine is ordinary, though the tracer needs it otherwise."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.analysing import everywhere, report_of
from tests.packages import make_wheel

CPUS = """
import os
raise RuntimeError(f"{sorted(os.sched_getaffinity(0))} of {os.cpu_count()}")
"""


IGNORED = """
import signal
raise RuntimeError(f"hang-up: {signal.getsignal(signal.SIGHUP)!r}")
"""


@pytest.fixture
def without_hang_up() -> Iterator[None]:
    """As `nohup` starts a program."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


@everywhere
def test_all_processors_are_there(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    wheel = make_wheel(tmp_path, "counting", modules={"counting.py": CPUS})
    report = report_of(wheel, sandbox, tracer, cache_directory)
    detail = next(phase.detail for phase in report.phases if phase.name == "import")
    assert f"RuntimeError: {sorted(os.sched_getaffinity(0))} of {os.cpu_count()}" in detail


@everywhere
@pytest.mark.usefixtures("without_hang_up")
def test_no_signal_is_ignored_by_inheritance(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    wheel = make_wheel(tmp_path, "waiting", modules={"waiting.py": IGNORED})
    report = report_of(wheel, sandbox, tracer, cache_directory)
    detail = next(phase.detail for phase in report.phases if phase.name == "import")
    assert f"hang-up: {signal.Handlers.SIG_DFL!r}" in detail
