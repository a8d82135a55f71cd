from __future__ import annotations

import os
from pathlib import Path

import pytest
from hood import room
from hood.room import Room

from tests.unit.hood.plans import limits, plan

MIB = 1024 * 1024


def statvfs(blocks: int = 0, free_blocks: int = 0, files: int = 0, free_files: int = 0) -> os.statvfs_result:
    return os.statvfs_result((4096, 4096, blocks, free_blocks, free_blocks, files, free_files, free_files, 0, 255))


@pytest.fixture
def looking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Room, dict[str, os.statvfs_result]]:
    """What looks at places that are as a test says; one that is not mounted is none."""
    seen = dict.fromkeys(("/home/alex", "/tmp", "/dev/shm"), statvfs(2560, 100, 1000, 10))
    monkeypatch.setattr(os.path, "ismount", lambda place: place in seen)
    monkeypatch.setattr(os, "statvfs", seen.__getitem__)
    return Room(plan(tmp_path)), seen


def test_places_with_room_are_no_reason(looking: tuple[Room, dict[str, os.statvfs_result]]) -> None:
    looking[0].look()
    assert looking[0].reasons == []


def test_a_full_place_is_told_once_and_stays_told(looking: tuple[Room, dict[str, os.statvfs_result]]) -> None:
    one, seen = looking
    before = seen["/tmp"]
    for now in statvfs(2560, 0, 1000, 10), statvfs(2560, 0, 1000, 10), before:
        seen["/tmp"] = now
        one.look()
    assert one.reasons == ["the limit of 10 MiB in /tmp was reached"]


def test_a_place_with_no_room_for_another_name_is_told(looking: tuple[Room, dict[str, os.statvfs_result]]) -> None:
    one, seen = looking
    seen["/dev/shm"] = statvfs(2560, 100, 1000, 0)
    one.look()
    assert one.reasons == ["the limit of 1000 files in /dev/shm was reached"]


def test_a_place_without_limits_is_never_full(looking: tuple[Room, dict[str, os.statvfs_result]]) -> None:
    one, seen = looking
    seen["/home/alex"] = statvfs()
    one.look()
    assert one.reasons == []


def test_the_files_are_shared_out_like_the_bytes(tmp_path: Path) -> None:
    assert room.places(plan(tmp_path, limits=limits(files=400))) == {"/home/alex": 300, "/tmp": 100, "/dev/shm": 100}


def test_a_limit_that_cannot_be_set_is_a_failure(tmp_path: Path) -> None:
    # No such place is mounted, whoever runs this.
    with pytest.raises(OSError, match=r"the number of files in .*/home cannot be limited"):
        room.limit_files(plan(tmp_path, home=str(tmp_path / "home")))
