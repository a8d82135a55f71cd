"""Files into and out of a session: done inside, as the package's user (`probes/hood/copying.py`); here are the other ends of the pipes."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from typing import IO, BinaryIO, Final

from analyzer.errors import SandboxError
from analyzer.sandbox.interface import MIB
from analyzer.sandbox.session.orders import Orders

_PIECE: Final = 256 * 1024
_MOST_ANSWER: Final = 65536
_IN_MEMORY: Final = 4 * MIB
_MOST_NAME: Final = 4096
_HEADERS: Final = 64 * MIB
"""Room for what an archive has beside the files' contents."""


class Copies:
    """Copies of one session, one after the other."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._lock = threading.Lock()

    def put(self, name: str, tar: BinaryIO) -> None:
        """Puts an archive's files to a name. Raises SandboxError."""
        with self._lock:
            reading, writing = os.pipe()
            answer = self._begin({"put": _checked(name)}, reading)
            with open(answer, "rb") as answered:
                broken = _feed(tar, writing)
                _heed(answered)
            if broken:
                raise SandboxError(f"{name}: the sandbox did not take all of it; try again")

    def get(self, path: str, most_bytes: int) -> BinaryIO:
        """Gets an archive of a path. Raises SandboxError."""
        with self._lock:
            reading, writing = os.pipe()
            answer = self._begin({"get": _checked(path), "most": most_bytes}, writing, reading)
            file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 the caller closes it
            try:
                with open(answer, "rb") as answered:
                    _take(reading, file, most_bytes + _HEADERS, path)
                    _heed(answered)
            except BaseException:
                file.close()
                raise
            file.seek(0)
            return file  # type: ignore[return-value]

    def _begin(self, order: dict[str, object], given: int, *kept: int) -> int:
        """Sends an order with the pipe's end that it gets; gives where its answer comes."""
        answer, answering = os.pipe()
        arrived = self._orders.send(order, [given, answering])
        os.close(given)
        os.close(answering)
        if not arrived:
            for descriptor in (answer, *kept):
                os.close(descriptor)
            raise SandboxError("nothing can be copied: the session is over")
        return answer


def _checked(name: str) -> str:
    if not name or "\0" in name or len(name) > _MOST_NAME:
        raise SandboxError(f"{name[:80]!r} names no file in the sandbox: name one, such as ~/project/file")
    return name


def _feed(tar: BinaryIO, descriptor: int) -> bool:
    """Writes an archive into a pipe; whether its reader was gone before its end, for which it may have had a reason."""
    with open(descriptor, "wb", buffering=0) as pipe:
        try:
            while piece := tar.read(_PIECE):
                left = memoryview(piece)
                while left:
                    left = left[pipe.write(left) :]
        except BrokenPipeError:
            # What follows an archive's end is not read by anybody.
            return bool(piece.strip(b"\0"))
    return False


def _take(descriptor: int, file: IO[bytes], most: int, path: str) -> None:
    with open(descriptor, "rb", buffering=0) as pipe:
        while piece := pipe.read(_PIECE):
            most -= len(piece)
            if most < 0:
                raise SandboxError(f"{path}: more than may be copied at once")
            file.write(piece)


def _heed(answered: IO[bytes]) -> None:
    """Reads the answer. Raises SandboxError where it is an error, or none at all."""
    try:
        said = json.loads(answered.read(_MOST_ANSWER))
    except ValueError as error:
        raise SandboxError("the copy was ended inside of the sandbox; try again") from error
    if "error" in said:
        raise SandboxError(str(said["error"]))
