"""The clock that the package's processes share where it runs ahead (`probes/clock`): made, moved and read by the supervisor.

The package may write to the file as well, so what is read from it is bounded, and is hearsay.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PLACE: Final = Path("/run/clock/now")
"""As in `probes/clock/state.h`, which also has the layout."""

_MAGIC: Final = 0x314B434F4C434846
_HEAD: Final = struct.Struct("=QqqqqqIIII")
_BYTES: Final = _HEAD.size + 128 * 16 + 256 * 4
_SECOND: Final = 1_000_000_000
_MOST_SECONDS: Final = 100 * 366 * 86_400
"""What a package may have made of the time is cut to a century."""

_HORIZON_SECONDS: Final = 2 * 366 * 86_400
_MOST_SKIPS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Skipped:
    """What one command made of the time: seconds that its clocks ran ahead, how often, and whether it wanted more than it may."""

    seconds: float
    times: int
    over: bool

    @property
    def reason(self) -> str:
        """Why the command was not seen to its end; empty where it was."""
        if not self.over:
            return ""
        return (
            f"horizon exceeded: {self.seconds:.0f} s of delays were skipped in {self.times} times; the next one took as long as it does, "
            f"since a command may skip {_HORIZON_SECONDS // 86_400} days in {_MOST_SKIPS} times"
        )


class Clock:
    """The clock of one run. `uid` is the package's user, as that sees itself."""

    def __init__(self, uid: int, place: Path = PLACE) -> None:
        self._uid = uid
        place.parent.mkdir(exist_ok=True)
        file = os.open(place, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.ftruncate(file, _BYTES)
        os.fchmod(file, 0o666)  # the package's processes move it
        self._map = mmap.mmap(file, _BYTES)
        os.close(file)
        self._skipped = 0

    def begin(self, now: float, ahead: float) -> float:
        """Readies the clock for the next command, which begins `now`; its date is `ahead` of what it would be else.

        Gives the date that the command sees first, in seconds since the epoch.
        """
        shift, horizon = int(ahead * _SECOND), _HORIZON_SECONDS * _SECOND
        head = _HEAD.pack(
            _MAGIC, shift, self._skipped, self._skipped, 0, horizon, _MOST_SKIPS, 0, 0, self._uid
        )  # fmt: skip
        self._map[:] = head.ljust(_BYTES, b"\0")
        return now + (shift + self._skipped) / _SECOND

    def end(self) -> Skipped:
        """What the command made of it. What it skipped stays skipped."""
        _, _, skipped, _, _, _, _, times, over, _ = _HEAD.unpack_from(self._map)
        skipped = min(max(skipped, self._skipped), _MOST_SECONDS * _SECOND)
        seconds = (skipped - self._skipped) / _SECOND
        self._skipped = skipped
        return Skipped(seconds, min(times, _MOST_SKIPS), bool(over))


def as_json(date: float, ahead: float, skipped: Skipped) -> dict[str, Any]:
    """What a step's record says of the clock."""
    return {"date": date, "ahead": ahead, "skipped": skipped.seconds, "skips": skipped.times}
