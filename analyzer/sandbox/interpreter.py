"""The interpreter that a package meets: found on the host or in an image, described, and given the probe's overlay.

Describing runs the interpreter itself with programs of ours; the answer is kept in the cache by the interpreter's identity, since it
takes longer than a whole phase.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from analyzer import kept
from analyzer.errors import SandboxError
from analyzer.resources import probes_directory
from analyzer.sandbox.bases import one_line

_OLDEST = (3, 9)
_OLDEST_TEXT = ".".join(map(str, _OLDEST))
_KNOWN = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
_SEPARATOR = "\n\x00\n"
_MAX_KEPT = 16 * 1024 * 1024

PROBE_PARTS: Final = (
    "watched", "text", "frames", "wire", "calls", "profiling", "monitoring", "places", "reaching", "checks", "hook", "probe",
)  # fmt: skip
"""The parts of the probe in their order: each uses what stands before it as it is loaded, and any other when it is called."""


class _Overlay(BaseModel):
    """What `probes/interpreter/prepare.py` prints."""

    model_config = ConfigDict(frozen=True)

    python_version: str
    executable: str
    prefix: str
    encodings: str
    cached: str
    source: str
    compiled: str


class OverlayFile(NamedTuple):
    """A file that is put over another one: its name in the run's folder, its content, and the path of the other."""

    name: str
    content: bytes
    place: str


@dataclass(frozen=True)
class Interpreter:
    """A described interpreter; paths are those of the place where it was described.

    `description` is the text that `probes/interpreter/describe.py` printed, from which files are chosen for it; `identity` changes
    whenever the interpreter does. `further` are the overlays of other interpreters of that place.
    """

    description: str
    overlay: _Overlay
    identity: str
    further: tuple[_Overlay, ...] = ()

    @property
    def version(self) -> str:
        """The full version, such as 3.11.2."""
        return self.overlay.python_version

    @property
    def overlays(self) -> list[OverlayFile]:
        """`encodings/__init__.py` with the probe and its compiled form, of all these interpreters."""
        return [
            OverlayFile(f"{number}.{kind}", base64.b64decode(content), place)
            for number, one in enumerate((self.overlay, *self.further))
            for kind, content, place in (("source", one.source, one.encodings), ("compiled", one.compiled, one.cached))
            if place
        ]


Runner = Callable[[str, str], bytes]
"""Runs a Python program (source text, one argument) with the interpreter and gives its standard output."""


def probe_source() -> str:
    """The source of the probe, whose parts become one module."""
    folder = probes_directory() / "interpreter"
    return "\n\n".join((folder / f"{part}.py").read_text(encoding="utf-8") for part in PROBE_PARTS)


def describe(name: str, identity: str, run: Runner, cache_folder: Path) -> Interpreter:
    """Describes an interpreter, which messages call by `name`; `identity` changes whenever the interpreter does.

    Raises SandboxError for one that cannot serve.
    """
    probes = probes_directory() / "interpreter"
    probe = probe_source().encode()
    describing, preparing = ((probes / name).read_text(encoding="utf-8") for name in ("describe.py", "prepare.py"))
    key = hashlib.sha256(b"\0".join([identity.encode(), probe, describing.encode(), preparing.encode()])).hexdigest()
    place = cache_folder / "interpreters" / key
    interpreter = _parse(_read(place), identity)
    if interpreter is not None:
        return interpreter
    text = _SEPARATOR.join(
        run(program, argument).decode("utf-8", "replace")
        for program, argument in ((describing, ""), (preparing, base64.b64encode(probe).decode("ascii")))
    )
    interpreter = _parse(text, identity)
    if interpreter is None:
        raise SandboxError(f"{name} gave no usable description of itself: choose another interpreter with --python")
    if _version(interpreter.version) < _OLDEST:
        raise SandboxError(
            f"{name} is Python {interpreter.version}, and fumehood supports {_OLDEST_TEXT} and later: "
            "choose another interpreter with --python"
        )
    with suppress(OSError):  # a cache that cannot be written only costs time
        kept.keep(place, text.encode())
    return interpreter


