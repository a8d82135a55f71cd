"""One target for some seconds with hypothesis: `python -m tests.fuzz.hunt NAME SECONDS FOLDER`, result as JSON on standard output."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.inputs import inputs
from tests.fuzz.target import Target, attempt, targets

MEMORY = 1 << 30
"""Bytes of address space that a target may take beyond what it has at the start."""

_ROUND = 500
_MOST_CRASHES = 3


def hunt(one: Target, seconds: float, folder: Path) -> dict[str, float]:
    """Tries inputs until the time is over. A crash's smallest input, with its traceback, goes into the folder."""
    begin = time.monotonic()
    executions = 0
    crashes: set[str] = set()
    failed, trace = b"", ""

    @settings(
        max_examples=_ROUND, deadline=None, database=None, print_blob=False, report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(inputs(one))
    def one_round(data: bytes) -> None:
        nonlocal executions, failed, trace
        if time.monotonic() - begin > seconds:
            return
        executions += 1
        try:
            attempt(one, data)
        except Exception:
            failed, trace = data, traceback.format_exc()
            raise

    for seed in one.seeds():
        executions += 1
        try:
            attempt(one, seed)
        except Exception:
            _keep(seed, traceback.format_exc(), folder, crashes)
    while time.monotonic() - begin < seconds and len(crashes) < _MOST_CRASHES:
        try:
            one_round()
        except Exception:  # also where the time was over before hypothesis had the smallest input
            _keep(failed, trace, folder, crashes)
    return {"executions": executions, "seconds": round(time.monotonic() - begin), "crashes": len(crashes)}


def _keep(data: bytes, trace: str, folder: Path, crashes: set[str]) -> None:
    name = hashlib.sha256(data).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    (folder / f"{name}.txt").write_text(trace, encoding="utf-8", errors="backslashreplace")
    crashes.add(name)


def limit_memory() -> None:
    """Lets this process have no more than `MEMORY` beyond what it has: a target that wants more gets a MemoryError, which is a crash."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> None:
    name, seconds, folder = sys.argv[1:]
    one = targets()[name]
    limit_memory()
    print(json.dumps(hunt(one, float(seconds), Path(folder))))


if __name__ == "__main__":
    main()
