"""Further interpreters that a package finds beside the one that was chosen: the probe has to be in them too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from analyzer.errors import SandboxError
from analyzer.sandbox.interpreter import Interpreter, describe, host_runner

_FOLDERS = ("/usr/bin", "/usr/local/bin")
"""Where the embedded sandbox shows the host's interpreters, whatever was chosen."""
_NAME = re.compile(r"python3(\.\d+)?")


def describe_on_host(executable: Path, cache_folder: Path) -> Interpreter:
    """Describes an interpreter of this machine, by its file. Raises SandboxError for one that cannot serve."""
    status = executable.stat()
    identity = f"{executable} {status.st_size} {status.st_mtime_ns}"
    return describe(str(executable), identity, host_runner(executable), cache_folder)


def with_further(chosen: Interpreter, others: list[Interpreter]) -> Interpreter:
    """The chosen interpreter with the overlays of others that have a standard library of their own."""
    overlays = {one.overlay.encodings: one.overlay for one in others}
    overlays.pop(chosen.overlay.encodings, None)
    return replace(chosen, further=tuple(overlays.values()))


def further_on_host(chosen: Path, cache_folder: Path) -> list[Interpreter]:
    """The system's other interpreters. One that is too old or broken is left as it is: that it ran is then told."""
    found = []
    for executable in sorted(set(_executables()) - {chosen}):
        try:
            one = describe_on_host(executable, cache_folder)
        except (SandboxError, OSError):
            continue
        # Nothing can be put over a compiled form that is not there; the source is taken then.
        compiled = one.overlay.cached if Path(one.overlay.cached).is_file() else ""
        found.append(replace(one, overlay=one.overlay.model_copy(update={"cached": compiled})))
    return found


def _executables() -> Iterator[Path]:
    for folder in _FOLDERS:
        for path in Path(folder).glob("python3*"):
            if _NAME.fullmatch(path.name) and path.is_file():
                yield path.resolve()