def _read(path: Path) -> str:
    """The description that the cache has, or nothing."""
    kept.sweep(path.parent)
    return (kept.kept(path, _MAX_KEPT) or b"").decode("utf-8", "replace")


def _version(text: str) -> tuple[int, ...]:
    """Major and minor version; nothing where the text is no version."""
    match = re.match(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else ()


def _parse(text: str, identity: str) -> Interpreter | None:
    description, separator, overlay = text.partition(_SEPARATOR)
    if not separator:
        return None
    try:
        return Interpreter(description, _Overlay.model_validate_json(overlay), identity)
    except ValidationError:
        return None


def find_on_host(wanted: str | None) -> Path:
    """The executable for a version such as "3.13", a path, or (None) the interpreter that runs fumehood itself.

    Raises SandboxError where the machine has none such, naming those that it has.
    """
    if wanted is None:
        return Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    if os.sep in wanted:
        path = Path(wanted)
        if path.is_file() and os.access(path, os.X_OK):
            return path.resolve()
        raise SandboxError(f"--python {wanted}: there is no such executable")
    if not re.fullmatch(r"\d\.\d{1,2}", wanted):
        raise SandboxError(f"--python {wanted}: give a version such as 3.13, or a path")
    _supported(wanted)
    found = _first(wanted)
    if found is None:
        here = [version for version in _KNOWN if _first(version)]
        known = f", which has {', '.join(here)}" if here else ""
        raise SandboxError(
            f"--python {wanted}: no such interpreter on this machine{known}; install it, or give a path to one"
        )
    return found


def short_version(wanted: str) -> str:
    """Major and minor version of what was asked for in an image, such as "3.13" or "3.13.5". Raises SandboxError."""
    if not re.fullmatch(r"\d\.\d{1,2}(\.\d{1,3})?", wanted):
        raise SandboxError(f"--python {wanted}: the docker sandbox takes a version, such as 3.13")
    _supported(wanted)
    return ".".join(wanted.split(".")[:2])


def _supported(wanted: str) -> None:
    if _version(wanted) < _OLDEST:
        raise SandboxError(f"--python {wanted}: fumehood supports {_OLDEST_TEXT} and later")


def _first(version: str) -> Path | None:
    for candidate in _candidates(version):
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate.resolve()
    return None


def _candidates(wanted: str) -> list[Path]:
    """On PATH, then where pyenv and uv keep theirs. A pyenv shim is a script, not an interpreter, so it comes last of all."""
    on_path = shutil.which(f"python{wanted}")
    found = [Path(on_path)] if on_path and "shims" not in Path(on_path).parts else []
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    managed = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local/share/uv/python"))
    found += sorted(pyenv.glob(f"{wanted}.*/bin/python{wanted}"), key=_patch, reverse=True)
    found += sorted(managed.glob(f"cpython-{wanted}.*/bin/python{wanted}"), key=_patch, reverse=True)
    return found


def _patch(path: Path) -> int:
    """The third number of the version that is in the path."""
    match = re.search(r"\d\.\d+\.(\d{1,4})", str(path))
    return int(match[1]) if match else 0


def host_runner(executable: Path) -> Runner:
    """Runs programs with an interpreter of the host, isolated from the user's environment and site."""

    def run(program: str, argument: str) -> bytes:
        try:
            ended = subprocess.run(
                [str(executable), "-I", "-S", "-B", "-c", program, argument],
                capture_output=True,
                check=True,
                timeout=30,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SandboxError(
                f"{executable} is no working Python {_OLDEST_TEXT} or later ({_why(error)}): choose another with --python"
            ) from error
        return ended.stdout

    return run


def _why(error: OSError | subprocess.SubprocessError) -> str:
    """The reason without the command, which has a whole program in it."""
    if isinstance(error, subprocess.CalledProcessError):
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()
        return one_line(said[-1:]) or f"status {error.returncode}"
    return one_line([str(error)]) if isinstance(error, OSError) else "it did not end in time"
