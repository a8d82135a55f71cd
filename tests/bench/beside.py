"""How much longer an analysis takes beside one of a package that takes all it can get: part of `make bench`.

A small wheel is analysed alone and beside each attack, in turn, in every sandbox with every tracer; the ratio of two neighbours tells, since
the machine is the same then. Run as a program, this file is the attack: `python -m tests.bench.beside SANDBOX TRACER WHEEL`.
"""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analyzer.acquire import Cache, SimpleIndex
from analyzer.pipeline import Options, analyze
from analyzer.sandbox.interface import Limits
from tests.packages import make_wheel
from tests.signals import heard

PLACES = (("embedded", "kernel"), ("embedded", "strace"), ("docker", "kernel"), ("docker", "strace"))
ATTACKS = {
    "fork bomb": "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n",
    "CPU hog": "import os\nfor _ in range(6):\n    os.fork()\nwhile True:\n    pass\n",
    "memory hog": "import os\nwhile True:\n    if not os.fork():\n        keep = [b'x' * (1 << 20) for _ in range(4000)]\n    os.wait()\n",
    "disk hog": (
        "import os\nwhile True:\n    try:\n        with open(os.path.expanduser('~/big'), 'wb', 0) as file:\n"
        "            while True:\n                file.write(bytes(1 << 20))\n    except OSError:\n        pass\n"
    ),
    "flood of calls": "import os\nwhile True:\n    os.close(os.open('/etc/passwd', 0))\n",
    "flood of output": "import os\nwhile True:\n    os.write(1, b'spam ' * 20000)\n",
}
_ROUNDS = 5
_SETTLE_SECONDS = 4.0
_ATTACK_SECONDS = 300.0


def beside(cache: Cache, rounds: int = _ROUNDS, places: tuple[tuple[str, str], ...] = PLACES) -> None:
    """Prints the seconds alone, and each attack's ratio."""
    print(f"an analysis of a small wheel beside another of an attack, {rounds} rounds, ratios to the one alone:")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = make_wheel(folder, "small", modules={"small.py": "def add(a, b):\n    return a + b\n"})
        for sandbox, tracer in places:
            seconds(cache, sandbox, tracer, small)  # the first one fills caches
            for attack, source in ATTACKS.items():
                hostile = make_wheel(folder, "hostile", modules={"hostile.py": source})
                alone, ratios = [], []
                for _ in range(rounds):
                    alone.append(seconds(cache, sandbox, tracer, small))
                    with attacked(sandbox, tracer, hostile):
                        ratios.append(seconds(cache, sandbox, tracer, small) / alone[-1])
                print(
                    f"  {sandbox:<9} {tracer:<7} {attack:<16} {statistics.median(ratios):5.2f} times ({min(ratios):.2f} to {max(ratios):.2f})"
                    f" of {statistics.median(alone):.2f} s",
                    flush=True,
                )


def seconds(cache: Cache, sandbox: str, tracer: str, wheel: Path) -> float:
    """How long one analysis takes, which has to be complete."""
    begin = time.perf_counter()
    options = Options(sandbox=sandbox, tracer=tracer)
    report = analyze(str(wheel), options, cache, SimpleIndex(cache), lambda stage: None, lambda analysis: None)
    spent = time.perf_counter() - begin
    if report.completeness.status != "complete":
        print(f"  incomplete: {'; '.join(report.completeness.reasons)}")
    return spent


@contextmanager
def attacked(sandbox: str, tracer: str, wheel: Path) -> Iterator[None]:
    """An attack that goes on for the block."""
    command = [sys.executable, "-m", "tests.bench.beside", sandbox, tracer, str(wheel)]
    with heard():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with process:
        try:
            for line in process.stdout or ():
                if line.startswith("importing"):
                    break
            time.sleep(_SETTLE_SECONDS)
            yield
        finally:
            process.send_signal(signal.SIGINT)


def attack(sandbox: str, tracer: str, wheel: str) -> None:
    """Analyses a package of ill will again and again, and tells how far it is."""
    cache = Cache()
    limits = Limits(import_seconds=_ATTACK_SECONDS, subject_seconds=_ATTACK_SECONDS)
    options = Options(sandbox=sandbox, tracer=tracer, limits=limits)
    while True:
        analyze(
            wheel, options, cache, SimpleIndex(cache), lambda stage: print(stage, flush=True), lambda analysis: None
        )


if __name__ == "__main__":
    attack(*sys.argv[1:])
