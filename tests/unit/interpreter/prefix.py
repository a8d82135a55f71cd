"""A second home for an interpreter: its program copied, its library linked, so that a test may change the library."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import textwrap
import threading
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analyzer.sandbox.interpreter import probe_source

PROBES = Path(__file__).resolve().parents[3] / "probes" / "interpreter"
PIPE = "/run/session/events"
SIGNS = ("beat", "end", "reached")
_OLDEST = (3, 9)
_MOST_BYTES = 4000
_SHOW = "import json, sys; print(json.dumps([sys.version_info[:2], sys.base_prefix, sys.executable]))"


def interpreters() -> list[Path]:
    """One interpreter for each version from 3.9 on: the system's, and those of pyenv and uv."""
    homes = (
        Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions"),
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local/share/uv/python")),
    )
    found: dict[str, Path] = {}
    for candidate in (
        Path("/usr/bin/python3"),
        *(python for home in homes for python in sorted(home.glob("*3.*/bin/python3"))),
    ):
        if candidate.exists():
            found.setdefault(_version(candidate), candidate)
    usable = {version: path for version, path in found.items() if tuple(map(int, version.split("."))) >= _OLDEST}
    assert usable, "no interpreter to test with: install python3"
    return [usable[version] for version in sorted(usable, key=lambda version: tuple(map(int, version.split("."))))]


def _version(python: Path) -> str:
    (major, minor), _, _ = _about(python)
    return f"{major}.{minor}"


def _about(python: Path) -> tuple[list[int], str, str]:
    ended = subprocess.run([python, "-I", "-S", "-c", _SHOW], capture_output=True, check=True, timeout=30)
    version, prefix, executable = json.loads(ended.stdout)
    return version, prefix, executable


@dataclass(frozen=True)
class Ended:
    """How a program ended, and the lines of the probe: `signs` are those that are about itself, but for the starts."""

    status: int
    output: bytes
    errors: bytes
    lines: list[dict[str, Any]] = field(default_factory=list)
    signs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def seen(self) -> tuple[int, bytes, bytes]:
        """What the program's caller sees of it."""
        return self.status, self.output, self.errors

    def events(self, file: str | Path, *prefixes: str) -> list[tuple[str, int]]:
        """Name and line of what a file's code did, of those kinds."""
        return [
            (line["e"], line["l"]) for line in self.lines if line["f"] == str(file) and line["e"].startswith(prefixes)
        ]


class Prefix:
    """An interpreter in a folder of its own. With `probe`, its `encodings` is the overlay that `prepare.py` makes."""

    def __init__(self, interpreter: Path, folder: Path, *, probe: bool) -> None:
        self.version, prefix, executable = _about(interpreter)
        name = "python{}.{}".format(*self.version)
        self.python = folder / "bin" / name
        self.library = folder / "lib" / name
        self.pipe = folder / "events"
        self.python.parent.mkdir(parents=True)
        shutil.copy2(Path(executable).resolve(), self.python)
        _link(Path(prefix, "lib"), folder / "lib", copied={name})
        _link(Path(prefix, "lib", name), self.library, copied={"encodings", "__pycache__"})
        shutil.copytree(
            Path(prefix, "lib", name, "encodings"),
            self.library / "encodings",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        if probe:
            self._add_probe()

    def _add_probe(self) -> None:
        # What an installation has compiled for -O and -OO stays where it is: no overlay covers it.
        for option in ("-O", "-OO"):
            subprocess.run([self.python, "-I", "-S", option, "-c", ""], check=True, timeout=30)
        self.description = self.prepare(probe_source().replace(PIPE, str(self.pipe)))
        Path(self.description["encodings"]).write_bytes(base64.b64decode(self.description["source"]))
        Path(self.description["cached"]).write_bytes(base64.b64decode(self.description["compiled"]))

    def prepare(self, probe: str) -> dict[str, str]:
        """What prepare.py prints for a probe's text."""
        words = [self.python, "-I", "-S", "-B", "-c", (PROBES / "prepare.py").read_text("utf-8")]
        ended = subprocess.run([*words, base64.b64encode(probe.encode())], capture_output=True, check=True, timeout=30)
        description: dict[str, str] = json.loads(ended.stdout)
        return description

    def run(self, *arguments: str | Path, pipe: str = "read") -> Ended:
        """Runs the interpreter with a pipe that is read, or "unread", or "absent"."""
        self.pipe.unlink(missing_ok=True)
        if pipe != "absent":
            os.mkfifo(self.pipe)
        with _Reader(self.pipe) if pipe == "read" else nullcontext() as reader:
            ended = subprocess.run(
                [self.python, "-B", *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=20,
                cwd=self.pipe.parent,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "EVENTS": str(self.pipe)},
                check=False,
            )
        lines = reader.lines() if reader else []
        told = [line for line in lines if line["e"] not in SIGNS]
        signs = [line for line in lines if line["e"] in SIGNS]
        return Ended(ended.returncode, ended.stdout, ended.stderr, told, signs)


class _Reader:
    """Reads a pipe while a program runs, since a full one holds its writers up."""

    def __init__(self, pipe: Path) -> None:
        self._descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._data = bytearray()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> _Reader:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()
        os.close(self._descriptor)

    def _read(self) -> None:
        ended = False
        while not ended:
            ended = self._ended.is_set()  # before the last look
            while select.select([self._descriptor], [], [], 0.01)[0]:
                self._data += os.read(self._descriptor, 65536)

    def lines(self) -> list[dict[str, Any]]:
        """All lines; each is an object, and short enough to have been written at once."""
        *lines, rest = bytes(self._data).split(b"\n")
        assert rest == b""
        assert all(len(line) < _MOST_BYTES and line.isascii() for line in lines)
        return [json.loads(line) for line in lines]


def _link(source: Path, target: Path, *, copied: set[str]) -> None:
    target.mkdir()
    for entry in source.iterdir():
        if entry.name not in copied:
            (target / entry.name).symlink_to(entry)


def assert_same(probed: Prefix, plain: Prefix, folder: Path, program: str) -> None:
    """Runs a program both ways; its output may name the interpreter's folder."""
    script = folder / "program.py"
    script.write_text(textwrap.dedent(program))
    without, ended = plain.run("-I", "-S", script), probed.run("-I", "-S", script)
    places = (str(plain.library.parent.parent).encode(), str(probed.library.parent.parent).encode())
    assert ended.status == without.status
    assert ended.output.replace(places[1], places[0]) == without.output
    assert ended.errors.replace(places[1], places[0]) == without.errors
    assert ended.lines[0]["e"] == "start"
