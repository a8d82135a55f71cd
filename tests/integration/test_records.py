"""A record that was kept gives the run's own report again, where no sandbox could run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.integration.analysing import everywhere
from tests.packages import make_wheel

CHECKOUT = Path(__file__).parents[2]

MODULE = """
import os, socket, subprocess, sys
with open(os.path.expanduser("~/notes.txt"), "w") as file:
    file.write("x")
with socket.create_connection(("203.0.113.7", 8080), timeout=5) as connection:
    connection.sendall(b"hello")
subprocess.run([sys.executable, "-c", "pass"])
"""


def analyze(target: Path, folder: Path, environment: dict[str, str], *options: str) -> Path:
    """Runs the command with outputs of every format into a new folder."""
    folder.mkdir()
    outputs = [f"{name}={folder / 'run'}.{name}" for name in ("json", "html", "pcap", "record")]
    command = [sys.executable, "-m", "analyzer", "analyze", str(target), "-q", *options]
    command += [word for output in outputs for word in ("-o", output)]
    answer = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return folder


@everywhere
def test_the_report_comes_again_without_a_sandbox(
    sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path
) -> None:
    wheel = make_wheel(tmp_path, "talker", modules={"talker.py": MODULE})
    environment = {**os.environ, "FUMEHOOD_CACHE": str(cache_directory)}
    first = analyze(wheel, tmp_path / "first", environment, "--sandbox", sandbox, "--tracer", tracer)
    wheel.unlink()
    # No program, no engine, no index and no cache to be found.
    nothing = str(tmp_path / "nothing")
    bare = {"PATH": nothing, "HOME": nothing, "FUMEHOOD_CACHE": "/dev/null/none", "DOCKER_HOST": f"unix://{nothing}"}
    bare["FUMEHOOD_CORPUS"] = "none"
    second = analyze(first / "run.record", tmp_path / "second", bare)

    report = json.loads((first / "run.json").read_text())
    assert {"network.tcp.connect"} <= {behavior["id"] for behavior in report["behaviors"]}
    assert any(change["path"].endswith("/notes.txt") for change in report["files"]["created"])
    assert (first / "run.pcap").stat().st_size > 24
    for name in ("json", "html", "pcap", "record"):
        assert (second / f"run.{name}").read_bytes() == (first / f"run.{name}").read_bytes(), name


@everywhere
def test_a_record_holds_no_path_of_this_machine(
    sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path
) -> None:
    """Beside that of the interpreter, which is the same inside of the embedded sandbox."""
    wheel = make_wheel(tmp_path, "quiet", modules={"quiet.py": ""})
    environment = {**os.environ, "FUMEHOOD_CACHE": str(cache_directory), "CANARY": "an-environment-variable"}
    folder = analyze(wheel, tmp_path / "out", environment, "--sandbox", sandbox, "--tracer", tracer)
    with zipfile.ZipFile(folder / "run.record") as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    private = [str(tmp_path), str(CHECKOUT), str(cache_directory), "an-environment-variable", "PRIVATE KEY"]
    found = {(name, text) for name, data in content.items() for text in private if text.encode() in data}
    # The supervisor's plan and the trees have the decoys, and their keys are such.
    assert {place for place in found if place[1] != "PRIVATE KEY"} == set()
    assert {name for name, _ in found if not name.startswith("trees/")} <= {"plan.json"}
