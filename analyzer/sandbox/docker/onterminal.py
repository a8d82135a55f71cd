"""A command on a terminal that the engine makes in a running container."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from analyzer.sandbox.docker import engine
from analyzer.sandbox.docker.images import ENGINE_ERRORS

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container


class OnTerminal:
    """A command in a running container, on a terminal there. `stream` is what is said and typed: a socket, or one with TLS."""

    def __init__(self, client: DockerClient, number: str, held: Any) -> None:
        self._client = client
        self._number = number
        self._held = held
        self.stream = getattr(held, "_sock", held)

    def resize(self, rows: int, columns: int) -> None:
        """Gives the terminal another size; a command that has ended has none."""
        with suppress(*ENGINE_ERRORS):
            self._client.api.exec_resize(self._number, height=rows, width=columns)

    def number(self) -> int:
        """The command's number on the engine's host."""
        return int(self._client.api.exec_inspect(self._number)["Pid"])

    def status(self) -> int:
        """Its exit status, when it has ended."""
        status = self._client.api.exec_inspect(self._number)["ExitCode"]
        return engine.LOST if status is None else int(status)

    def close(self) -> None:
        """Lets go of the stream."""
        engine.let_go(self._held)


def execute_on_terminal(client: DockerClient, container: Container, command: list[str], user: str) -> OnTerminal:
    """Starts a command in a running container, on a terminal, which has no size at first."""
    number = client.api.exec_create(container.id, command, user=user, tty=True, stdin=True)["Id"]
    return OnTerminal(client, number, client.api.exec_start(number, socket=True, tty=True))
