"""The user's side of `fumehood cp`: which session is meant, what is packed for it, and what comes back."""

from __future__ import annotations

import os
import re
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, cast

from analyzer.archives.limits import MIB
from analyzer.errors import FumehoodError, SandboxError, UsageError
from analyzer.explore.unpacking import MOST_MEMBERS, Unpacked, unpack
from analyzer.explore.wire import MOST_BYTES, Channel, CutError, Request, open_socket
from analyzer.render.text import safe_text

_REMOTE: Final = re.compile(r"(?P<session>[a-z0-9]{0,16}):(?P<path>.*)", re.DOTALL)
_SHOWN: Final = 200
_PATIENCE_SECONDS: Final = 120.0
_NAMELESS: Final = frozenset({"", ".", "..", "~"})


@dataclass(frozen=True, slots=True)
class Remote:
    """A path in a session's sandbox; `session` is "" for the only one that runs."""

    session: str
    path: str


def side(word: str) -> Remote | Path:
    """What a word of the command line means: SESSION:PATH or :PATH, or a path of this machine (with ":" in it, as ./a:b)."""
    match = _REMOTE.fullmatch(word)
    return Remote(match["session"], match["path"] or ".") if match else Path(word)


def put(socket_path: Path, source: Path, path: str) -> int:
    """Copies a file or folder into a sandbox; gives the number of files. Raises UsageError and SandboxError."""
    with tempfile.TemporaryFile() as archive:
        count = _pack(source, archive)
        archive.seek(0)
        with closing(_connected(socket_path)) as channel:
            try:
                channel.say(Request(do="put", path=path))
                channel.send(archive)
                _check(channel)
            except (OSError, CutError) as error:
                raise _cut() from error
    return count


def get(socket_path: Path, path: str, destination: Path) -> Unpacked:
    """Copies a file or folder out of a sandbox. Raises UsageError and SandboxError."""
    name = PurePosixPath(path).name
    with tempfile.TemporaryFile() as archive:
        with closing(_connected(socket_path)) as channel:
            try:
                channel.say(Request(do="get", path=path))
                _check(channel)
                channel.receive(cast("BinaryIO", archive))
            except (OSError, CutError) as error:
                raise _cut() from error
        return unpack(cast("BinaryIO", archive), destination, "" if name in _NAMELESS else name)


def _check(channel: Channel) -> None:
    answer = channel.hear_answer()
    if answer.error:
        raise SandboxError(answer.error)


def _connected(path: Path) -> Channel:
    try:
        connection = open_socket(path, listening=False)
    except OSError as error:
        raise _cut() from error
    connection.settimeout(_PATIENCE_SECONDS)
    return Channel(connection)


def _cut() -> FumehoodError:
    return SandboxError("the session ended before all was copied: start it again, and copy again")


def _pack(source: Path, archive: object) -> int:
    """An archive of one file or folder. Links within stay links; sockets, pipes and devices are left out."""
    top = Path(os.path.realpath(source))
    shown = safe_text(str(source), _SHOWN)
    count = size = 0

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        nonlocal count, size
        if not (member.isreg() or member.isdir() or member.issym()):
            return None
        count += 1
        size += member.size
        if size > MOST_BYTES or count > MOST_MEMBERS:
            raise UsageError(f"{shown} is more than {MOST_BYTES // MIB} MiB or {MOST_MEMBERS} files: copy less at once")
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member

    if not top.is_file() and not top.is_dir():
        raise UsageError(f"{shown}: there is no such file or folder; see whether the path is right")
    try:
        with tarfile.open(fileobj=cast("BinaryIO", archive), mode="w", format=tarfile.PAX_FORMAT) as tar:
            tar.dereference = False
            tar.add(top, top.name or "root", filter=plain)
    except OSError as error:
        raise UsageError(
            f"{shown} cannot be read ({error.strerror or error}): make it readable, or copy another one"
        ) from error
    return count
