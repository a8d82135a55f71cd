from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.sandbox import leftovers
from analyzer.sandbox.leftovers import group_name, is_abandoned, new_token, owned_folder, sweep_folders

DAY = 86_400.0


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def dead() -> str:
    """A token of a process that is gone."""
    program = "from analyzer.sandbox.leftovers import new_token; print(new_token())"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def test_a_token_is_unique_and_of_a_living_owner() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        assert f"-{os.getpid()}-" in token
        assert not is_abandoned(token, 0.0)


def test_the_token_of_a_process_that_is_gone_is_abandoned(dead: str) -> None:
    assert is_abandoned(dead, time.time())


def test_a_process_that_has_the_number_of_a_gone_one_does_not_own_its_things() -> None:
    where, pid, started, random = new_token().split("-")
    assert is_abandoned(f"{where}-{pid}-{int(started) + 1}-{random}", time.time())


def test_a_zombie_owns_nothing() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "from analyzer.sandbox.leftovers import new_token; print(new_token())"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    token = child.stdout.read().strip()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_abandoned(token, time.time())
    child.wait()
    child.stdout.close()


def test_things_of_another_boot_or_namespace_are_abandoned_after_a_day_only() -> None:
    _, pid, started, random = new_token().split("-")
    other = f"00000000-{pid}-{started}-{random}"
    assert not is_abandoned(other, time.time() - DAY / 2)
    assert is_abandoned(other, time.time() - DAY * 2)


@given(st.text())
def test_text_that_is_no_token_is_nobodys_to_remove(text: str) -> None:
    if not re.fullmatch(r"[0-9a-f]{8}-\d{1,10}-\d{1,20}-[0-9a-f]{8}", text):
        assert not is_abandoned(text, 0.0)


def test_a_folder_is_private_and_gone_afterwards(temporary: Path) -> None:
    with owned_folder() as folder:
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "below").mkdir()
        (folder / "below" / "file").write_text("text")
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, OSError])
def test_a_folder_is_gone_after_a_failure(error: type[BaseException], temporary: Path) -> None:
    with pytest.raises(error), owned_folder() as folder:
        (folder / "file").write_text("text")
        raise error
    assert list(temporary.iterdir()) == []


def test_only_abandoned_folders_are_swept(temporary: Path, dead: str) -> None:
    gone = temporary / f"fumehood-{dead}"
    gone.mkdir()
    (gone / "file").write_text("text")
    kept = [temporary / f"fumehood-{new_token()}", temporary / "fumehood-of-somebody-else", temporary / f"other-{dead}"]
    for path in kept:
        path.mkdir()
    sweep_folders()
    assert set(temporary.iterdir()) == set(kept)


def test_a_link_that_is_called_like_an_abandoned_folder_leads_nowhere(temporary: Path, dead: str) -> None:
    precious = temporary / "precious"
    precious.mkdir()
    (precious / "file").write_text("text")
    (temporary / f"fumehood-{dead}").symlink_to(precious)
    (temporary / f"fumehood-{dead[:-8]}00000000").mkdir()
    (temporary / f"fumehood-{dead[:-8]}00000000" / "link").symlink_to(precious)
    sweep_folders()
    assert (precious / "file").read_text() == "text"


def test_what_vanishes_during_the_sweep_is_no_error(
    temporary: Path, dead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (temporary / f"fumehood-{dead}").mkdir()

    def vanish(path: Path) -> os.stat_result:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "lstat", vanish)
    sweep_folders()


def test_folders_of_other_users_are_not_ours_to_remove(
    temporary: Path, dead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = temporary / f"fumehood-{dead}"
    folder.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    sweep_folders()
    assert folder.exists()


def test_abandoned_groups_are_found(tmp_path: Path, dead: str) -> None:
    for token in (dead, new_token()):
        (tmp_path / group_name(token)).mkdir()
    assert leftovers.abandoned_groups(tmp_path) == [tmp_path / group_name(dead)]
