"""What a recorder cannot see on this host, in sentences for the report; and the watching of the clock, which depends on the sandbox."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.interface import Recorder

_PLACES: Final = ("/lib/{0}-linux-gnu/libc.so.6", "/lib64/libc.so.6", "/usr/lib64/libc.so.6", "/usr/lib/libc.so.6")
"""Where distributions have the GNU C library; Debian's is the first."""
_CLOCK: Final = "the reading of the clock by programs that are not Python"
_MEANINGS: Final = {"libc_clock_gettime": _CLOCK, "libc_time": _CLOCK, "uring_request": "requests to io_uring"}


def system_libc() -> Path:
    """The C library of this system, which the embedded sandbox shows to the package; the first place where there is none."""
    places = [Path(place.format(platform.machine())) for place in _PLACES]
    return next((place for place in places if place.exists()), places[0])


def container_libc(pid: int) -> Path:
    """The C library of a container of Debian, by one of its processes."""
    return Path(f"/proc/{pid}/root" + _PLACES[0].format(platform.machine()))


def limits(recorder: Recorder, libc: Path) -> list[str]:
    """Watches the clock of one library, and gives what cannot be seen."""
    found = []
    try:
        recorder.watch_clock(libc)
    except SandboxError as error:
        found.append(f"{_CLOCK} cannot be seen: {error}")
    return found + [f"{_MEANINGS.get(name, name)} cannot be seen: {why}" for name, why in recorder.missing.items()]
