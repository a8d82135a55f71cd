from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from hood import home

DAY = 86_400


def decoy(path: str, changed: int, **more: Any) -> dict[str, Any]:
    return {"path": path, "mode": "600", "changed": changed, "text": "text", **more}


@pytest.fixture(autouse=True)
def narrow() -> Any:
    """A mask that would take rights away."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_files_have_their_content_mode_and_time(tmp_path: Path) -> None:
    data = bytes(range(256))
    packed = {"path": "b", "mode": "444", "changed": 2 * DAY, "base64": base64.b64encode(data).decode()}
    home._plant(tmp_path, [decoy("a", DAY, text="é\n", mode="644"), packed])
    assert (tmp_path / "a").read_bytes() == "é\n".encode()
    assert (tmp_path / "b").read_bytes() == data
    for name, mode, time in (("a", 0o644, DAY), ("b", 0o444, 2 * DAY)):
        status = (tmp_path / name).stat()
        assert (status.st_mode & 0o777, status.st_mtime) == (mode, time)


def test_folders_are_as_old_as_the_newest_thing_in_them(tmp_path: Path) -> None:
    decoys = [decoy("x/y/old", DAY), decoy("x/y/new", 9 * DAY), decoy("x/z/older", 2 * DAY), decoy("top", 3 * DAY)]
    home._plant(tmp_path, decoys)
    times = {name: int((tmp_path / name).stat().st_mtime) // DAY for name in ("x/y", "x/z", "x", ".")}
    assert times == {"x/y": 9, "x/z": 2, "x": 9, ".": 9}
    assert (tmp_path / "x" / "y").stat().st_mode & 0o777 == 0o700


def test_nothing_is_written_over(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        home._plant(tmp_path, [decoy("a", DAY), decoy("a", DAY)])
