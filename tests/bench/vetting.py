"""How much longer `vet` takes for twenty packages than `analyze` for one: part of `make bench`.

Small made wheels with a warm cache, every one run and none used again, as commands from their start to their end. The two alternate, so that
the machine is the same for both.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analyzer.acquire import Cache
from tests.packages import make_wheel

PACKAGES = 20
_ROUNDS = 3
_MODULE = "import json\n\n\ndef add(a, b):\n    return a + b\n\n\nclass Box:\n    def open(self):\n        return json.dumps({})\n"


def vetting(cache: Cache, rounds: int = _ROUNDS, sandboxes: tuple[str, ...] = ("embedded",)) -> None:
    """Prints the seconds of both, and their ratio, with one worker and as many as there are CPUs."""
    count = len(os.sched_getaffinity(0))
    print(f"vet of {PACKAGES} small wheels, {rounds} rounds, on {count} CPUs:")
    with tempfile.TemporaryDirectory() as name:
        wheels = [
            make_wheel(Path(name), f"small{number}", modules={f"small{number}.py": _MODULE})
            for number in range(PACKAGES)
        ]
        for sandbox in sandboxes:
            seconds(cache, "analyze", wheels[:1], sandbox)  # fills caches
            for jobs in sorted({1, count}):
                one, many = [], []
                for _ in range(rounds):
                    one.append(seconds(cache, "analyze", wheels[:1], sandbox))
                    many.append(seconds(cache, "vet", wheels, sandbox, "--fresh", "--jobs", str(jobs)))
                ratios = [all_ / each for all_, each in zip(many, one, strict=True)]
                print(
                    f"  {sandbox:<9} {jobs} at once  {statistics.median(many):6.1f} s  {statistics.median(ratios):5.1f} times"
                    f" ({min(ratios):.1f} to {max(ratios):.1f}) of {statistics.median(one):.2f} s",
                    flush=True,
                )


def seconds(cache: Cache, command: str, wheels: list[Path], sandbox: str, *words: str) -> float:
    """How long a command takes, which has to end well."""
    line = [sys.executable, "-m", "analyzer", command, *map(str, wheels), "--sandbox", sandbox, "-q", *words]
    begin = time.perf_counter()
    subprocess.run(line, env={**os.environ, "FUMEHOOD_CACHE": str(cache.root)}, check=True)
    return time.perf_counter() - begin


if __name__ == "__main__":
    vetting(Cache())
