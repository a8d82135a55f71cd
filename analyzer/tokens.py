"""Names that say whose a thing is, so that what a killed process of ours left behind is found by the next one.

A token is `WHERE-PID-STARTED-RANDOM`: a hash of this boot and of the process's pid namespace, its number, the clock ticks at which
the kernel started it (proc(5), `stat`, field 22), and random digits. A thing of this boot and namespace is abandoned when no such
process runs any more; one of another (a machine that was started again, or another container that shares the folder) when it is
more than a day old. So the analyses that run at this moment never lose anything to each other.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from functools import cache
from pathlib import Path
from typing import Final

_TOKEN: Final = re.compile(r"(?P<where>[0-9a-f]{8})-(?P<pid>\d{1,10})-(?P<started>\d{1,20})-[0-9a-f]{8}")
_DAY_SECONDS: Final = 86_400.0

_leaving: set[int] = set()
"""The number of this process, once it is about to end."""


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
    pid = int(match["pid"])
    return pid in _leaving or _started(pid) != match["started"]


def abandon() -> None:
    """From now on, what this process owns is abandoned: it was told to end, and makes nothing new."""
    _leaving.add(os.getpid())


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
