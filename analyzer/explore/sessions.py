"""Where running sessions can be found by `fumehood cp`: sockets in a folder that is for this user alone.

Each is named `ID.TOKEN`: a short word for the user to type, and a token (`analyzer.tokens`) that tells whether its process still runs.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from analyzer.errors import UsageError
from analyzer.render.text import safe_text
from analyzer.tokens import is_abandoned, new_token

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that looks like another."""

_LENGTH: Final = 4
_PRIVATE: Final = 0o700


def sessions_folder(cache: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder: in the user's runtime folder where there is one, else in the cache. Raises UsageError when it is not his alone."""
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    parent = Path(runtime) if runtime and _is_own(Path(runtime)) else cache
    folder = parent / ("fumehood" if parent != cache else "sessions")
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=_PRIVATE, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder of sessions {folder} cannot be made ({error.strerror or error}); set FUMEHOOD_CACHE"
        ) from error
    if not _is_own(folder):
        raise UsageError(f"the folder of sessions {folder} must be yours alone: change it to your own with mode 0700")
    return folder


def new_session() -> str:
    """A word for a session."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def socket_of(folder: Path, session: str) -> Path:
    """The path of this process's socket for a session."""
    return folder / f"{session}.{new_token()}"


def running(folder: Path) -> dict[str, Path]:
    """The sockets of sessions that run, by their words. What ended processes left is removed."""
    found = {}
    for path in sorted(folder.iterdir()):
        word, _, token = path.name.partition(".")
        try:
            made = path.lstat()
        except OSError:
            continue  # it ended just now
        if is_abandoned(token, made.st_mtime):
            with suppress(OSError):
                path.unlink()
        elif stat.S_ISSOCK(made.st_mode):
            found[word] = path
    return found


def chosen(folder: Path, session: str) -> Path:
    """The socket of the session that is meant; "" means the only one that runs. Raises UsageError."""
    sessions = running(folder)
    if not sessions:
        raise UsageError("no session is running: start one with `fumehood explore TARGET`")
    if session in sessions:
        return sessions[session]
    known = ", ".join(sorted(sessions))
    if session:
        raise UsageError(f"there is no session {safe_text(session, 80)!r}: running are {known}")
    if len(sessions) > 1:
        raise UsageError(f"several sessions are running: write SESSION:PATH, where SESSION is one of {known}")
    return next(iter(sessions.values()))


def _is_own(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
