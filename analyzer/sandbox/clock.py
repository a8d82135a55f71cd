"""A clock that runs ahead, for a package that waits: where its parts are in a sandbox, and at which later dates it is run once more."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from analyzer.datafile import DataFile

LIBRARY: Final = "/srv/clock.so"
PRELOAD: Final = "/etc/ld.so.preload"
FOLDER: Final = "/run/clock"
FILE: Final = f"{FOLDER}/now"
"""As in `probes/clock/state.h` and `probes/hood/clock.py`."""
FOLDER_BYTES: Final = 65_536

_SATURDAY: Final = 5
_DAY_SECONDS: Final = 86_400


class _Moment(BaseModel):
    """How far ahead: days, or to the next day of the other sort, and hours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=0, le=3660)] = 0
    hours: Annotated[int, Field(ge=0, le=23)] = 0
    weekday: Literal["any", "other"] = "any"
    why: str


class _Moments(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    moments: Annotated[tuple[_Moment, ...], Field(min_length=1, max_length=10)]


def moments(now: datetime) -> list[float]:
    """The seconds by which the clock is moved ahead for each repetition of a run that begins `now`."""
    file = DataFile(Path(__file__).with_name("clock.yaml"), "data file", shipped=True)
    return [_ahead(one, now) for one in file.read(_Moments).moments]


def _ahead(moment: _Moment, now: datetime) -> float:
    days = moment.days
    if moment.weekday == "other":
        hours = timedelta(hours=moment.hours)
        days = next(day for day in range(1, 7) if _is_weekend(now + timedelta(days=day) + hours) != _is_weekend(now))
    return float(days * _DAY_SECONDS + moment.hours * 3600)


def _is_weekend(date: datetime) -> bool:
    return date.weekday() >= _SATURDAY
