"""What the rule engine does in a second, and how its memory grows: part of `make bench`.

The events are those of a real analysis, over and over, and a flood in which no path, address or name comes twice, as a
package could make it that wants to be lost in noise.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.event import Event, FileOpen, Source
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.pipeline.judging.judge import read
from analyzer.pipeline.judging.subtraction import reported
from analyzer.rules.loader import Ruleset, builtin

_EVENTS = 500_000
_FLOOD = 200_000
_ROUNDS = 10
SOURCE = Source("steps/03-import.strace", 1)


def engine(cache: Cache, target: str = "flask") -> None:
    """Prints events a second and the memory that the engine holds after many events and after ten times as many."""
    rules = builtin()
    events = real_events(cache, target)
    print(f"the engine with {len(rules.rules)} rules:")
    again, files = list(repeated(events, _EVENTS)), list(flood(_FLOOD))
    print(
        f"  {len(again) / seconds(rules, again):9,.0f} events/s   the events of {target} ({len(events):,}), again and again"
    )
    once = min(seconds(rules, events) for _ in range(_ROUNDS))
    print(f"  {len(events) / once:9,.0f} events/s   the same once, by an engine that has seen nothing")
    print(
        f"  {len(files) / seconds(rules, files):9,.0f} events/s   files whose names never come twice, each an observation"
    )
    few, many = (memory(rules, flood(count)) for count in (_FLOOD // 10, _FLOOD))
    print(f"  {few / 1e6:.1f} MB held after {_FLOOD // 10:,} events of the flood, {many / 1e6:.1f} MB after {_FLOOD:,}")


def real_events(cache: Cache, target: str) -> list[Event]:
    """The events of one analysis that rules are tried on."""
    found: list[Event] = []

    def use(analysis: Analysis) -> None:
        found.extend(reported(read(analysis.record)[0]))

    analyze(target, Options(sandbox="embedded"), cache, SimpleIndex(cache), lambda stage: None, use)
    return found


def repeated(events: list[Event], count: int) -> Iterator[Event]:
    """The events in rounds, each later than the one before, as if the package went on like that."""
    begin, end = events[0].time, events[-1].time
    for number in range(count // len(events)):
        for event in events:
            yield replace(event, time=event.time + number * (end - begin))


def flood(count: int) -> Iterator[Event]:
    """Opened files, each of another name."""
    plain = Event(
        0.0,
        "import",
        "syscall",
        5,
        "python",
        "completed",
        "package",
        FileOpen("/", "read", (), ""),
        source=SOURCE,
        step=1,
    )
    for number in range(count):
        yield replace(
            plain, time=number / 1000, detail=FileOpen(f"/home/alex/project/data/file-{number}.txt", "read", (), "")
        )


def seconds(rules: Ruleset, events: Iterable[Event]) -> float:
    """Of CPU time, with an engine that is new."""
    one = rules.engine()
    begin = time.process_time()
    for _ in one.observe(events):
        pass
    return time.process_time() - begin


def memory(rules: Ruleset, events: Iterable[Event]) -> int:
    """Bytes that an engine holds at the end."""
    tracemalloc.start()
    one = rules.engine()
    for _ in one.observe(events):
        pass
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held
