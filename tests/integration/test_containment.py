"""What a package can reach: from inside both sandboxes, by a module that tries (`intruder.py`)."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.event import PHASES
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.sandbox import decoys
from analyzer.sandbox.tools import find_tool
from tests.integration.analysing import PLACES
from tests.packages import make_wheel

CHECKOUT = Path(__file__).resolve().parents[2]
OTHER_USER = 54321
REFUSED = {
    "evasion.sandbox.escape", "file.system.mount", "memory.process.inject", "network.socket.raw", "permissions.kernel.access",
    "permissions.namespace.enter", "permissions.user.change",
}  # fmt: skip
"""Behaviors of the intruder, all of which only tried."""


def intruder(folder: Path, addresses: list[tuple[str, int]]) -> Path:
    """The wheel whose module tries everything."""
    text = (Path(__file__).parent / "intruder.py").read_text(encoding="utf-8")
    assert text.count("ADDRESSES = ()") == 1
    return make_wheel(
        folder, "intruder", modules={"intruder.py": text.replace("ADDRESSES = ()", f"ADDRESSES = {addresses}")}
    )


def outside() -> list[tuple[str, int]]:
    """Addresses of this machine that are not loopback's, the engine's among them, and one of nobody's."""
    own = {one.address for of in psutil.net_if_addrs().values() for one in of if one.family == socket.AF_INET}
    return [
        (address, 2375)
        for address in sorted({one for one in own if not one.startswith("127.")} | {"172.17.0.1", "192.0.2.1"})
    ]


@pytest.fixture(
    scope="module", params=[pytest.param(one.values, marks=one.marks, id="-".join(one.values)) for one in PLACES]
)
def facts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cache_directory: Path
) -> dict[str, Any]:
    """What the intruder found, and beside it the sandbox, and how the import of each module ended."""
    found: dict[str, Any] = {}

    def keep(analysis: Analysis) -> None:
        (path,) = (analysis.record.folder / "steps").glob("*-import.out")
        lines = [line for line in path.read_text().splitlines() if line.startswith("FACTS")]
        found.update(json.loads(lines[0].removeprefix("FACTS")) if lines else {})
        found["ends"] = {
            line.end: line.error for step in analysis.record.steps() for line in analysis.record.driver_lines(step)
        }

    wheel = intruder(tmp_path_factory.mktemp("wheel"), outside())
    cache = Cache(cache_directory)
    sandbox, tracer = request.param
    report = analyze(
        str(wheel), Options(sandbox=sandbox, tracer=tracer), cache, SimpleIndex(cache), lambda stage: None, keep
    )
    found["sandbox"], found["tracer"] = sandbox, tracer
    assert "status" in found, (report.completeness, report.phases, found)
    return found


def test_the_intruder_itself_found_nothing_possible(facts: dict[str, Any]) -> None:
    assert facts["ends"]["intruder"] == ""


def test_the_package_is_an_ordinary_user_without_capabilities(facts: dict[str, Any]) -> None:
    status = facts["status"]
    assert set(facts["users"]) <= {1000, 1001}
    assert len(set(facts["users"])) == 1
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0, name
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    if (facts["sandbox"], facts["tracer"]) != ("docker", "strace"):
        assert status["TracerPid"] == "0"


def test_its_namespaces_are_its_own(facts: dict[str, Any]) -> None:
    own = ["net", "pid", "mnt", "ipc", "uts", "cgroup"] + (["user"] if facts["sandbox"] == "embedded" else [])
    for name in own:
        assert facts["namespaces"][name] != os.readlink(f"/proc/self/ns/{name}"), name
    assert facts["interfaces"] == ["lo"]
    assert facts["host"] == "alex-t14"


def test_it_can_write_in_its_home_and_temporary_folders_only(facts: dict[str, Any]) -> None:
    worked = {place for place, came in facts["writes"].items() if came == "worked"}
    assert worked == {"/home/alex", "/tmp", "/dev/shm"}


def test_what_is_served_to_it_cannot_be_changed(facts: dict[str, Any]) -> None:
    assert any(path.endswith(".whl") for path in facts["served"])
    assert "/srv/runner/driver.py" in facts["served"]
    for path, came in facts["served"].items():
        assert "worked" not in came.values(), path


def test_nothing_of_the_host_or_of_ours_is_there(facts: dict[str, Any]) -> None:
    assert facts["there"] == []
    assert facts["homes"] == ["alex"]
    base = os.path.realpath(sys.base_prefix)
    assert [path for path in facts["root"] if not path.startswith(base + "/")] == []
    random = decoys.make().environment  # in whose values any word may come about
    ours = {name: value for name, value in facts["environment"].items() if name not in random}
    names = " ".join(f"{name}={value}" for name, value in ours.items()).lower()
    assert "fumehood" not in names
    assert "hood" not in names.replace("neighborhood", "")


