"""`make bench`: what the rules cost, how fast a large corpus answers, what the kernel tracer bears, how fast the simulated internet answers, what the probe and tracing cost, as ratios, seconds of whole analyses, of twenty at once, and how much longer one takes beside an attack.

The same installation and import of requests and flask runs in the embedded sandbox untraced, under `strace -f`, and under
each of fumehood's tracers, alone and with the interpreter probe, in turn, several times; the phases' own durations are
compared as medians of the pairs' ratios.
Nothing is asserted: figures depend on the machine, ratios less so.
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from analyzer.acquire import Cache, SimpleIndex, acquire, environment_from
from analyzer.model.package import Acquisition
from analyzer.pipeline import Options, analyze
from analyzer.sandbox.embedded import Embedded
from analyzer.sandbox.interface import Limits
from analyzer.sandbox.tracer import Fixed, NoTracer, PlainStrace, Tracing
from analyzer.store.record import Record
from tests.bench.beside import PLACES, beside
from tests.bench.corpus import corpus
from tests.bench.engine import engine
from tests.bench.internet import internet
from tests.bench.kernel import kernel
from tests.bench.probe import probe as measure_probe
from tests.bench.vetting import vetting

TRACED = ("requests", "flask")
ANALYSED = ("six", "requests", "flask", "docopt==0.6.2")
TRACERS: tuple[tuple[str, Callable[[], Tracing], bool], ...] = (
    ("untraced", lambda: Fixed(NoTracer()), False),
    ("strace -f", lambda: Fixed(PlainStrace()), False),
    ("fumehood's strace", lambda: Tracing("strace"), False),
    ("kernel tracer", lambda: Tracing("kernel"), False),
    ("fumehood's strace and probe", lambda: Tracing("strace"), True),
    ("kernel tracer and probe", lambda: Tracing("kernel"), True),
)
"""A name, what traces, and whether the interpreter probe runs."""


def main() -> None:
    """Prints all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sandbox", action="append", choices=("embedded", "docker"))
    options = parser.parse_args()
    cache = Cache()
    engine(cache)
    corpus()
    kernel()
    internet()
    measure_probe(cache, max(options.rounds, 15))
    tracing(cache, options.rounds)
    whole(cache, options.sandbox or ["embedded", "docker"], options.rounds)
    vetting(cache, min(options.rounds, 3), tuple(options.sandbox or ["embedded", "docker"]))
    beside(cache, options.rounds, tuple(place for place in PLACES if place[0] in (options.sandbox or place)))


def tracing(cache: Cache, rounds: int) -> None:
    """Seconds of install and import under each tracer, and ratios to the untraced run of the same round."""
    index = SimpleIndex(cache)
    environment = environment_from(sandbox_with(Fixed(NoTracer()), cache, probe=False).description())
    packages = [acquire(name, environment, cache, index=index) for name in TRACED]
    seconds: dict[str, list[float]] = {name: [] for name, _, _ in TRACERS}
    for round_number in range(rounds + 1):
        for name, traced_by, probe in TRACERS:
            # Made anew and closed each time: a tracer that is attached costs every process of the host a little.
            with closing(sandbox_with(traced_by(), cache, probe=probe)) as sandbox:
                spent = sum(phases(sandbox, package) for package in packages)
            if round_number:  # the first round warms the file system's cache
                seconds[name].append(spent)
    print(f"install and import of {' and '.join(TRACED)}, {rounds} rounds:")
    for name, values in seconds.items():
        ratios = [value / base for value, base in zip(values, seconds["untraced"], strict=True)]
        print(
            f"  {name:<27} {statistics.median(values):6.2f} s   {statistics.median(ratios):5.2f} times"
            f"   ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def sandbox_with(tracing: Tracing, cache: Cache, *, probe: bool) -> Embedded:
    """The embedded sandbox; without the probe, its interpreter is as it was."""
    sandbox = Embedded(tracing, None, cache.root)
    if not probe:
        probed = sandbox._interpreter
        plain = {
            "source": base64.b64encode(Path(probed.overlay.encodings).read_bytes()),
            "compiled": base64.b64encode(Path(probed.overlay.cached).read_bytes()),
        }
        unprobed = replace(probed, overlay=probed.overlay.model_copy(update=plain))
        sandbox.__dict__["_interpreter"] = unprobed  # where functools.cached_property keeps it
    return sandbox


def phases(sandbox: Embedded, package: Acquisition) -> float:
    """Seconds of the commands of the install and import phases."""
    with tempfile.TemporaryDirectory() as folder:
        sandbox.run(package, Path(folder), Limits(), silent)
        steps = [json.loads(line) for line in Record(Path(folder)).lines("steps.jsonl")]
    return sum(float(step["end"] - step["begin"]) for step in steps if step["phase"] in {"install", "import"})


def whole(cache: Cache, sandboxes: list[str], rounds: int) -> None:
    """Seconds of whole analyses with a warm cache, without the start of the Python interpreter."""
    print(f"whole analyses, warm cache, median of {rounds}:")
    index = SimpleIndex(cache)
    for sandbox in sandboxes:
        for target in ANALYSED:
            seconds = []
            for round_number in range(rounds + 1):
                begin = time.perf_counter()
                analyze(target, Options(sandbox=sandbox), cache, index, silent, lambda analysis: None)
                if round_number:
                    seconds.append(time.perf_counter() - begin)
            print(f"  {sandbox:<9} {target:<15} {statistics.median(seconds):5.2f} s   (most {max(seconds):.2f})")
            sys.stdout.flush()


def silent(stage: str) -> None:
    """A progress that says nothing."""


if __name__ == "__main__":
    main()
