"""What is done as the package's user, in a process of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hood.identity import as_package_user

from tests.unit.hood.plans import plan


def test_it_is_another_process(tmp_path: Path) -> None:
    assert as_package_user(plan(tmp_path), lambda: (tmp_path / "pid").write_text(str(os.getpid())))
    assert int((tmp_path / "pid").read_text()) != os.getpid()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_in_a_container_it_is_the_packages_user(tmp_path: Path) -> None:
    path = Path("/tmp") / f"identity-{os.getpid()}"  # pytest's own folders are closed to others
    path.mkdir(mode=0o777)
    path.chmod(0o777)
    try:
        assert as_package_user(plan(tmp_path, launcher="user", uid=54_321), (path / "file").touch)
        status = (path / "file").stat()
        assert (status.st_uid, status.st_gid) == (54_321, 54_321)
    finally:
        (path / "file").unlink(missing_ok=True)
        path.rmdir()


def test_what_it_raises_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise OSError("no room")

    assert not as_package_user(plan(tmp_path), fail)
    assert "OSError: no room" in capfd.readouterr().err
