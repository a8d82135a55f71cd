"""What a run begins with where it is directed at places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hood import calling, directing, executing
from hood.plan import Direction

from tests.unit.hood.test_executing import SITE, Notes, session, thing

MODULES = ("pkg", "pkg.mod", "pkg.tests", "pkg.sub", "top")


def at(file: str, line: int = 3, module: str = "", function: str = "") -> Direction:
    return Direction(file, line, line + 1, module, function)


@pytest.mark.parametrize(
    ("direction", "module"),
    [
        (at("pkg/mod.py"), "pkg.mod"),
        (at("/a/b/src/pkg/mod.py"), "pkg.mod"),
        (at("C:\\x\\pkg\\mod.py"), "pkg.mod"),
        (at("pkg-1.0/pkg/__init__.py"), "pkg"),
        (at("pkg/sub/__main__.py"), "pkg.sub.__main__"),
        (at("lib/top.py"), "top"),
        (at("", module="pkg.mod"), "pkg.mod"),
        (at("mod.py"), ""),
        (at("setup.py"), ""),
        (at("pkg/mod.txt"), ""),
        (at(""), ""),
    ],
)
def test_the_module_of_a_place(direction: Direction, module: str) -> None:
    assert directing.module_of(direction, frozenset(MODULES)) == module


def test_the_driver_is_told_by_module(tmp_path: Path) -> None:
    own = session(
        tmp_path, Notes(), directions=[at("pkg/mod.py"), at("pkg/mod.py", 9, function="go"), at("nowhere.py")]
    )
    assert directing.first(own.plan, thing(tmp_path, modules=MODULES)) == {"pkg.mod": [[3, 4, ""], [9, 10, "go"]]}


def test_directed_modules_are_called_first(tmp_path: Path) -> None:
    notes = Notes()
    own = session(
        tmp_path,
        notes,
        {"pkg": 1, "pkg.mod": 1, "pkg.tests": 1, "top": 1},
        directions=[at("pkg/tests.py"), at("top.py")],
    )
    calling.run(own, thing(tmp_path, modules=MODULES), 1e12)
    assert notes.orders[0]["call"] == ["top", "pkg.tests", "pkg", "pkg.mod"]
    assert set(notes.orders[0]["first"]) == {"top", "pkg.tests"}


def test_scripts_and_programs_of_directed_modules_run_first(tmp_path: Path) -> None:
    notes = Notes()
    target = thing(
        tmp_path, "bin/one", "bin/two", f"{SITE}/top.py", f"{SITE}/pkg/__main__.py", modules=MODULES, scripts=("one", "two"),
    )  # fmt: skip
    own = session(tmp_path, notes, directions=[at("pkg/mod.py"), at("pkg/sub/__main__.py")], callables=False)
    (tmp_path / ".venv" / "bin").mkdir()
    for name, module in (("one", "top"), ("two", "pkg.mod")):
        (tmp_path / ".venv" / "bin" / name).write_text(
            f"#!/usr/bin/python\nimport sys\nfrom {module} import main\nmain()\n"
        )
    executing.run(own, target)
    assert [step.subject for step in notes.steps] == [
        "two", "two --help", "python -m pkg", "python -m pkg --help", "python -m pkg.mod", "python -m pkg.sub",
        "one", "one --help", "python -m top", "python -m top --help",
    ]  # fmt: skip


def test_without_directions_the_order_is_as_ever(tmp_path: Path) -> None:
    notes = Notes()
    target = thing(tmp_path, f"{SITE}/top.py", f"{SITE}/pkg/__main__.py", modules=MODULES)
    executing.run(session(tmp_path, notes, callables=False), target)
    assert [step.subject for step in notes.steps][::2] == ["python -m pkg", "python -m top"]
