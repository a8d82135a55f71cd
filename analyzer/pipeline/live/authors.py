"""Whose the acts of a running command are: by the same `Attributor` as at its end, told of each act as it comes.

What only the end of the command shows is left out: clocks, which programs read that may turn out to be interpreters, and pauses of the
driver.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.model.event import ProcessClock
from analyzer.pipeline.live.steps import Step
from analyzer.trace.authors.attribution import Attributed, Attributor
from analyzer.trace.authors.installed import Installed
from analyzer.trace.authors.prompts import Prompt
from analyzer.trace.authors.shells import Shell
from analyzer.trace.authors.startup import OwnWork
from analyzer.trace.authors.unseen import with_unseen
from analyzer.trace.calls.kernel import Act, Follower
from analyzer.trace.calls.processes import Process
from analyzer.trace.logs.probe import ProbeCall

_PATIENCE: Final = 1.0
"""Seconds after which what may yet turn out to be an interpreter's own act is told."""

_MOST_HEARD: Final = 5_000
_REMEMBERED: Final = 60.0
"""Announcements that are kept at least, and the seconds for which all are: a call that waits longer has no line of Python."""


class Authors:
    """The authors of one command's acts. `home` is the sandbox's home folder."""

    def __init__(self, step: Step, installed: Installed, follower: Follower, home: str) -> None:
        self._follower = follower
        self.attributor = Attributor(step.phase, installed, (), home, follower.result.marks)
        self._work = OwnWork()
        self._shell, self._prompt = Shell(home), Prompt(home)
        self._place = self._heard = 0
        self._undecided: dict[int, tuple[Act, float]] = {}
        self._ours: list[Process] = []
        self._known = 0

    def hear(self, calls: Sequence[ProbeCall]) -> None:
        """Takes what the interpreter probe announced; first what came before the acts."""
        self.attributor.hear(calls)
        self._heard += len(calls)
        if self._heard > _MOST_HEARD:
            self._heard = 0
            self.attributor.forget(max(call.time for call in calls) - _REMEMBERED)

    def of(self, now: float, *, patient: bool) -> Iterator[Attributed]:
        """The acts that the log told since the last time, with their authors; also what waits, where that is not `patient`."""
        acts = self._follower.drain()
        self.attributor.follow(acts, self._begun())
        for act in with_unseen(acts):
            if not isinstance(act.detail, ProcessClock):
                yield from self._one(act, now)
        yield from self._decided(now - _PATIENCE if patient else float("inf"))

    def _one(self, act: Act, now: float) -> Iterator[Attributed]:
        place = self._place = self._place + 1
        own = set(self._work.take(place, act))
        if self._shell.is_own(act) or self._prompt.is_own(act):
            own.add(place)
        if place not in own and self._work.is_undecided(place, act):
            self._undecided[place] = act, now
            return
        for one in sorted(own & self._undecided.keys()):
            yield self.attributor.one(self._undecided.pop(one)[0], own=True)
        yield self.attributor.one(act, own=place in own)

    def _decided(self, before: float) -> Iterator[Attributed]:
        """What turned out to be no such act, or waits since before a time."""
        if not self._undecided:
            return
        open_ = set(self._work.undecided)
        for place in [one for one, (_, since) in self._undecided.items() if one not in open_ or since <= before]:
            yield self.attributor.one(self._undecided.pop(place)[0], own=False)

    def _begun(self) -> list[Process]:
        """The processes that are new among those of the command, parents before their children."""
        some = [*self._ours, *self._follower.table.processes[self._known :]]
        self._known = len(self._follower.table.processes)
        self._ours = [process for process in some if process.ours and not process.ended]
        return [process for process in some if not process.ours]
