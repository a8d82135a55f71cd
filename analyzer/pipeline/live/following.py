"""Follows the record of a run that goes on, and tells what it shows soon after it happened.

The same decoders, attribution and rules as for the report read the tracer's log, the interpreter probe's lines and the services' exchanges
while these grow. What only the end of a run tells is not in it: the compared trees, the packets, what a search of the traffic found, how
commands ended, silences of the probe, programs' reads of the clock, and what an empty package does as well, which the report leaves out.
"""

from __future__ import annotations

import posixpath
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Final

from analyzer.errors import RecordError
from analyzer.model.event import PACKAGES, Event
from analyzer.model.report import Severity
from analyzer.pipeline.judging.reading import know_links
from analyzer.pipeline.live.command import Command
from analyzer.pipeline.live.exchanges import Services
from analyzer.pipeline.live.shown import LiveBehavior, Shown
from analyzer.pipeline.live.steps import Step, Steps
from analyzer.rules.loader import Ruleset
from analyzer.store.record import Record
from analyzer.trace.authors.installed import Installed
from analyzer.trace.calls.naming import Links
from analyzer.trace.canonical.lasting import Lasting
from analyzer.trace.packets.network import Seen

_AT_ONCE: Final = 0.15
"""Seconds of work in one look; what is left then is for the next one."""

_SETTLED: Final = 0.1
"""Seconds after which what happened at a time has come, by all layers: the kernel tracer's log is written every 0.05 s."""

_MOST_WAITING: Final = 20_000
"""Events that wait for that; of more, the oldest go on."""

_TIME: Final = attrgetter("time")
_NEVER: Final = float("inf")


class Live:
    """Follows one record. Its methods are for one thread; `prepare` is for any.

    `record` is the folder, which may be empty yet. `least` is the severity from which on behaviors are told. `name` and `version` are the
    package's, as far as they are known before it is installed.
    """

    def __init__(
        self,
        record: Path,
        rules: Ruleset,
        *,
        least: Severity = "low",
        name: str = "",
        version: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._record = Record(record)
        self._rules, self._least = rules, least
        self._name, self._version = name, version
        self._clock = clock
        self._steps = Steps(record)
        self._services = Services(record)
        self._links, self._known_tree = Links(), ""
        self._installed = Installed(())
        self._command: Command | None = None
        self._step: Step | None = None
        self._waiting: list[Event] = []
        self._shown: Shown | None = None
        self._preparing: threading.Thread | None = None

    def prepare(self) -> None:
        """Begins to make the rules ready, which takes some tenths of a second, in a thread of its own."""
        if self._preparing is None:
            self._preparing = threading.Thread(target=self._make_ready, name="live-rules", daemon=True)
            self._preparing.start()

    @property
    def behind(self) -> int:
        """About how many system calls are in the log that were not looked at yet."""
        return self._command.behind if self._command is not None else 0

    def new(self) -> list[LiveBehavior]:
        """What was seen since the last time, in order of time, each behavior once upon each target.

        Costs next to nothing where the record did not grow, and about 0.2 s at most where it grew by much.
        """
        self.prepare()
        if self._shown is None:
            return []
        events = self._settled(self._grown(time.monotonic() + _AT_ONCE))
        return self._shown.take(events)

    def rest(self) -> list[LiveBehavior]:
        """What was not told yet, once the run is over: all of it, however long that takes. Ends the following."""
        self.prepare()
        if self._preparing is not None:
            self._preparing.join()
        if self._shown is None:
            return []
        events = [*self._waiting, *self._grown(_NEVER)]
        self._waiting = []
        if self._command is not None:
            events += self._command.end(self._clock())
        self.close()
        return self._shown.take(self._reported(sorted(events, key=_TIME)))

    def count(self, behavior: LiveBehavior) -> int:
        """How often this was seen upon its target so far."""
        return self._shown.count(behavior.id, behavior.target) if self._shown is not None else 0

    def close(self) -> None:
        """Lets go of the record. May be called again."""
        self._steps.close()
        self._services.close()
        if self._command is not None:
            self._command.close()
            self._command = None

    def _make_ready(self) -> None:
        self._shown = Shown(self._rules, self._rules.engine(), self._least)

    def _grown(self, until: float) -> list[Event]:
        """The events that the record tells now, up to a time of the monotonic clock."""
        now = self._clock()
        # First what answered: the names by which addresses were asked for are known then.
        exchanges = self._exchanges(until)
        events: list[Event] = []
        self._steps.look()
        while self._command is not None or self._begin():
            events += self._read(until, now)
            if self._command is not None or time.monotonic() >= until:
                break
        self._services.learn(events)
        return [*events, *self._services.events(exchanges, self._step)]

    def _read(self, until: float, now: float) -> Iterator[Event]:
        """What the command at hand tells, which is let go of once it is over and read to its end."""
        command = self._command
        if command is None:
            return
        is_over = self._steps.is_over(command.step)  # before it is read, so that nothing comes between
        yield from command.read(until, now)
        if is_over and not command.left:
            yield from command.end(now)
            command.close()
            self._command = None

    def _settled(self, events: list[Event]) -> Iterable[Event]:
        """All events that waited long enough for others of the same time, in order."""
        now = self._clock()
        limit = now - _SETTLED
        if self._command is not None and self._command.left:
            limit = min(limit, self._command.newest)  # what the log has not told yet may be before what others did
        events = sorted([*self._waiting, *events], key=_TIME)
        surplus = len(events) - _MOST_WAITING
        ready = [
            place < surplus or not limit < event.time <= now  # a time to come is none
            for place, event in enumerate(events)
        ]
        self._waiting = [event for event, is_ready in zip(events, ready, strict=True) if not is_ready]
        return self._reported(event for event, is_ready in zip(events, ready, strict=True) if is_ready)

    def _reported(self, events: Iterable[Event]) -> Iterable[Event]:
        return (event for event in events if event.attribution in PACKAGES)

    def _exchanges(self, until: float) -> list[Seen]:
        seen: list[Seen] = []
        while (lines := self._services.read()) is not None:
            seen += lines
            if time.monotonic() >= until:
                break
        return seen

    def _begin(self) -> bool:
        """Turns to the next command, if there is one."""
        step = self._steps.next()
        if step is None:
            return False
        self._step = step
        try:
            if step.phase != "install" and self._installed.target is None:
                self._installed = self._record.installed()
            self._known_tree = know_links(self._links, self._record, step.phase, self._known_tree)
            directory = self._record.working_directory()
        except (RecordError, OSError):
            directory = "/"  # nobody but our own supervisor writes these: the report, or the lack of one, tells of it
        if self._shown is not None:
            self._shown.use(self._lasting(directory))
        self._command = Command(self._record.folder, step, self._installed, directory, self._links)
        return True

    def _lasting(self, directory: str) -> Lasting:
        target = self._installed.target
        version = target.version if target is not None else self._version
        return Lasting(posixpath.dirname(directory), self._name or (target.name if target else ""), version)
