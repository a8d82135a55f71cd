"""Which further interpreters get the probe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer.errors import SandboxError
from analyzer.sandbox import further
from analyzer.sandbox.interpreter import Interpreter, OverlayFile, _Overlay
from tests.unit.sandbox.test_workspace import INTERPRETER

if TYPE_CHECKING:
    from pathlib import Path


def interpreter(library: str) -> Interpreter:
    overlay: _Overlay = INTERPRETER.overlay.model_copy(
        update={"encodings": f"{library}/__init__.py", "cached": f"{library}/cached.pyc"}
    )
    return Interpreter("{}", overlay, library)


def test_each_library_gets_its_overlay_once() -> None:
    found = further.with_further(interpreter("/a"), [interpreter("/b"), interpreter("/a"), interpreter("/b")])
    assert found.overlays == [
        OverlayFile("0.source", b"source", "/a/__init__.py"),
        OverlayFile("0.compiled", b"compiled", "/a/cached.pyc"),
        OverlayFile("1.source", b"source", "/b/__init__.py"),
        OverlayFile("1.compiled", b"compiled", "/b/cached.pyc"),
    ]
    assert (found.version, found.identity) == ("3.11.2", "/a")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose interpreters are in one folder, of which python3.7 is too old, and only python3.12's library is compiled."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("python3.7", "python3.11", "python3.12", "python3.12-config", "python3x", "python2"):
        (folder / name).write_text("")
    (folder / "python3").symlink_to("python3.11")
    (folder / "python3.13").symlink_to("nothing")
    (tmp_path / "python3.12").mkdir()
    (tmp_path / "python3.12" / "cached.pyc").write_text("")

    def describe(executable: Path, cache_folder: Path) -> Interpreter:
        if executable.name == "python3.7":
            raise SandboxError("too old")
        return interpreter(f"{tmp_path}/{executable.name}")

    monkeypatch.setattr(further, "_FOLDERS", (str(folder), str(tmp_path / "missing")))
    monkeypatch.setattr(further, "describe_on_host", describe)
    return folder


def test_the_systems_interpreters_are_found_each_once(machine: Path, tmp_path: Path) -> None:
    found = further.further_on_host(tmp_path / "chosen", tmp_path)
    assert [one.identity for one in found] == [f"{tmp_path}/python3.11", f"{tmp_path}/python3.12"]


def test_the_chosen_one_is_none_of_them(machine: Path, tmp_path: Path) -> None:
    (found,) = further.further_on_host(machine / "python3.11", tmp_path)
    assert found.identity == f"{tmp_path}/python3.12"


def test_nothing_is_put_over_a_compiled_form_that_is_not_there(machine: Path, tmp_path: Path) -> None:
    places = [[file.name for file in one.overlays] for one in further.further_on_host(tmp_path / "chosen", tmp_path)]
    assert places == [["0.source"], ["0.source", "0.compiled"]]
