from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from analyzer.errors import SandboxError
from analyzer.model.package import Acquisition, ServedFile
from analyzer.sandbox import workspace as module
from analyzer.sandbox.interface import MIB, Limits, Manner
from analyzer.sandbox.interpreter import Interpreter, _Overlay
from analyzer.sandbox.tracer import Strace
from analyzer.sandbox.workspace import HOME, SERVED, Workspace, workspace, write_plan

INTERPRETER = Interpreter(
    "{}",
    _Overlay(
        python_version="3.11.2",
        executable="/usr/bin/python3",
        prefix="/usr",
        encodings="/usr/lib/python3.11/encodings/__init__.py",
        cached="/usr/lib/python3.11/encodings/__pycache__/__init__.cpython-311.pyc",
        source="c291cmNl",
        compiled="Y29tcGlsZWQ=",
    ),
    "an interpreter",
)


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty record; temporary files are kept beside it."""
    for name in ("record", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "record"


def acquired(folder: Path, *names: str, mode: int = 0o644) -> Acquisition:
    files = []
    for name in names:
        path = folder / f"cached-{name}"
        path.write_bytes(name.encode())
        path.chmod(mode)
        role = "build" if name.startswith("build") else "dependency" if files else "target"
        files.append(ServedFile(name, path, "0" * 64, len(name), role))  # type: ignore[arg-type] # one of three words
    return Acquisition("thing", "1.0", "wheel", ("extra", "more"), tuple(files))


def modes(space: Workspace) -> dict[str, int]:
    return {str(path.relative_to(space.folder)): path.stat().st_mode & 0o777 for path in space.folder.rglob("*")}


def test_what_goes_in_can_be_read_by_the_sandboxs_user_and_nobody_else_gets_to_it(record: Path, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with workspace(acquired(tmp_path, "a.whl", mode=0o600), record, INTERPRETER, 1000) as space:
            found = modes(space)
            assert space.folder.stat().st_mode & 0o777 == 0o700
            assert (space.served / "a.whl").read_bytes() == b"a.whl"
    finally:
        os.umask(before)
    assert {name for name, mode in found.items() if not mode & 0o004} == set()
    assert {name for name, mode in found.items() if mode & 0o022} == set()
    assert record.stat().st_mode & 0o777 == 0o700


def test_a_readable_file_of_the_cache_is_linked_and_stays_when_the_workspace_goes(record: Path, tmp_path: Path) -> None:
    acquisition = acquired(tmp_path, "a.whl", "b.whl")
    with workspace(acquisition, record, INTERPRETER, 1000) as space:
        assert (space.served / "a.whl").samefile(acquisition.target.path)
    assert [file.path.read_bytes() for file in acquisition.files] == [b"a.whl", b"b.whl"]


def test_a_file_on_another_disk_is_copied(record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: object, target: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    acquisition = acquired(tmp_path, "a.whl")
    with workspace(acquisition, record, INTERPRETER, 1000) as space:
        assert not (space.served / "a.whl").samefile(acquisition.target.path)
        assert (space.served / "a.whl").read_bytes() == b"a.whl"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_nothing_remains_whatever_happens(error: type[BaseException], record: Path, tmp_path: Path) -> None:
    with pytest.raises(error), workspace(acquired(tmp_path, "a.whl"), record, INTERPRETER, 1000):
        raise error
    assert list((tmp_path / "temporary").iterdir()) == []
    assert record.is_dir()


def test_nothing_remains_when_it_cannot_even_be_filled(record: Path, tmp_path: Path) -> None:
    acquisition = acquired(tmp_path, "a.whl")
    acquisition.target.path.unlink()
    with pytest.raises(FileNotFoundError), workspace(acquisition, record, INTERPRETER, 1000):
        pytest.fail("the block is not reached")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_users_of_the_sandbox_are_an_ordinary_machines(record: Path, tmp_path: Path) -> None:
    with workspace(acquired(tmp_path, "a.whl"), record, INTERPRETER, 1001) as space:
        files = {path.name: path.read_text() for path in space.system.iterdir()}
    assert "alex:x:1001:1001:" in files["passwd"]
    assert files["resolv.conf"] == "nameserver 192.168.1.1\n"
    assert "fumehood" not in "".join(files.values())
    assert files["hosts"].startswith("127.0.0.1\tlocalhost\n")
    assert len(bytes.fromhex(files["machine-id"])) == 16


def test_what_is_planted_is_listed_beside_the_plan(record: Path, tmp_path: Path) -> None:
    acquisition = acquired(tmp_path, "a.whl")
    with workspace(acquisition, record, INTERPRETER, 1000) as space:
        write_plan(space, acquisition, Limits(), Manner(), Strace(), {})
    plan = json.loads((record / "plan.json").read_text())
    listed = json.loads((record / "internet" / "secrets.json").read_text())
    values = {one["path"]: one["value"] for one in listed}
    assert all({"name", "path", "value"} <= set(one) for one in listed)
    assert values["$NPM_TOKEN"] == plan["environment"]["NPM_TOKEN"]
    texts = {f"{HOME}/{decoy['path']}": decoy.get("text", "") for decoy in plan["decoys"]}
    assert values[f"{HOME}/.vault-token"] in texts[f"{HOME}/.vault-token"]
    assert plan["environment"]["PATH"].startswith(HOME)


def test_the_plan_has_what_the_supervisor_reads(record: Path, tmp_path: Path) -> None:
    acquisition = acquired(tmp_path, "a.whl", "b.whl", "build-1.tar.gz")
    specifics = {
        "launcher": "user", "launcher_arguments": [], "owned": True, "internet": False, "python": "/usr/bin/python3",
        "uv": "/opt/uv/uv", "uid": 1000, "drop_to": None, "seccomp": None, "control": None,
    }  # fmt: skip
    with workspace(acquisition, record, INTERPRETER, 1000) as space:
        write_plan(space, acquisition, Limits(disk_bytes=64 * MIB), Manner(), Strace(), specifics)
    from hood import plan

    read = plan.read(record / "plan.json")
    assert read.target == f"{SERVED}/a.whl[extra,more]"
    assert read.compiled  # what is only built with is not installed
    assert read.limits.phase_seconds["import"] == Limits().import_seconds
    assert (read.limits.memory_bytes, read.limits.disk_bytes) == (Limits().memory_bytes, 64 * MIB)
    assert read.limits.file_bytes >= Limits().trace_bytes  # the tracer is under the same limit as what it traces
    assert read.environment["HOME"] == read.home
    assert not any("fumehood" in f"{name}={value}".lower() for name, value in read.environment.items())


@pytest.mark.parametrize(
    ("names", "compiled"), [(("a.whl", "b.tar.gz"), False), (("a.tar.gz",), False), (("a.whl",), True)]
)
def test_code_runs_in_the_installation_where_anything_is_built(
    names: tuple[str, ...], compiled: bool, record: Path, tmp_path: Path
) -> None:
    acquisition = acquired(tmp_path, *names)
    with workspace(acquisition, record, INTERPRETER, 1000) as space:
        write_plan(space, acquisition, Limits(), Manner(), Strace(), {})
    assert json.loads((record / "plan.json").read_text())["compiled"] is compiled


@pytest.mark.parametrize(("manner", "project"), [(Manner(), ""), (Manner(editable=True), f"{HOME}/project/src/thing")])
def test_an_editable_project_has_a_place_of_its_own(manner: Manner, project: str, record: Path, tmp_path: Path) -> None:
    acquisition = acquired(tmp_path, "thing.tar.gz")
    with workspace(acquisition, record, INTERPRETER, 1000) as space:
        write_plan(space, acquisition, Limits(), manner, Strace(), {})
    assert json.loads((record / "plan.json").read_text())["project"] == project


def test_the_users_driver_is_placed_under_a_harmless_name(record: Path, tmp_path: Path) -> None:
    script = tmp_path / "my driver:ro.py"
    script.write_text("print('text')")
    acquisition = acquired(tmp_path, "a.whl")
    with workspace(acquisition, record, INTERPRETER, 1000) as space:
        write_plan(space, acquisition, Limits(), Manner(driver=script, callables=False), Strace(), {})
        (placed,) = space.scripts.iterdir()
        assert (placed.name, placed.read_text(), placed.stat().st_mode & 0o777) == (
            "my_driver_ro.py",
            "print('text')",
            0o644,
        )
    plan = json.loads((record / "plan.json").read_text())
    assert (plan["driver"], plan["callables"]) == ("/srv/scripts/my_driver_ro.py", False)


def test_a_driver_that_is_gone_by_then(record: Path, tmp_path: Path) -> None:
    acquisition = acquired(tmp_path, "a.whl")
    with (
        workspace(acquisition, record, INTERPRETER, 1000) as space,
        pytest.raises(SandboxError, match=r"--driver .*gone.py: No such file"),
    ):
        write_plan(space, acquisition, Limits(), Manner(driver=tmp_path / "gone.py"), Strace(), {})


def test_the_environment_names_nothing_outside_of_the_sandbox() -> None:
    for value in module.environment().values():
        assert str(Path.cwd()) not in value