def test_it_holds_no_descriptor_of_ours_but_its_pipes(facts: dict[str, Any]) -> None:
    numbers = {int(number): what for number, what in facts["descriptors"].items()}
    named = {"/run/session/output", "/run/session/driver"}  # where the package has a container to itself
    pipes = [number for number, what in numbers.items() if what.startswith("pipe:") or what in named]
    assert len(pipes) == 3  # output, errors, and what the driver says
    others = {what for number, what in numbers.items() if number not in pipes}
    assert others <= {"/dev/null", "/run/session/events", "/run/session/input"} | {
        what for what in others if what.startswith("/proc/")
    }


def test_every_way_around_the_walls_is_refused(facts: dict[str, Any]) -> None:
    worked = {name for name, came in facts["calls"].items() if came == "worked"}
    feigned = {"ptrace parent", "ptrace first"} if facts["tracer"] == "strace" else set()
    assert worked <= feigned
    assert facts["calls"]["clone3"] == "ENOSYS"  # so that libraries take clone
    assert facts["calls"]["io_uring_setup"] == "ENOSYS"
    assert facts["calls"]["AF_VSOCK"] == facts["calls"]["AF_VSOCK in disguise"] == "EAFNOSUPPORT"


def test_what_watches_it_is_out_of_reach(facts: dict[str, Any]) -> None:
    if facts["sandbox"] == "embedded":
        # Only its namespace's first process is there, which no signal from inside can end.
        assert list(facts["signals"]) == ["1"]
    else:
        assert set(facts["signals"].values()) == {"EPERM"}
    assert "worked" not in facts["memory"].values()
    assert facts["threads' memory"] != "worked"
    assert facts["first's descriptors"] == "EACCES"


def test_every_address_is_the_simulated_internets(facts: dict[str, Any]) -> None:
    assert set(facts["answers"]) == {f"{address} {port}" for address, port in outside()}
    for address, answer in facts["answers"].items():
        assert answer.startswith("HTTP/1."), address


def as_other_user(command: list[str], tmp_path: Path) -> list[str]:
    """The command as a user without any rights, for whom this interpreter and checkout are in the same places.

    Their folders may be closed to others (a home), so in a mount namespace of its own an open one lies over it.
    """
    if os.geteuid() != 0:
        return command
    script = ["set -e"]
    for number, needed in enumerate({Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), CHECKOUT}):
        closed = next((one for one in reversed(needed.parents) if not one.stat().st_mode & 0o001), None)
        if closed is None:
            continue
        kept = shlex.quote(str(tmp_path / f"kept-{number}"))
        script += [
            f"mkdir {kept}",
            f"mount --bind {shlex.quote(str(needed))} {kept}",
            f"mount -t tmpfs -o mode=755 none {shlex.quote(str(closed))}",
            f"mkdir -p {shlex.quote(str(needed))}",
            f"mount --move {kept} {shlex.quote(str(needed))}",
        ]
    drop = f"exec {find_tool('setpriv')} --reuid={OTHER_USER} --regid={OTHER_USER} --clear-groups --inh-caps=-all"
    script.append(f'{drop} "$@"')
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(script), "sh", *command]


@pytest.mark.embedded
def test_an_ordinary_user_has_the_embedded_sandbox_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = Path("/tmp") / f"ordinary-{os.getpid()}"  # pytest's own folders are closed to others
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    try:
        _analyse_as_other_user(folder)
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def _check_cache(folder: Path) -> None:
    """It is its user's alone, and no file in it can be changed by somebody else."""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.stat().st_uid == (OTHER_USER if os.geteuid() == 0 else os.geteuid())
    for path in folder.rglob("*"):
        assert not path.lstat().st_mode & 0o022, path
        assert path.lstat().st_uid == folder.stat().st_uid, path


def _analyse_as_other_user(folder: Path) -> None:
    wheel = intruder(folder, [])
    wheel.chmod(0o644)
    (folder / "temporary").mkdir()
    (folder / "temporary").chmod(0o777)
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "FUMEHOOD_CACHE": str(folder / "cache"),
        "TMPDIR": str(folder / "temporary"),
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
    }
    python = [sys.executable, "-m", "analyzer"]
    options = [
        "--sandbox",
        "embedded",
        "--tracer",
        "strace",
        "--memory",
        "256",
        "-o",
        f"json={folder / 'temporary/report.json'}",
    ]
    ended = subprocess.run(
        as_other_user([*python, "analyze", str(wheel), *options], folder),
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    report = json.loads((folder / "temporary/report.json").read_text())
    phases = {phase["name"]: (phase["status"], phase["detail"]) for phase in report["phases"]}
    assert {name: status for name, (status, _) in phases.items()} == dict.fromkeys(PHASES, "ok")
    assert phases["import"][1] == "1 of 1 modules imported"
    assert report["completeness"]["status"] == "complete", report["completeness"]["reasons"]
    assert [report["sandbox"][name] for name in ("backend", "tracer")] == ["embedded", "strace"]
    assert {one["id"] for one in report["behaviors"]} >= REFUSED
    _check_cache(folder / "cache")
    assert [path.name for path in (folder / "temporary").iterdir()] == ["report.json"]
    original = hashlib.sha256(wheel.read_bytes()).hexdigest()
    copies = [
        path for path in (folder / "cache").rglob("*") if path.is_file() and path.stat().st_size == wheel.stat().st_size
    ]
    assert copies
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in copies} == {original}
