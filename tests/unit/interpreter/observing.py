"""Real interpreters that carry the probe, outside of any sandbox: a prefix of links, in which only `encodings` is different."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzer.errors import SandboxError
from analyzer.resources import probes_directory
from analyzer.sandbox.interpreter import find_on_host, host_runner, probe_source

VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


def executables() -> list[Path]:
    """The interpreters of this machine that the probe has to run in: one of each version, and the one of the tests."""
    found = {find_on_host(None)}
    for version in VERSIONS:
        try:
            found.add(find_on_host(version))
        except SandboxError:
            continue
    return sorted(found)


@dataclass(frozen=True)
class Observed:
    """How a program ended, and what the probe said of it."""

    status: int
    output: str
    errors: str
    events: list[dict[str, Any]]

    def named(self, name: str) -> list[tuple[str, int]]:
        """File name and line of each event of a name."""
        return [(Path(event["f"]).name, event["l"]) for event in self.events if event["e"] == name]


@dataclass(frozen=True)
class Interpreter:
    """An interpreter with the probe, whose pipe is `pipe`."""

    executable: Path
    plain: Path
    pipe: Path
    folder: Path

    def run(self, program: str, *options: str, arguments: tuple[str, ...] = ()) -> Observed:
        """Runs a program from the file program.py."""
        script = self.folder / "program.py"
        script.write_text(program, encoding="utf-8")
        reader = os.open(self.pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            ended = self._run(self.executable, *options, str(script), *arguments)
            lines = [json.loads(line) for line in _read_all(reader).splitlines()]
            events = [line for line in lines if line["e"] not in {"beat", "end"}]
        finally:
            os.close(reader)
        return Observed(ended.returncode, ended.stdout, ended.stderr, events)

    def run_plain(self, program: str) -> tuple[int, str, str]:
        """Runs a program without the probe: its status and what it said."""
        script = self.folder / "program.py"
        script.write_text(program, encoding="utf-8")
        ended = self._run(self.plain, str(script))
        return ended.returncode, ended.stdout, ended.stderr

    def _run(self, executable: Path, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}
        return subprocess.run(
            [str(executable), *words], capture_output=True, text=True, env=environment, timeout=60, cwd=self.folder
        )


def furnish(executable: Path, folder: Path) -> Interpreter:
    """Makes two environments below a folder: one whose `encodings` has the probe, and one with nothing changed."""
    pipe = folder / "events"
    os.mkfifo(pipe)
    probe = probe_source()
    assert probe.count('"/run/session/events') == 2
    probe = probe.replace("/run/session/events", str(pipe))
    prepare = (probes_directory() / "interpreter" / "prepare.py").read_text(encoding="utf-8")
    description = json.loads(host_runner(executable)(prepare, base64.b64encode(probe.encode()).decode()))
    library = Path(description["encodings"]).parent.parent
    plain, observed = folder / "plain", folder / "observed"
    for prefix in (plain, observed):
        _link(library, prefix / "lib" / library.name)
        _copy(executable, prefix / "bin" / "python")
    changed = observed / "lib" / library.name / "encodings"
    changed.unlink()
    _link(library / "encodings", changed)
    (changed / "__init__.py").unlink()
    (changed / "__init__.py").write_bytes(base64.b64decode(description["source"]))
    (changed / "__pycache__").unlink()
    _link(library / "encodings" / "__pycache__", changed / "__pycache__")
    compiled = changed / "__pycache__" / Path(description["cached"]).name
    compiled.unlink(missing_ok=True)
    compiled.write_bytes(base64.b64decode(description["compiled"]))
    return Interpreter(observed / "bin/python", plain / "bin/python", pipe, folder)


def _copy(executable: Path, target: Path) -> None:
    """No symbolic link, which the interpreter would follow to its own prefix."""
    target.parent.mkdir()
    try:
        target.hardlink_to(executable)
    except OSError:
        shutil.copy(executable, target)


def _link(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for entry in source.iterdir():
        (target / entry.name).symlink_to(entry)


def _read_all(descriptor: int) -> str:
    pieces = []
    while piece := os.read(descriptor, 65536):
        pieces.append(piece)
    return b"".join(pieces).decode("ascii")
