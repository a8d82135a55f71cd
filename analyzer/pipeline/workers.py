"""The processes of `fumehood vet`, as their parent sees them: it gives each a task, hears what they say, and ends them.

Each has a session of its own, so that a terminal's Ctrl-C reaches the parent alone, which then tells them. One that ends before its time
costs the target that it had, and another takes its place.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self, cast

from pydantic import ValidationError

from analyzer.errors import SandboxError
from analyzer.kept import plain_file
from analyzer.pipeline.worker import Said, Task
from analyzer.sandbox import cgroup
from analyzer.sandbox.leftovers import sweep_folders
from analyzer.sandbox.signals import deferred_signals

_TICK_SECONDS: Final = 0.2
"""A signal that comes just before a blocking call would have to wait for its end."""
_END_SECONDS: Final = 60.0
"""How long a worker may take to remove what it made, before it is killed; an engine may be slow."""
_CHUNK: Final = 65_536
_MAX_LINE: Final = 65_536
_MAX_LOG: Final = 65_536


@dataclass(slots=True)
class _Worker:
    """A process, its pipes, what it is doing, and what it said of a line so far."""

    process: subprocess.Popen[bytes]
    given: IO[bytes]
    said: IO[bytes]
    log: Path
    task: Task | None = None
    rest: bytes = b""


@dataclass(slots=True)
class Workers:
    """At most `count` workers. Use it as a context manager: all are gone after the block.

    `command` starts one, `setup` is the line that each is given first, and `folder` is for what they say of errors.
    """

    command: list[str]
    setup: bytes
    count: int
    folder: Path
    _workers: list[_Worker] = field(default_factory=list, init=False)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector, init=False)
    _started: int = field(default=0, init=False)
    _lost: bool = field(default=False, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for worker in self._workers:
            if kind is not None or worker.task is not None:
                worker.process.terminate()
            else:
                _give(worker, b"\n")
        deadline = time.monotonic() + _END_SECONDS
        while self._workers:
            self._end(self._workers[0], max(deadline - time.monotonic(), 0.0))
        self._selector.close()
        if self._lost:
            # What ended before its time could not remove what it had made.
            sweep_folders()
            cgroup.sweep()

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Said]]:
        """Has all tasks done; gives what is said of each as it is said, its end last.

        Raises:
            SandboxError: No worker can be started.
        """
        waiting = deque(tasks)
        while waiting or any(one.task is not None for one in self._workers):
            self._assign(waiting)
            for key, _ in self._selector.select(_TICK_SECONDS):
                yield from self._hear(key.data)

    def _assign(self, waiting: deque[Task]) -> None:
        """Gives everybody something to do, and takes in whoever is missing."""
        while waiting and len(self._workers) < self.count:
            self._start()
            self._next(self._workers[-1], waiting)
        for worker in self._workers:
            if waiting and worker.task is None:
                self._next(worker, waiting)

    def _next(self, worker: _Worker, waiting: deque[Task]) -> None:
        worker.task = waiting.popleft()
        _give(worker, worker.task.model_dump_json(exclude_defaults=True).encode() + b"\n")

    def _start(self) -> None:
        self._started += 1
        log = self.folder / f"worker-{self._started}.log"
        try:
            with log.open("wb") as errors, deferred_signals():
                process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    bufsize=0,
                    start_new_session=True,
                )
                given, said = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
                worker = _Worker(process, given, said, log)
                self._workers.append(worker)
                self._selector.register(said, selectors.EVENT_READ, worker)
        except OSError as error:
            raise SandboxError(f"no process can be started ({error.strerror or error}): end others first") from error
        _give(worker, self.setup + b"\n")

    def _hear(self, worker: _Worker) -> Iterator[tuple[Task, Said]]:
        """What a worker said by now. One that says what is no message is ended as if it had crashed."""
        piece = os.read(worker.said.fileno(), _CHUNK)
        *lines, worker.rest = (worker.rest + piece).split(b"\n")
        broken = not piece or len(worker.rest) > _MAX_LINE
        for line in lines:
            try:
                said = Said.model_validate_json(line)
            except ValidationError:
                broken = True
                break
            if worker.task is not None:
                task = worker.task
                if said.is_last:
                    worker.task = None
                yield task, said
        if broken:
            self._lost = True
            had, code = worker.task, self._end(worker, 0.0 if piece else _END_SECONDS)
            if had is not None:
                yield had, Said(kind="lost", text=_farewell(code, worker.log))

    def _end(self, worker: _Worker, seconds: float) -> int:
        """Sees a worker end, and kills it where it does not."""
        self._selector.unregister(worker.said)
        with suppress(OSError):
            worker.given.close()
        try:
            code = worker.process.wait(seconds)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            code = worker.process.wait()
        worker.said.close()
        self._workers.remove(worker)
        return code


def _give(worker: _Worker, line: bytes) -> None:
    """Writes a line. One who is gone is noticed when he is heard no more."""
    with suppress(OSError):
        view = memoryview(line)
        while view:
            view = view[os.write(worker.given.fileno(), view) :]


def _farewell(code: int, log: Path) -> str:
    """How a worker ended, with the last line of what it said of errors."""
    try:
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"
    except ValueError:
        how = f"signal {-code}"
    told = (plain_file(log, _MAX_LOG) or b"").decode(errors="replace").strip().splitlines()
    return f"the process that analysed it ended before its time ({how}{f': {told[-1]}' if told else ''}); run the command again"
