"""The engine's mark is taken from a container of ours, and nothing else is ever removed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from analyzer.sandbox.docker.mark import unmark


def container(layer: Path, driver: str = "overlay2") -> Any:
    data = {"LowerDir": f"{layer}:/elsewhere/diff"}
    return cast("Any", SimpleNamespace(attrs={"GraphDriver": {"Name": driver, "Data": data}}))


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mark where the engine puts it, and the rights to remove it."""
    monkeypatch.setattr("os.geteuid", lambda: 0)
    folder = tmp_path / "0a1b-init" / "diff"
    folder.mkdir(parents=True)
    (folder / ".dockerenv").touch()
    return folder / ".dockerenv"


def test_it_is_removed_once(mark: Path) -> None:
    assert unmark(container(mark.parent)) == []
    assert not mark.exists()
    assert "/.dockerenv" in unmark(container(mark.parent))[0]


def test_it_stays_and_is_told_without_the_rights(mark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "/.dockerenv" in unmark(container(mark.parent))[0]
    assert mark.exists()


@pytest.mark.parametrize("driver", ["overlayfs", "btrfs", ""])
def test_it_stays_where_layers_are_kept_otherwise(mark: Path, driver: str) -> None:
    assert unmark(container(mark.parent, driver))
    assert mark.exists()


@pytest.mark.parametrize("attributes", [{}, {"GraphDriver": None}, {"GraphDriver": {"Name": "overlay2", "Data": None}}])
def test_an_engine_that_tells_no_layer(attributes: dict[str, Any]) -> None:
    assert unmark(cast("Any", SimpleNamespace(attrs=attributes)))


def test_no_other_file_and_no_other_layer_is_touched(mark: Path, tmp_path: Path) -> None:
    mark.write_text("somebody's")
    assert unmark(container(mark.parent))
    other = tmp_path / "0a1b" / "diff"
    other.mkdir(parents=True)
    (other / ".dockerenv").touch()
    assert unmark(container(other))
    assert unmark(container(Path("0a1b-init/diff")))
    assert (other / ".dockerenv").exists()
    mark.unlink()
    mark.symlink_to(other / ".dockerenv")
    assert unmark(container(mark.parent))
    assert mark.is_symlink()
