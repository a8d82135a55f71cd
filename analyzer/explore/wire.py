"""What `fumehood cp` and a running session say to each other over their socket.

The request is one line of JSON, and for "put" a stream; the answer is one line of JSON, and for "get" a stream. A stream is pieces, each
behind its length (4 bytes, big-endian); a piece of no length says that all of it was sent.
"""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socket
from typing import BinaryIO, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analyzer.archives.limits import MIB

MOST_BYTES: Final = 512 * MIB
"""The most that is copied at once."""

_LINE: Final = 16 * 1024
_PIECE: Final = 64 * 1024
_LENGTH: Final = struct.Struct(">I")


class CutError(Exception):
    """The other end is gone, or says what nobody may say."""


class Request(BaseModel):
    """What is to be copied: `path` is in the sandbox."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Literal["put", "get"]
    path: str = Field(max_length=4096)


class Answer(BaseModel):
    """Whether it was done; where not, why, in one line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: str = ""


def open_socket(path: Path, *, listening: bool) -> socket:
    """A socket at a path of any length, which the kernel allows 107 bytes only. Raises OSError."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    one = socket(AF_UNIX, SOCK_STREAM)
    address = f"/proc/self/fd/{folder}/{path.name}"
    try:
        if listening:
            one.bind(address)
            path.chmod(0o600)
            one.listen(4)
        else:
            one.connect(address)
    except OSError:
        one.close()
        raise
    finally:
        os.close(folder)
    return one


class Channel:
    """One end of a connection, which is its own, as a stream of bytes in both directions. Raises CutError and OSError."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._reading = connection.makefile("rb")
        self._writing = connection.makefile("wb")

    def close(self) -> None:
        """Lets go of it."""
        for one in (self._reading, self._writing, self._connection):
            with suppress(OSError):  # what is still to be written has no reader
                one.close()

    def say(self, message: BaseModel) -> None:
        """Sends a line."""
        self._writing.write(message.model_dump_json().encode() + b"\n")
        self._writing.flush()

    def hear_request(self) -> Request:
        """Reads the line of a request."""
        try:
            return Request.model_validate_json(self._line())
        except ValidationError as error:
            raise CutError from error

    def hear_answer(self) -> Answer:
        """Reads the line of an answer."""
        try:
            return Answer.model_validate_json(self._line())
        except ValidationError as error:
            raise CutError from error

    def send(self, stream: BinaryIO) -> None:
        """Sends a stream to its end."""
        while piece := stream.read(_PIECE):
            self._writing.write(_LENGTH.pack(len(piece)) + piece)
        self._writing.write(_LENGTH.pack(0))
        self._writing.flush()

    def receive(self, into: BinaryIO) -> None:
        """Receives a stream of at most `MOST_BYTES`, and goes back to its begin."""
        left = MOST_BYTES
        while length := _LENGTH.unpack(self._exactly(_LENGTH.size))[0]:
            left -= length
            if length > _PIECE or left < 0:
                raise CutError
            into.write(self._exactly(length))
        into.seek(0)

    def _line(self) -> bytes:
        line = self._reading.readline(_LINE)
        if not line.endswith(b"\n"):
            raise CutError
        return line

    def _exactly(self, size: int) -> bytes:
        data = self._reading.read(size)
        if len(data) != size:
            raise CutError
        return data
