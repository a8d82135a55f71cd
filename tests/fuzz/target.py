"""What a fuzzing target is, and one bounded try of it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

SECONDS = 5.0
"""Processor time that one input may take."""

LARGEST = 65_536
"""Bytes of one input."""

CORPUS = Path(__file__).with_name("corpus")

Run = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Target:
    """A parser. `pieces` are what its inputs are made of; `guided` tells that it is worth a search by coverage."""

    name: str
    run: Run
    pieces: tuple[bytes, ...]
    guided: bool

    def seeds(self) -> list[bytes]:
        """The inputs of its corpus."""
        folder = CORPUS / self.name
        return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.is_dir() else []


class Slow(Exception):
    """An input takes too long."""


_targets: dict[str, Target] = {}


def target(*pieces: bytes, name: str = "", guided: bool = False) -> Callable[[Run], Run]:
    """Makes a function a target, named after it."""

    def register(run: Run) -> Run:
        found = name or run.__name__.replace("_", "-")
        assert found not in _targets, found
        _targets[found] = Target(found, run, pieces, guided)
        return run

    return register


def targets() -> dict[str, Target]:
    """All of them, by name."""
    import tests.fuzz.targets as package

    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_targets.items()))


def attempt(one: Target, data: bytes) -> None:
    """Tries one input. Raises what the target raises, which is a crash, and `Slow`."""
    begin = time.process_time()
    with _alarm():
        one.run(data)
    if (took := time.process_time() - begin) > SECONDS:
        raise Slow(f"{took:.1f} s of processor time for {len(data)} bytes")


@contextmanager
def _alarm() -> Iterator[None]:
    """Interrupts what uses too much processor time, again and again until it is over, and what only waits much later."""
    before = {number: signal.signal(number, _slow) for number in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, SECONDS, 1)
    signal.setitimer(signal.ITIMER_REAL, 20 * SECONDS, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _slow(number: int, frame: Any) -> None:
    del frame
    raise Slow(f"interrupted by {signal.Signals(number).name}")
