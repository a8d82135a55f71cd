"""What is told only where a package asks for it itself: one program that does, and one that comes close to each.

A line's comment is what is told of it, all of it: events with their arguments in brackets; behind `3.12` what is told from that version
on, behind `<3.12` what is told before. A line without a comment must not be told of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.unit.interpreter import asking

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.interpreter.prefix import Prefix

_OTHERS = (
    "start",
    "open",
    "os.",
    "shutil.",
    "tempfile.",
    "subprocess.",
    "ctypes.dlopen",
    "socket.get",
    "socket.bind",
    "socket.connect",
    "http.client.connect",
    "sys.settrace",
)
"""What is told each time (see `test_probe_reports`), and is no matter here."""


def _expected(program: str, version: tuple[int, ...]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for number, line in enumerate(program.splitlines(), 1):
        comment = re.search(r"  # ((?!noqa).*)$", line)
        for part in comment[1].split("; ") if comment else []:
            since = re.fullmatch(r"(?:(<?)3\.(\d+) )?(.*)", part)
            assert since is not None
            if not since[2] or (version < (3, int(since[2]))) == bool(since[1]):
                found.setdefault(number, []).append(since[3])
    return found


def _told(probed: Prefix, script: Path, program: str) -> dict[int, list[str]]:
    script.write_text("import os; os.chdir(os.path.dirname(__file__)); " + program)
    ended = probed.run("-I", script)
    assert (ended.status, ended.errors) == (0, b"")
    found: dict[int, list[str]] = {}
    for line in ended.lines:
        name, arguments = line["e"], line["a"]
        asked = name.startswith((*asking.ASKED, "socket.getfqdn")) or not name.startswith(_OTHERS)
        if line["f"] == str(script) and asked:
            told = arguments if name != "code.__new__" else ()  # the first is bytecode
            found.setdefault(line["l"], []).append(f"{name} [{', '.join(told)}]" if told else name)
    return found


def _compare(probed: Prefix, folder: Path, program: str) -> None:
    told = _told(probed, folder / "program.py", program)
    expected = _expected(program, tuple(probed.version))
    assert {line: sorted(set(events)) for line, events in told.items()} == {
        line: sorted(events) for line, events in expected.items()
    }


def test_audit_events(probed: Prefix, tmp_path: Path) -> None:
    _compare(probed, tmp_path, asking.AUDITED)


def test_functions_in_c(probed: Prefix, tmp_path: Path) -> None:
    _compare(probed, tmp_path, asking.IN_C)


def test_functions_in_python(probed: Prefix, tmp_path: Path) -> None:
    _compare(probed, tmp_path, asking.IN_PYTHON)


def test_the_environment(probed: Prefix, tmp_path: Path) -> None:
    _compare(probed, tmp_path, asking.ENVIRONMENT)


def test_what_the_library_does_of_its_own(probed: Prefix, tmp_path: Path) -> None:
    _compare(probed, tmp_path, asking.NEAR_MISSES)


def test_a_place_is_told_once_for_the_same_arguments_and_not_without_end(probed: Prefix, tmp_path: Path) -> None:
    told = _told(
        probed,
        tmp_path / "many.py",
        "import os, random\n"
        "for _ in range(3): random.random(), os.environ.get('A')\n"
        "for n in range(300): os.environ.get(f'N{n}')\n"
        "os.environ.get('LAST')\n",
    )
    assert told[2] == ["random.random", "environ.get [A]"]
    assert told[3] == [f"environ.get [N{n}]" for n in range(100)]
    assert told[4] == ["environ.get [LAST]"]
