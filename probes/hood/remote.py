"""Commands that the analyzer starts in the package's own container, while the kernel records that."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from hood import walls
from hood.command import Command, Job, Left, Streams, limited
from hood.control import EMPTY_LOG_BYTES, LOG_SUFFIX, Control
from hood.plan import Plan

_PROGRESS = 9
"""The highest number that every shell can redirect."""


class Remote:
    """Has the analyzer start commands in the package's container, which shares the run folder's named pipes with this one."""

    log_suffix = LOG_SUFFIX
    empty_log_bytes = EMPTY_LOG_BYTES

    def __init__(self, plan: Plan, control: Control, run_folder: Path) -> None:
        self._plan = plan
        self._control = control
        self._folder = run_folder

    def streams(self, stdin: bytes | None) -> Streams:
        """Named pipes, which the package's user may write to and not read, and a file with its input."""
        source = self._folder / "input"
        source.unlink(missing_ok=True)
        source.write_bytes(stdin or b"")
        source.chmod(0o444)
        output, output_write = self._pipe("output")
        driver, driver_write = self._pipe("driver")
        return Streams(output, driver, 0 if stdin is None else _PROGRESS, [output_write, driver_write])

    def start(self, job: Job, streams: Streams) -> Command:
        """A command of the engine's. Raises OSError where it cannot be started, or not be recorded."""
        folder = self._folder
        words = [*limited(self._plan), *walls.FIRST_TO_END, *walls.as_users(self._plan, job.argv)]
        if job.terminal is not None:
            # Its streams are the engine's; the analyzer copies what is said there into the output's pipe. The engine gives a size only
            # to a terminal in use, too late for a quick command.
            rows, columns = job.terminal
            argv = ["/bin/sh", "-c", f'stty rows {rows} cols {columns}; exec "$@"', "sh", *words]
            self._control.ask(run=job.stem, argv=argv, quiet=not job.running_package_code, terminal=True)
            return _RemoteCommand(self._control, job.stem, streams)
        redirected = f'exec "$@" <{folder}/input >{folder}/output 2>&1'
        if streams.progress:
            redirected += f" {streams.progress}>{folder}/driver"
        argv = ["/bin/sh", "-c", redirected, "sh", *words]
        self._control.ask(run=job.stem, argv=argv, quiet=not job.running_package_code)
        return _RemoteCommand(self._control, job.stem, streams)

    def _pipe(self, name: str) -> tuple[int, int]:
        """Both ends: while none would write, a reader would see the end before the command has begun."""
        path = self._folder / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        path.chmod(0o622)  # the umask does not apply to chmod
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        return reader, os.open(path, os.O_WRONLY | os.O_CLOEXEC)


class _RemoteCommand:
    """A command in another container, of which the analyzer tells."""

    def __init__(self, control: Control, stem: str, streams: Streams) -> None:
        self._control = control
        self._stem = stem
        self._streams = streams
        self._status: int | None = None
        self._ended = False
        self.descriptors = [control.descriptor]

    def main_ended(self) -> bool:
        if self._status is None:
            self._status = self._control.ended()
        return self._status is not None

    def ended(self) -> bool:
        self._ended = self._ended or (self.main_ended() and self._control.ask(left=True)["left"] == 0)
        return self._ended

    def end(self) -> None:
        self._control.ask(kill=True)

    def give_up(self) -> None:
        self.end()

    def leave(self) -> Left:
        if not self.ended():
            self.end()
        self._control.ask(finish=self._stem)
        self._streams.started()
        # What it used is in the kernel's own record of its processes' ends.
        return Left(self._status if self._status is not None else -signal.SIGKILL, 0.0, 0)
