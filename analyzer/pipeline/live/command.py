"""A traced command that runs: its log of system calls and the interpreter probe's lines, to events, as they come."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic
from typing import Final

from analyzer.model.event import Event, Source
from analyzer.pipeline.live.authors import Authors
from analyzer.pipeline.live.steps import Step
from analyzer.store.growing import Growing, GrowingLines
from analyzer.trace import kernellog
from analyzer.trace.authors.installed import Installed
from analyzer.trace.calls.kernel import Follower
from analyzer.trace.calls.lookahead import Lookahead
from analyzer.trace.calls.naming import Links
from analyzer.trace.calls.processes import Process
from analyzer.trace.events import event_of_act, event_of_call, is_start_of
from analyzer.trace.kernellog.items import KernelItem
from analyzer.trace.logs import probe, strace
from analyzer.trace.logs.probe import ProbeCall

_CLOCK_SECONDS: Final = 1.0
_PATIENCE: Final = 0.3
"""Seconds after which an unknown process's acts are told, although its birth is not."""


class Command:
    """One command. `links` are the symbolic links that are there when it begins."""

    def __init__(self, record: Path, step: Step, installed: Installed, directory: str, links: Links) -> None:
        self.step = step
        self._follower = Follower(step.command, directory, (), links, step.epoch)
        self._authors = Authors(step, installed, self._follower, posixpath.dirname(directory))
        folder = record / "steps"
        self._logs = (_Kernel(folder / f"{step.stem}.kernel"), _Strace(folder / f"{step.stem}.strace", self._follower))
        self._probe = GrowingLines(folder / f"{step.stem}.probe")
        self._heard = 0
        self._first: tuple[int, Process] | None = None
        self.newest = 0.0
        """The time of the last act that was read."""

    @property
    def left(self) -> int:
        """Bytes of the log and of the probe's lines that are there and were not read."""
        return sum(log.left for log in self._logs) + self._probe.file.left

    @property
    def behind(self) -> int:
        """About how many of its calls are in the log and were not read yet."""
        taken = sum(log.taken for log in self._logs)
        left = sum(log.left for log in self._logs)
        return left * max(self._follower.result.calls, 1) // taken if taken else min(left, 1)

    def read(self, until: float, now: float) -> Iterator[Event]:
        """What is there now, up to a time of the monotonic clock; at least one block of each file."""
        while True:
            for log in self._logs:
                self._follower.take(log.read(now))
            yield from self._events(self._probe.read(), now, patient=True)
            if not self.left or monotonic() >= until:
                return

    def end(self, now: float) -> Iterator[Event]:
        """What is left, once nothing more is written and all was read."""
        for log in self._logs:
            self._follower.take(log.end())
        yield from self._events(self._probe.rest(), now, patient=False)

    def close(self) -> None:
        """Lets go of the files."""
        for log in self._logs:
            log.close()
        self._probe.file.close()

    def _events(self, lines: list[str], now: float, *, patient: bool) -> Iterator[Event]:
        calls = [
            (number, call)
            for number, call in enumerate((call for _, call in probe.read(lines)), self._heard + 1)
            if call is not None and call.time >= self.step.begin - _CLOCK_SECONDS
        ]
        self._heard += len(lines)
        self._authors.hear([call for _, call in calls if not call.is_sign])
        log = next((one.name for one in self._logs if one.taken), "")
        for one in self._authors.of(now, patient=patient):
            self.newest = max(self.newest, one.act.time)
            yield event_of_act(one, self.step.phase, self.step.step, log)
        for number, call in calls:
            process = self._process(call)
            if not call.is_sign:
                source = Source(f"steps/{self.step.stem}.probe", number)
                event = event_of_call(self._authors.attributor, call, process, self.step.phase, self.step.step, source)
                if event is not None:
                    yield event

    def _process(self, call: ProbeCall) -> Process | None:
        """The process of a line; a log of the installer's few calls does not tell the first one's own number."""
        found = self._follower.table.inside(call.pid)
        if found is None and call.name == "start" and self._first is None:
            first = next((one for one in self._follower.table.processes if not one.ours), None)
            if first is not None and not first.inner and is_start_of(first, call):
                self._first = call.pid, first
        return self._first[1] if found is None and self._first is not None and self._first[0] == call.pid else found


class _Kernel:
    """The kernel tracer's log."""

    def __init__(self, path: Path) -> None:
        self.name = f"steps/{path.name}"
        self._file = Growing(path)
        self._reader = kernellog.Reader()

    @property
    def taken(self) -> int:
        """Bytes that were read."""
        return self._file.taken

    @property
    def left(self) -> int:
        """Bytes that were not read."""
        return self._file.left

    def read(self, now: float) -> Iterable[KernelItem]:
        """What the next bytes tell."""
        del now
        data = self._file.read()
        return self._reader.take(data) if data else ()

    def end(self) -> Iterable[KernelItem]:
        """What is left at the end."""
        return self._reader.end() if self.taken else ()

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()


class _Strace:
    """strace's log, whose items wait for the birth of their process."""

    def __init__(self, path: Path, follower: Follower) -> None:
        self.name = f"steps/{path.name}"
        self._lines = GrowingLines(path)
        self._reader = strace.Reader()
        self._ahead = Lookahead(self._reader, follower.table)
        self._since = 0.0

    @property
    def taken(self) -> int:
        """Bytes that were read."""
        return self._lines.file.taken

    @property
    def left(self) -> int:
        """Bytes that were not read."""
        return self._lines.file.left

    def read(self, now: float) -> Iterable[KernelItem]:
        """What the next lines tell, and what waited too long."""
        lines = self._lines.read()
        if not self._ahead.waits:
            self._since = now
        return self._ahead.take(self._reader.take(lines), patient=now - self._since <= _PATIENCE)

    def end(self) -> Iterable[KernelItem]:
        """What is left at the end."""
        yield from self._ahead.take([*self._reader.take(self._lines.rest()), *self._reader.end()], patient=False)

    def close(self) -> None:
        """Lets go of the file."""
        self._lines.file.close()
