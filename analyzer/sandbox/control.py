"""The outer end of the supervisor's line (`probes/hood/control.py` tells the protocol), and the recordings that it asks for."""

from __future__ import annotations

import json
import os
import re
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from analyzer.errors import SandboxError
from analyzer.sandbox.interface import MIB
from analyzer.sandbox.kernel.interface import Recorder
from analyzer.sandbox.signals import deferred_signals

REQUESTS: Final = "requests"
ANSWERS: Final = "answers"
"""Names of the two pipes, as in `probes/hood/control.py`."""

FOLDER: Final = "/srv/control"
"""Where the supervisor finds them inside the sandbox."""

_STEM: Final = re.compile(r"\d{2,6}-[a-z]{1,20}")
_ROOM: Final = 64 * MIB
"""How much a log may grow beyond a phase's trace, until the supervisor has ended what floods it."""

Handler = Callable[[dict[str, Any]], dict[str, Any]]
"""Answers a request of the supervisor's. May raise SandboxError."""


class Recordings:
    """The recordings of one run: `record/steps/STEM.kernel` each. `reasons` is why one of them is not whole.

    `limits` is what cannot be seen in any of them.
    """

    def __init__(self, recorder: Recorder, record: Path, trace_bytes: int) -> None:
        self._recorder = recorder
        self._folder = record / "steps"
        self._most = trace_bytes + _ROOM
        self._running: dict[str, int] = {}
        self._unrecorded: set[str] = set()
        self._works = False
        self.reasons: list[str] = []
        self.limits: list[str] = []

    def begin(self, stem: str, pid_namespace: int, *, quiet: bool) -> None:
        """Records a pid namespace from now on. Raises SandboxError where the first one cannot be recorded.

        Where a later one cannot, since what records was lost in mid-run, the command goes on without, and that is a reason.
        Not the network's: there the simulated internet's connections would be recorded too.
        """
        self._begin(stem, lambda: pid_namespace, quiet=quiet)

    def begin_with(self, stem: str, process: int, *, quiet: bool) -> None:
        """The same for the pid namespace of a process, by its number on the host."""
        self._begin(stem, lambda: self._recorder.namespaces(process).pid, quiet=quiet)

    def _begin(self, stem: str, namespace: Callable[[], int], *, quiet: bool) -> None:
        if not _STEM.fullmatch(stem) or stem in self._running:
            raise SandboxError(
                f"the sandbox's supervisor asked for a recording with a name that is none: {stem[:40]!r}"
            )
        log = self._folder / f"{stem}.kernel"
        try:
            self._running[stem] = self._recorder.watch(namespace(), log, quiet=quiet, most_bytes=self._most)
        except SandboxError as error:
            if not self._works:
                raise
            self._unrecorded.add(stem)
            self.reasons.append(f"the system calls of {stem} were not recorded: {error}")
        self._works = True

    def finish(self, stem: str) -> None:
        """Ends a recording, whose log is then complete."""
        if stem in self._unrecorded:
            return
        if stem not in self._running:
            raise SandboxError(f"the sandbox's supervisor asked for the end of a recording that is none: {stem[:40]!r}")
        account = self._recorder.unwatch(self._running.pop(stem))
        if account.failure:
            self.reasons.append(f"the recording of {stem} is not whole: {account.failure}")

    def close(self) -> None:
        """Ends what still records, as when the supervisor was lost."""
        for stem in list(self._running):
            self.finish(stem)

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answers what every supervisor asks for whose commands the kernel records."""
        if "watch" in request:
            self.begin(request["watch"], request["namespace"], quiet=request["quiet"])
        elif "finish" in request:
            self.finish(request["finish"])
        return {}


class Line:
    """The line for one run, as a context manager that makes its pipes in a new folder.

    `uid` is the supervisor's user, where it is another than this process's when it opens the pipes.
    """

    def __init__(self, folder: Path, uid: int | None = None) -> None:
        self._folder = folder
        self._uid = uid
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._folder.mkdir(mode=0o700)
        for name in (REQUESTS, ANSWERS):
            os.mkfifo(self._folder / name, 0o600)
        # Both ends are held open here, so that neither side ever sees an end while the other is still to come.
        self._requests = os.open(self._folder / REQUESTS, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._answers = os.open(self._folder / ANSWERS, os.O_RDWR | os.O_CLOEXEC)
        if self._uid is not None:
            for path in (self._folder, self._folder / REQUESTS, self._folder / ANSWERS):
                os.chown(path, self._uid, self._uid)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._requests)
        os.close(self._answers)

    def tell(self, message: dict[str, Any]) -> None:
        """Sends a message to the supervisor."""
        with self._lock:
            os.write(self._answers, json.dumps(message).encode() + b"\n")

    @contextmanager
    def answering(self, handle: Handler) -> Iterator[None]:
        """Answers requests in a thread of its own for the block. A SandboxError is an answer too."""
        stopped, stop = os.pipe()
        thread = threading.Thread(target=self._serve, args=(stopped, handle), daemon=True, name="control")
        try:
            with deferred_signals():
                thread.start()
            yield
        finally:
            os.close(stop)
            if thread.ident is not None:
                thread.join()
            os.close(stopped)

    def _serve(self, stopped: int, handle: Handler) -> None:
        rest = b""
        while stopped not in select.select([self._requests, stopped], [], [])[0]:
            *lines, rest = (rest + os.read(self._requests, 65536)).split(b"\n")
            for line in lines:
                try:
                    self.tell(handle(json.loads(line)))
                except SandboxError as error:
                    self.tell({"error": str(error)})
