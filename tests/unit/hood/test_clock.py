"""The supervisor's side of a clock that runs ahead."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hood.clock import Clock, Skipped

SKIPPED, SKIPS, OVER = 16, 52, 56
"""Where they stand in the file (`probes/clock/state.h`)."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "clock" / "now"


def put(place: Path, offset: int, form: str, value: int) -> None:
    with place.open("r+b") as file:
        file.seek(offset)
        file.write(struct.pack(form, value))


def test_before_the_first_command_it_is_no_clock(place: Path) -> None:
    Clock(1000, place)
    assert set(place.read_bytes()) == {0}


def test_its_layout_is_that_of_the_library() -> None:
    source = (Path(__file__).parents[3] / "probes" / "clock" / "state.h").read_text(encoding="utf-8")
    fields = source[source.index("struct state {") :]
    assert (
        fields.index("magic")
        < fields.index("shift")
        < fields.index("skipped")
        < fields.index("begun")
        < fields.index("owner")
    )
    assert "WAITERS = 128, PROCESSES = 256" in source


def test_a_command_begins_at_the_date_that_it_is_given(place: Path) -> None:
    clock = Clock(1000, place)
    assert clock.begin(1000.0, 0.0) == 1000.0
    put(place, SKIPPED, "=q", 60 * 10**9)
    put(place, SKIPS, "=I", 2)
    assert clock.end() == Skipped(60.0, 2, over=False)
    assert clock.begin(1010.0, 3600.0) == 1010.0 + 60 + 3600
    assert clock.end() == Skipped(0.0, 0, over=False)
    assert clock.begin(1020.0, 0.0) == 1080.0


@pytest.mark.parametrize(("written", "seconds"), [(-5, 0.0), (2**63 - 1, 100 * 366 * 86_400)])
def test_what_a_package_wrote_is_bounded(place: Path, written: int, seconds: float) -> None:
    clock = Clock(1000, place)
    clock.begin(1000.0, 0.0)
    put(place, SKIPPED, "=q", written)
    put(place, SKIPS, "=I", 2**32 - 1)
    assert clock.end() == Skipped(seconds, 20_000, over=False)


def test_more_than_it_may_skip_is_told(place: Path) -> None:
    clock = Clock(1000, place)
    clock.begin(1000.0, 0.0)
    assert clock.end().reason == ""
    put(place, OVER, "=I", 1)
    assert clock.end().reason.startswith("horizon exceeded: 0 s of delays were skipped in 0 times; ")


def test_a_clock_that_is_there_already_is_not_taken(place: Path) -> None:
    Clock(1000, place)
    with pytest.raises(FileExistsError):
        Clock(1000, place)
