"""Who is who among the processes of one log: a table of those that live, made from births and ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from analyzer.trace.calls.descriptors import console
from analyzer.trace.calls.naming import Links
from analyzer.trace.calls.processes import Place, Process, child_of
from analyzer.trace.logs.births import Born
from analyzer.trace.logs.strace import Syscall


class ProcessTable:
    """All processes of one log. Who made whom must be known before a child does anything.

    strace's log tells a creation where the call ends, which may be after what the child did: its births are given at the
    start. The kernel's log tells each in time, and it is announced. A number may be used again after its process ended:
    each birth is one generation, each end finishes one. `announced` is set once a birth was; `begun` once the phase's command was started,
    with `first` the number of its process inside the sandbox; `epoch` is when the monotonic clock was at zero, 0 where that is not known;
    `orphans` counts processes whose birth is not in the log.
    """

    def __init__(self, births: Iterable[Born], directory: str, links: Links | None = None, epoch: float = 0.0) -> None:
        self._directory = directory
        self._links = links if links is not None else Links()
        self._inner: dict[int, Process] = {}
        self._births: dict[int, deque[Born]] = {}
        self._live: dict[int, Process] = {}
        self.processes: list[Process] = []
        self.orphans = 0
        self.announced = False
        self.begun = False
        self.first = 0
        self.epoch = epoch
        for birth in births:
            self.expect(birth)

    def expect(self, birth: Born) -> None:
        """A birth that the items tell only later, after what the child did."""
        self._births.setdefault(birth.child, deque()).append(birth)

    def is_known(self, pid: int) -> bool:
        """Whether a number is that of a process whose birth was told, or which was seen before."""
        return pid in self._live or bool(self._births.get(pid))

    def inside(self, inner: int) -> Process | None:
        """The process that has a number inside the sandbox, as far as that is known."""
        return self._inner.get(inner)

    def announce(self, birth: Born) -> None:
        """A birth, told in time: who had the child's number before is gone, even if the log lost its end."""
        self.announced = True
        self.find(birth.pid, birth.time, birth.line)
        self._live.pop(birth.child, None)
        self._births[birth.child] = deque([birth])

    def find(self, pid: int, time: float, line: int, inner: int = 0) -> Process:
        """The process of a process or thread number; made from its parent's state when it is first seen.

        `inner` is its number inside the sandbox, where that is known.
        """
        found = self._live.get(pid)
        return found if found is not None else self._first_seen(pid, time, line, inner)

    def known(self, pid: int, time: float, line: int) -> Process | None:
        """The process of a number that has one: a live one, or one whose creation is in the log and its end is not yet."""
        return self.find(pid, time, line) if pid in self._live or self._births.get(pid) else None

    def born(self, call: Syscall) -> None:
        """A creation returned: the child gets its maker's state of now, unless it was seen (or ended) before."""
        child = child_of(call)
        births = self._births.get(child)
        if births and births[0].line == call.line:
            self.find(child, call.time, call.line)

    def end(self, pid: int) -> None:
        """A process or thread ended: its number is free for another one."""
        self._live.pop(pid, None)
        births = self._births.get(pid)
        if births:
            births.popleft()
            if not births:
                del self._births[pid]

    def _first_seen(self, pid: int, time: float, line: int, inner: int) -> Process:
        births = self._births.get(pid)
        birth = births[0] if births else None
        maker = self._live.get(birth.pid) if birth else None
        if birth is not None and birth.thread and maker is not None:
            process = maker
        else:
            process = self._make(pid, birth, maker, time, line, inner)
            self.processes.append(process)
        self._live[pid] = process
        return process

    def _make(
        self, pid: int, birth: Born | None, parent: Process | None, time: float, line: int, inner: int
    ) -> Process:
        if birth is None or parent is None:
            # Before the command, nobody but the launcher runs: such as what waits as the first process of a namespace, which has
            # a lower number. Any other one whose creation was not seen could be the package's.
            ours = not self.begun or 0 < inner < self.first
            self.orphans += not ours
            return Process(
                pid=pid,
                parent=None,
                started=time,
                ours=ours,
                place=Place(self._directory),
                home=self._directory,
                line=line,
                descriptors={} if self.processes else console(),
                epoch=self.epoch,
                links=self._links,
                others=self._inner,
            )
        process = Process(
            pid=pid,
            parent=parent,
            started=time,
            ours=parent.ours,
            path=parent.path,
            argv=parent.argv,
            place=parent.place if birth.shares_place else Place(parent.directory),
            home=parent.home,
            inner=0 if parent.ours else birth.inner,
            line=line,
            born=birth.time,
            maker=birth.pid,
            epoch=self.epoch,
            descriptors=parent.descriptors if birth.shares_files else dict(parent.descriptors),
            links=self._links,
            others=self._inner,
        )
        if process.inner:
            self._inner[process.inner] = process
        return process
