from __future__ import annotations

import base64
import importlib.util
import json
import sys
from pathlib import Path

import pytest

from analyzer.acquire import environment_from
from analyzer.errors import SandboxError
from analyzer.sandbox import interpreter
from analyzer.sandbox.interpreter import describe, find_on_host, host_runner, short_version

OVERLAY = {
    "python_version": "3.11.2",
    "executable": "/usr/bin/python3",
    "prefix": "/usr",
    "encodings": "/usr/lib/python3.11/encodings/__init__.py",
    "cached": "/usr/lib/python3.11/encodings/__pycache__/x.pyc",
    "source": base64.b64encode(b"source").decode(),
    "compiled": base64.b64encode(b"compiled").decode(),
}


class Runner:
    """Answers like an interpreter, and counts how often it was asked."""

    def __init__(self, overlay: bytes | None = None) -> None:
        self.asked = 0
        self._overlay = json.dumps(OVERLAY).encode() if overlay is None else overlay

    def __call__(self, program: str, argument: str) -> bytes:
        self.asked += 1
        return self._overlay if argument else b'{"description": 1}'


def test_a_description_is_asked_for_once(tmp_path: Path) -> None:
    runner = Runner()
    first = describe("it", "identity", runner, tmp_path)
    second = describe("it", "identity", runner, tmp_path)
    assert first == second
    assert runner.asked == 2  # describe and prepare, one time each
    assert first.version == "3.11.2"
    assert [tuple(one) for one in first.overlays] == [
        ("0.source", b"source", OVERLAY["encodings"]),
        ("0.compiled", b"compiled", OVERLAY["cached"]),
    ]
    assert first.description == '{"description": 1}'


def test_another_interpreter_is_another_description(tmp_path: Path) -> None:
    runner = Runner()
    describe("it", "identity", runner, tmp_path)
    describe("it", "other identity", runner, tmp_path)
    assert runner.asked == 4


@pytest.mark.parametrize(
    "damage", [b"", b"\xff\xfe", b"{}", b"x\n\x00\n{", b'{"description": 1}\n\x00\n{"python_version": 3}']
)
def test_a_damaged_cache_is_not_believed(damage: bytes, tmp_path: Path) -> None:
    runner = Runner()
    good = describe("it", "identity", runner, tmp_path)
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    kept.write_bytes(damage)
    assert describe("it", "identity", runner, tmp_path) == good
    assert runner.asked == 4


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "interpreters").write_text("a file where the folder should be")
    assert describe("it", "identity", Runner(), tmp_path).version == "3.11.2"


@pytest.mark.parametrize("answer", [b"", b"\xff", b"[]", b'{"python_version": "3.11"}', b"Traceback"])
def test_an_answer_that_is_none_is_refused_with_a_remedy(answer: bytes, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"^the thing gave no usable description.*--python"):
        describe("the thing", "identity", Runner(answer), tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_old_interpreter_is_refused_by_its_own_account(tmp_path: Path) -> None:
    old = json.dumps({**OVERLAY, "python_version": "3.8.18"}).encode()
    with pytest.raises(SandboxError, match=r"is Python 3\.8\.18.*3\.9 and later.*--python"):
        describe("the thing", "identity", Runner(old), tmp_path)


def test_this_interpreter_describes_itself(tmp_path: Path) -> None:
    executable = find_on_host(None)
    found = describe("it", "identity", host_runner(executable), tmp_path)
    assert found.version.split(".")[:2] == [str(part) for part in sys.version_info[:2]]
    assert environment_from(found.description).python_version == found.version
    source, compiled = found.overlays
    assert b"_observe()" in source.content
    assert found.overlay.encodings.endswith("encodings/__init__.py")
    compile(source.content, "encodings", "exec")
    assert compiled.place == importlib.util.cache_from_source(source.place, optimization="")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose only interpreters are below a folder."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    return tmp_path


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "place", ["bin/python3.13", "pyenv/versions/3.13.2/bin/python3.13", "uv/cpython-3.13.1-linux-x86_64/bin/python3.13"]
)
def test_an_interpreter_is_found_where_machines_have_them(place: str, machine: Path) -> None:
    executable = put(machine / place)
    assert find_on_host("3.13") == executable


def test_the_newest_patch_is_taken(machine: Path) -> None:
    for patch in (2, 10, 9):
        put(machine / f"pyenv/versions/3.13.{patch}/bin/python3.13")
    assert find_on_host("3.13") == machine / "pyenv/versions/3.13.10/bin/python3.13"


def test_a_shim_is_no_interpreter(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(put(machine / "pyenv/shims/python3.13").parent))
    real = put(machine / "pyenv/versions/3.13.0/bin/python3.13")
    assert find_on_host("3.13") == real


def test_a_path_is_taken_as_it_is(machine: Path) -> None:
    assert find_on_host(str(put(machine / "own/python"))) == machine / "own/python"


def test_a_version_that_is_not_here_is_named_with_those_that_are(machine: Path) -> None:
    put(machine / "bin/python3.12")
    with pytest.raises(SandboxError, match=r"--python 3\.13.*which has 3\.12;.*path"):
        find_on_host("3.13")


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("wanted", ["2.7", "3.4", "3.8", "0.1"])
def test_a_version_that_is_too_old_is_refused(wanted: str) -> None:
    with pytest.raises(SandboxError, match=f"--python {wanted}: fumehood supports 3.9 and later"):
        find_on_host(wanted)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("wanted", ["nonsense", "3", "3.", "3.13.1", "-3.9", "", "python3.13"])
def test_what_is_no_version_is_refused(wanted: str) -> None:
    with pytest.raises(SandboxError, match="give a version such as 3.13, or a path"):
        find_on_host(wanted)


@pytest.mark.parametrize("target", ["missing", "folder", "file"])
def test_a_path_that_is_no_program_is_refused(target: str, machine: Path) -> None:
    (machine / "folder").mkdir()
    (machine / "file").write_text("")
    with pytest.raises(SandboxError, match="there is no such executable"):
        find_on_host(str(machine / target))


@pytest.mark.parametrize(
    ("script", "why"),
    [("exit 3", "status 3"), ("echo one >&2; echo 'the last word' >&2; exit 1", "the last word"), ("kill -9 $$", "-9")],
)
def test_a_program_that_fails_is_told_in_one_line_without_our_program(script: str, why: str, machine: Path) -> None:
    program = machine / "strange"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(SandboxError) as raised:
        host_runner(program)("secret program text", "argument")
    assert why in str(raised.value)
    assert "secret program" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_program_that_cannot_be_started_is_told(machine: Path) -> None:
    program = machine / "broken"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    with pytest.raises(SandboxError, match="no working Python"):
        host_runner(program)("x", "")


def test_the_oldest_version_is_the_documented_one() -> None:
    assert interpreter._KNOWN[0] == interpreter._OLDEST_TEXT


@pytest.mark.parametrize(("wanted", "short"), [("3.13", "3.13"), ("3.13.5", "3.13"), ("3.9", "3.9")])
def test_a_version_of_an_image(wanted: str, short: str) -> None:
    assert short_version(wanted) == short


@pytest.mark.parametrize("wanted", ["/usr/bin/python3", "python3", "3", "3.8", "2.7.18", "3.13\n", ""])
def test_what_is_no_version_of_an_image_is_refused_in_one_line(wanted: str) -> None:
    with pytest.raises(SandboxError) as raised:
        short_version(wanted)
    assert str(raised.value).startswith("--python ")
