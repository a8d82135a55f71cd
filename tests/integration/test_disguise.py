"""What a package sees of the machine is ordinary, though the tracer needs it otherwise."""

from __future__ import annotations

import os
from pathlib import Path

from tests.integration.analysing import everywhere, report_of
from tests.packages import make_wheel

CPUS = """
import os
raise RuntimeError(f"{sorted(os.sched_getaffinity(0))} of {os.cpu_count()}")
"""


@everywhere
def test_all_processors_are_there(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    wheel = make_wheel(tmp_path, "counting", modules={"counting.py": CPUS})
    report = report_of(wheel, sandbox, tracer, cache_directory)
    detail = next(phase.detail for phase in report.phases if phase.name == "import")
    assert f"RuntimeError: {sorted(os.sched_getaffinity(0))} of {os.cpu_count()}" in detail
