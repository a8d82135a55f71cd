"""The package's own container, where the kernel traces: nothing of ours is in it, and commands are started in it by the engine.

Its first process is a shell that waits for the end of the analyzer: the kernel keeps it from every signal from inside, and orphans come
to it. A command's end is told to the supervisor; what it left running is ended with the container, which then starts again for
the next command.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from analyzer.errors import SandboxError
from analyzer.sandbox.control import Recordings
from analyzer.sandbox.docker import engine
from analyzer.sandbox.docker.images import ENGINE_ERRORS
from analyzer.sandbox.docker.terminals import Terminals
from analyzer.sandbox.kernel.interface import Recorder
from analyzer.sandbox.kernel.limits import container_libc, limits
from analyzer.sandbox.usage import ended_for_memory, numbers_beside
from analyzer.sandbox.workspace import OWNER

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

WAITING: Final = ["/bin/sh", "-c", f"until cat <{OWNER}; do :; done"]
"""The command of the container: until the pipe that the analyzer holds open has come to its end."""

Tell = Callable[[dict[str, Any]], None]

_WAITING_USER: Final = 65534
USER: Final = f"{_WAITING_USER}:{_WAITING_USER}"
"""The user of what waits: not the package's, which could make it do things in its name."""


class Cell:
    """Commands in the package's container. Its methods are called by one thread, the one that answers the supervisor.

    `user` is the package's, as the engine takes it; `tell` sends the supervisor what it did not ask for; `terminals` are those of a
    session, where there is one.
    """

    def __init__(
        self,
        client: DockerClient,
        container: Container,
        user: str,
        recorder: Recorder,
        recordings: Recordings,
        tell: Tell,
        terminals: Terminals | None = None,
    ) -> None:
        self._client = client
        self._container = container
        self._user = user
        self._recorder = recorder
        self._recordings = recordings
        self._tell = tell
        self._terminals = terminals
        self._started = ExitStack()
        self._numbers: Callable[[], list[int]] = list
        self._killed_now: Callable[[], int] = int
        self._ended_for_memory = 0
        self._waiting: threading.Thread | None = None
        self._starting = threading.Lock()

    def start(self) -> None:
        """Starts the container, if it does not run."""
        self._container.reload()
        if self._container.status != "running":
            self._started.close()
            self._started.enter_context(engine.started(self._container))
            self._container.reload()
            first = self._container.attrs["State"]["Pid"]
            self._numbers, self._killed_now = numbers_beside(first), ended_for_memory(first)
            if not self._recordings.limits:
                self._recordings.limits = limits(self._recorder, container_libc(first))

    @property
    def ended_for_memory(self) -> int:
        """How many processes the kernel ended for their memory so far."""
        return self._ended_for_memory + self._killed_now()

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answers what a supervisor asks for. Raises SandboxError where the engine does not do it."""
        try:
            if "run" in request:
                self._run(
                    request["run"], request["argv"], terminal=request.get("terminal", False), quiet=request["quiet"]
                )
            elif "left" in request:
                return {"left": self._left()}
            elif "kill" in request:
                self._kill()
            else:
                return self._recordings.handle(request)
        except (*ENGINE_ERRORS, OSError) as error:
            raise SandboxError(engine.failed(error)) from error
        return {}

    def end(self) -> None:
        """Ends what runs; for any thread. What is gone, or an engine that does not answer, others will tell."""
        # The engine answers when all has ended: until then the container would be taken for one that runs.
        with self._starting, suppress(*ENGINE_ERRORS):
            self._container.kill()

    def close(self) -> None:
        """Ends what still runs, and waits until its end was told."""
        if self._waiting is not None and self._waiting.is_alive():
            with suppress(*ENGINE_ERRORS):  # the engine is gone; whoever removes the container says so
                self._kill()
            if self._terminals is not None:
                self._terminals.close()
            self._waiting.join()
        self._note_memory()
        self._started.close()

    def _run(self, stem: str, argv: list[str], *, terminal: bool, quiet: bool) -> None:
        with self._starting:
            self.start()
            self._recordings.begin_with(stem, self._container.attrs["State"]["Pid"], quiet=quiet)
            if terminal and self._terminals is not None:
                wait = self._terminals.execute(self._container, argv, self._user)
            else:
                wait = engine.execute(self._client, self._container, argv, self._user)
        self._waiting = threading.Thread(target=self._tell_end, args=(wait,), name="command", daemon=True)
        self._waiting.start()

    def _tell_end(self, wait: Callable[[], tuple[int, str]]) -> None:
        """Waits for a command's end. What it says before it has its own streams is a failure of ours."""
        try:
            status, said = wait()
        except (*ENGINE_ERRORS, OSError) as error:
            status, said = 255, engine.failed(error)
        if said:
            self._recordings.reasons.append(f"a command could not be run as it should: {said}")
        self._tell({"ended": status})

    def _left(self) -> int:
        """How many processes are there but those that wait, which are the only ones of their user."""
        return sum(_owner(number) not in {None, _WAITING_USER} for number in self._numbers())

    def _kill(self) -> None:
        self._note_memory()
        engine.kill(self._container)

    def _note_memory(self) -> None:
        """Adds what would be forgotten with the container's group."""
        self._ended_for_memory += self._killed_now()
        self._killed_now = int


def _owner(number: int) -> int | None:
    """The user of a process; root for one that hides what it is, None for one that is gone."""
    try:
        return Path(f"/proc/{number}").stat().st_uid
    except FileNotFoundError:
        return None
