"""`make fuzz [SECONDS=600] [PARSER=name]`: every target, one after the other, and a table of what came of it.

Inputs that crash are kept in `.build/fuzz/crashes/NAME`: once the defect is mended, they belong into `tests/fuzz/corpus/NAME`.
Ends with 1 where anything crashed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import ROOT
from tests.fuzz.target import CORPUS, LARGEST, SECONDS, Target, targets

WORK = ROOT / ".build" / "fuzz"
_SLACK = 600
"""Seconds beyond its time after which a fuzzer is ended: for shrinking a crash and for what is under way."""

_RSS_MIB = 2048


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one target with one engine. `crashes` counts different inputs; a fuzzer that broke off is one too."""

    parser: str
    engine: str
    executions: int
    seconds: int
    crashes: int

    def __str__(self) -> str:
        return f"{self.parser:<28} {self.engine:<10} {self.executions:>12,} {self.seconds:>8} {self.crashes:>8}"


HEAD = f"{'parser':<28} {'engine':<10} {'executions':>12} {'seconds':>8} {'crashes':>8}"


def main() -> int:
    seconds, wanted = int(sys.argv[1]), sys.argv[2:]
    known = targets()
    if unknown := set(wanted) - set(known):
        print(f"no parser is called {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    guided = importlib.util.find_spec("atheris") is not None
    if not guided:
        print("atheris is not installed: no search by coverage", file=sys.stderr)
    print(HEAD, flush=True)
    crashes = 0
    for one in known.values():
        if wanted and one.name not in wanted:
            continue
        for run in (_hunted, _guided) if one.guided and guided else (_hunted,):
            row = run(one, seconds)
            crashes += row.crashes
            print(row, flush=True)
    if crashes:
        print(f"crashes are in {WORK.relative_to(ROOT)}/crashes", file=sys.stderr)
    return 1 if crashes else 0


def _hunted(one: Target, seconds: int) -> Row:
    folder = WORK / "crashes" / one.name
    begin = time.monotonic()
    ended = _run("tests.fuzz.hunt", one.name, str(seconds), str(folder), seconds=seconds)
    if ended.returncode:
        _log(one, "hypothesis", ended)
        return Row(one.name, "hypothesis", 0, round(time.monotonic() - begin), 1)
    return Row(one.name, "hypothesis", **json.loads(ended.stdout.splitlines()[-1]))


def _guided(one: Target, seconds: int) -> Row:
    folder, found = WORK / "crashes" / one.name, WORK / "found" / one.name
    for each in (folder, found):
        each.mkdir(parents=True, exist_ok=True)
    before = set(folder.iterdir())
    begin = time.monotonic()
    ended = _run(
        "tests.fuzz.guided", one.name, f"-max_total_time={seconds}", f"-timeout={SECONDS * 4:.0f}", f"-rss_limit_mb={_RSS_MIB}",
        f"-max_len={LARGEST}", f"-artifact_prefix={folder}/", "-print_final_stats=1", str(found), *map(str, filter(Path.is_dir, [CORPUS / one.name])),
        seconds=seconds,
    )  # fmt: skip
    _log(one, "atheris", ended)
    counts = re.findall(
        rb"(?:stat::number_of_executed_units: |^#|Done )(\d+)", ended.stdout + ended.stderr, re.MULTILINE
    )
    crashes = len(set(folder.iterdir()) - before)
    executions = max(map(int, counts), default=0)
    return Row(one.name, "atheris", executions, round(time.monotonic() - begin), crashes or int(ended.returncode != 0))


def _run(module: str, *arguments: str, seconds: int) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", module, *arguments]
    try:
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=seconds + _SLACK, check=False
        )
    except subprocess.TimeoutExpired as error:
        return subprocess.CompletedProcess(command, 124, error.stdout or b"", error.stderr or b"")


def _log(one: Target, engine: str, ended: subprocess.CompletedProcess[bytes]) -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / f"{one.name}.{engine}.log").write_bytes(ended.stdout + ended.stderr)


if __name__ == "__main__":
    sys.exit(main())
