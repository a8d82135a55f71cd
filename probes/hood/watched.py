"""Commands that the kernel records: the supervisor starts bubblewrap, which waits until the recording of its namespace has begun."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time

from hood import processes, walls
from hood.command import Command, Job, Left, Streams, Usage, pipes, ready, start_process, wait
from hood.control import EMPTY_LOG_BYTES, LOG_SUFFIX, Control
from hood.plan import Plan
from hood.walls import Bubblewrap

_START_SECONDS = 20.0
_LOOK_SECONDS = 0.0005


class Watched:
    """Starts commands that the kernel records: bubblewrap waits until the recording of its new pid namespace has begun."""

    log_suffix = LOG_SUFFIX
    empty_log_bytes = EMPTY_LOG_BYTES

    def __init__(self, plan: Plan, control: Control) -> None:
        self._plan = plan
        self._walls = Bubblewrap(plan)
        self._control = control

    def streams(self, stdin: bytes | None) -> Streams:
        """Anonymous pipes."""
        return pipes(stdin)

    def start(self, job: Job, streams: Streams) -> Command:
        """Bubblewrap's process. Raises OSError where the namespace cannot be recorded."""
        info, told = os.pipe()
        held, go = os.pipe()
        usage = Usage()
        words = self._walls.command(job.argv, [], told, "--block-fd", str(held))
        process = start_process(self._plan, words, streams, [*self._walls.inherited(told), held])
        self._walls.started()
        os.close(told)
        os.close(held)
        try:
            facts = _facts(info)
            first = walls.first_process(facts)
            if first is None:
                # It has ended, or cannot be watched: in no case may anything go on when the pipe is closed.
                for pid in processes.descendants(process.pid):
                    processes.kill(pid)
            command = _WatchedCommand(process, first, usage, self._control, job.stem)
            if first is not None:
                self._await_walls(first)
                # Before the pipe is closed, whose end bubblewrap would take for the word to go on.
                command.watch(quiet=not job.running_package_code)
                os.write(go, b"1")
        finally:
            os.close(info)
            os.close(go)
        return command

    def _await_walls(self, first: int) -> None:
        """Waits until bubblewrap's first process has built its walls, whose bricks are paths of the host: they are nobody's to see.

        Until then it is in our own root folder, where the record is, or in bubblewrap's own, which has `newroot`.
        """
        root = f"/proc/{first}/root"
        deadline = time.monotonic() + _START_SECONDS
        while (
            _is_there(root + str(self._plan.record)) or _is_there(root + "/newroot")
        ) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)


class _WatchedCommand:
    """A command in a namespace whose first process is bubblewrap's, which ends when no other is left."""

    def __init__(
        self, process: subprocess.Popen[bytes], first: int | None, usage: Usage, control: Control, stem: str
    ) -> None:
        self._process = process
        self._usage = usage
        self._control = control
        self._stem = stem
        self._exited = os.pidfd_open(process.pid)
        self._ended_here = False
        self._first: int | None = None
        self._namespace: int | None = None
        if first is not None:
            self._first = os.pidfd_open(first)
            # Held open: the number of a namespace that is gone is given to the next one, which would be recorded in its place.
            self._namespace = os.open(f"/proc/{first}/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self.descriptors = [self._exited]

    def watch(self, *, quiet: bool) -> None:
        """Has the namespace recorded from now on, if there is one; where that fails, ends the command and raises OSError."""
        if self._namespace is None:
            return
        try:
            self._control.ask(watch=self._stem, namespace=os.fstat(self._namespace).st_ino, quiet=quiet)
        except OSError:
            self.give_up()
            raise

    def main_ended(self) -> bool:
        ended = ready(self._exited)
        if ended and self._first is not None:
            self.descriptors = [self._first]
        return ended

    def ended(self) -> bool:
        return self.main_ended() and (self._first is None or ready(self._first))

    def end(self) -> None:
        self._ended_here = True
        if self._first is None:
            processes.kill(self._process.pid)
        else:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)

    def give_up(self) -> None:
        self.end()
        processes.kill(self._process.pid)

    def leave(self) -> Left:
        if not self.ended():
            self.give_up()
            select.select([self._exited], [], [])
            if self._first is not None:
                select.select([self._first], [], [], _START_SECONDS)
        exit_code, memory = wait(self._process)
        reason = walls.ENDED if not self._ended_here and (exit_code < 0 or self._first_was_killed()) else ""
        memory = max(memory, self._usage.orphans())
        if self._namespace is not None:
            self._control.ask(finish=self._stem)
        for descriptor in (self._exited, self._first, self._namespace):
            if descriptor is not None:
                os.close(descriptor)
        return Left(exit_code, self._usage.seconds(0.0), memory, reason)

    def _first_was_killed(self) -> bool:
        """Whether bubblewrap took leave of its first process, which it does only of one that ended before the command did."""
        if self._first is None:
            return False
        try:
            os.waitid(os.P_PIDFD, self._first, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        return False


def _facts(info: int) -> bytes:
    """What bubblewrap tells, as soon as it is all there; what there is of it when bubblewrap ends or takes too long."""
    text = b""
    while not walls.facts(text) and select.select([info], [], [], _START_SECONDS)[0]:
        piece = os.read(info, 4096)
        if not piece:
            break
        text += piece
    return text


def _is_there(path: str) -> bool:
    return os.path.lexists(path)  # False too for a process that has ended
