"""The recorder that runs elsewhere, with more rights than the analyzer: the other side of `remote`."""

from __future__ import annotations

import json
import os
import socket
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.interface import Account, Namespaces, Recorder, Scope
from analyzer.sandbox.kernel.remote import MOST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SECONDS: Final = 60.0
"""How long an answer may take: a full ring buffer is written first."""


class RemoteTracer(Recorder):
    """A recorder behind a connection, which is closed with it.

    Args:
        connection: of the kind SOCK_SEQPACKET, on whose other side `remote` runs.
        table: what is recorded, as `calls.entries` gives it.

    Raises:
        SandboxError: the other side cannot load the programs; the message says why.
    """

    def __init__(self, connection: socket.socket, table: Mapping[int, bytes]) -> None:
        self._connection = connection
        self._connection.settimeout(_SECONDS)
        self._lock = threading.Lock()
        self._requests = 0
        self.missing: dict[str, str] = {}
        self._ask("load", table={str(index): entry.hex() for index, entry in table.items()})

    def namespaces(self, pid: int) -> Namespaces:
        """The namespaces that a process is in, as `Recorder` says."""
        return Namespaces(*self._ask("namespaces", pid=pid))

    def watch_into(self, descriptor: int, scope: Scope) -> int:
        """Begin a recording, as `Recorder` says, into a file that was opened here, by the user whose analysis it is."""
        try:
            number: int = self._ask("watch", descriptor, **asdict(scope))
        finally:
            os.close(descriptor)
        return number

    def unwatch(self, recording: int) -> Account:
        """End a recording. Where the other side is gone, so is what it knew: that is the account's failure."""
        try:
            return Account(*self._ask("unwatch", recording=recording))
        except SandboxError as error:
            return Account(0, 0, str(error))

    def watch_clock(self, libc: Path) -> list[str]:
        """Record reads of the system time through a libc, as `Recorder` says."""
        functions: list[str] = self._ask("watch_clock", libc=str(libc))
        return functions

    def close(self) -> None:
        """Close the connection, at which the other side ends."""
        self._connection.close()

    def _ask(self, what: str, *descriptors: int, **arguments: Any) -> Any:
        with self._lock:
            self._requests += 1
            request = {"id": self._requests, "do": what, **arguments}
            try:
                socket.send_fds(self._connection, [json.dumps(request).encode()], descriptors)
                answer = self._answer()
            except (OSError, ValueError) as error:
                raise SandboxError(f"the kernel tracer does not answer any more ({error}): try again") from error
        if "error" in answer:
            raise SandboxError(answer["error"])
        self.missing.update(answer["missing"])
        return answer["answer"]

    def _answer(self) -> dict[str, Any]:
        while packet := self._connection.recv(MOST):
            answer: dict[str, Any] = json.loads(packet)
            if answer["id"] == self._requests:  # one before it is of a request that was interrupted
                return answer
        raise ConnectionError("it ended")
