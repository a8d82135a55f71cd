"""The package's own container, where the kernel traces: nothing of ours is in it, and commands are started in it by the engine.

Its first process is a shell that waits for the end of the analyzer: the kernel keeps it from every signal from inside, and orphans come
to it. A command's end is told to the supervisor; what it left running is ended with the container, which then starts again for
the next command.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Final

from analyzer.errors import SandboxError
from analyzer.sandbox import engine
from analyzer.sandbox.control import Recordings
from analyzer.sandbox.images import ENGINE_ERRORS
from analyzer.sandbox.kernel.interface import Recorder
from analyzer.sandbox.kernel.limits import container_libc, limits
from analyzer.sandbox.usage import numbers_beside

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

WAITING: Final = ["/bin/sh", "-c", "until cat; do :; done"]
"""The command of the container: until its standard input, which the analyzer holds open, has come to its end."""

Tell = Callable[[dict[str, Any]], None]

_OWN_PROCESSES: Final = 2
"""The shell, and what it waits for."""


class Cell:
    """Commands in the package's container. Its methods are called by one thread, the one that answers the supervisor.

    `user` is the package's, as the engine takes it; `tell` sends the supervisor what it did not ask for.
    """

    def __init__(
        self,
        client: DockerClient,
        container: Container,
        user: str,
        recorder: Recorder,
        recordings: Recordings,
        tell: Tell,
    ) -> None:
        self._client = client
        self._container = container
        self._user = user
        self._recorder = recorder
        self._recordings = recordings
        self._tell = tell
        self._started = ExitStack()
        self._numbers: Callable[[], list[int]] = list
        self._waiting: threading.Thread | None = None

    def start(self) -> None:
        """Starts the container, if it does not run."""
        self._container.reload()
        if self._container.status != "running":
            self._started.close()
            self._started.enter_context(engine.started(self._container))
            self._container.reload()
            first = self._container.attrs["State"]["Pid"]
            self._numbers = numbers_beside(first)
            self._recordings.limits = limits(self._recorder, container_libc(first))

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answers what a supervisor asks for. Raises SandboxError where the engine does not do it."""
        try:
            if "run" in request:
                self._run(request["run"], request["argv"], quiet=request["quiet"])
            elif "left" in request:
                return {"left": self._left()}
            elif "kill" in request:
                self._container.kill()
            else:
                return self._recordings.handle(request)
        except ENGINE_ERRORS as error:
            raise SandboxError(f"the Docker engine failed in mid-run ({engine.one_line(error)})") from error
        return {}

    def close(self) -> None:
        """Ends what still runs, and waits until its end was told."""
        if self._waiting is not None and self._waiting.is_alive():
            with suppress(*ENGINE_ERRORS):  # it is gone, or the engine is; whoever removes the container says so
                self._container.kill()
            self._waiting.join()
        self._started.close()

    def _run(self, stem: str, argv: list[str], *, quiet: bool) -> None:
        self.start()
        spaces = self._recorder.namespaces(self._container.attrs["State"]["Pid"])
        self._recordings.begin(stem, spaces.pid, spaces.network, quiet=quiet)
        wait = engine.execute(self._client, self._container, argv, self._user)
        self._waiting = threading.Thread(target=self._tell_end, args=(wait,), name="command", daemon=True)
        self._waiting.start()

    def _tell_end(self, wait: Callable[[], tuple[int, str]]) -> None:
        """Waits for a command's end. What it says before it has its own streams is a failure of ours."""
        try:
            status, said = wait()
        except ENGINE_ERRORS as error:
            status, said = 255, f"the Docker engine failed in mid-run ({engine.one_line(error)})"
        if said:
            self._recordings.reasons.append(f"a command could not be run as it should: {said}")
        self._tell({"ended": status})

    def _left(self) -> int:
        return max(len(self._numbers()) - _OWN_PROCESSES, 0)
