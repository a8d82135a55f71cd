"""Folders and names that say whose they are, so that what a killed analyzer left behind is found by the next one.

A token is `WHERE-PID-STARTED-RANDOM`: a hash of this boot and of the analyzer's pid namespace, its process number, the clock ticks
at which the kernel started it (proc(5), `stat`, field 22), and random digits. A thing of this boot and namespace is abandoned when
no such process runs any more; one of another (a machine that was started again, or another container that shares the
folder) when it is more than a day old. So the analyses that run at this moment never lose anything to each other.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_PREFIX = "fumehood-"
_TOKEN = re.compile(r"(?P<where>[0-9a-f]{8})-(?P<pid>\d{1,10})-(?P<started>\d{1,20})-[0-9a-f]{8}")
_DAY_SECONDS = 86_400.0
_REMOVAL_ATTEMPTS = 20


def new_token() -> str:
    """A name that no other thing has, and that tells this process as its owner."""
    pid = os.getpid()
    return f"{_where()}-{pid}-{_started(pid)}-{secrets.token_hex(4)}"


def is_abandoned(token: str, made: float) -> bool:
    """Whether the owner that a token tells is gone. `made` is when its thing was made, in seconds since the epoch.

    Text that is no token of ours is nobody's to remove.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        return False
    if match["where"] != _where():
        return time.time() - made > _DAY_SECONDS
    return _started(int(match["pid"])) != match["started"]


@contextmanager
def owned_folder() -> Iterator[Path]:
    """A temporary folder for this user alone, which is gone afterwards."""
    folder = Path(tempfile.gettempdir(), _PREFIX + new_token())
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        _remove(folder)


def sweep_folders(parent: Path | None = None) -> None:
    """Removes abandoned folders from the place of temporary files, or another one: this user's, or for root everybody's.

    Root's sandboxes give their records to users that exist nowhere else.
    """
    for path in Path(parent or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            status = path.lstat()
        except OSError:
            continue  # somebody else removed it first
        if os.geteuid() in {0, status.st_uid} and is_abandoned(path.name.removeprefix(_PREFIX), status.st_mtime):
            shutil.rmtree(path, ignore_errors=True)


def abandoned_groups(parent: Path) -> list[Path]:
    """Abandoned control groups directly below another one."""
    return [
        path
        for path in parent.glob(f"{_PREFIX}*")
        if path.is_dir() and is_abandoned(path.name.removeprefix(_PREFIX), path.stat().st_mtime)
    ]


def group_name(token: str) -> str:
    """The name of the control group of a run."""
    return _PREFIX + token


def _remove(folder: Path) -> None:
    """A process that was just killed may write its last file while the folder goes, so that it takes a second try."""
    for _ in range(_REMOVAL_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


@cache
def _where() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    namespace = Path("/proc/self/ns/pid").stat().st_ino
    return hashlib.sha256(boot + str(namespace).encode()).hexdigest()[:8]


def _started(pid: int) -> str:
    """Clock ticks since boot at which a process was started; empty for one that is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in {"Z", "X"} else fields[19]
