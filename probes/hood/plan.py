"""The plan: what the host asks the supervisor to do. JSON, format 1, trusted (the host wrote it)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a run. Seconds of wall time by phase, for one module or entry point, and for one call; bytes for what is kept; counts.

    Memory and disk are the sandbox's matter; the record tells them for the report.
    """

    phase_seconds: dict[str, float]
    subject_seconds: float
    call_seconds: float
    linger_seconds: float
    cpu_seconds: int
    output_bytes: int
    trace_bytes: int
    probe_bytes: int
    file_bytes: int
    processes: int
    tree_entries: int
    files: int
    memory_bytes: int = 0
    disk_bytes: int = 0
    repeat_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Direction:
    """A place in the package's code: a file's path as somebody else has it, lines from 1, a module, a function's qualified name.

    What is not known of it is 0 or "".
    """

    file: str
    line: int
    end_line: int
    module: str
    function: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the supervisor needs to know.

    `launcher` is "bubblewrap" (the supervisor builds the package's own namespaces, with `launcher_arguments`), "user" (the
    container is the namespace already, and the tracer drops to the user) or "engine" (the package has a container of its own,
    in which the analyzer starts the commands). `control` is the folder of the line to the analyzer, where the kernel traces.
    `uv` is the path of that program; `installer` ("uv" or "pip") installs the package.
    `target` is the served file that is installed; `project` the folder that it is unpacked to and installed from as editable, ""
    where it is installed as it is; `compiled` tells that only wheels are installed, so that no package code
    runs in that phase; `driver` is the user's own script ("" without one) and `callables` whether the execute phase calls what
    the modules define; `decoys` are files of the home (path below it, mode in octal, time of the last change in seconds, and
    `text` or `base64`); `fast_clock` is whether the package's clock runs ahead, and `moments` how many seconds ahead it is run
    once more each time; `owned` that standard input is a pipe that the analyzer holds open while it lives; `session` is
    what is opened for the user once the package is installed, empty where nothing is: `opened`, `command`, `rows`, `columns`, and
    the `folder` of the line to the user (`hood.link`). `directions` are places in the package's code that the run is directed at.
    """

    launcher: str
    launcher_arguments: list[str]
    owned: bool
    internet: bool
    tracer: dict[str, Any]
    python: str
    uv: str
    installer: str
    record: Path
    home: str
    user: str
    uid: int
    name: str
    target: str
    project: str
    driver: str
    callables: bool
    compiled: bool
    environment: dict[str, str]
    decoys: list[dict[str, Any]]
    limits: Limits
    drop_to: int | None
    seccomp: str | None
    control: str | None
    fast_clock: bool
    moments: list[float]
    session: dict[str, Any] = field(default_factory=dict)
    directions: list[Direction] = field(default_factory=list)


def read(path: Path) -> Plan:
    """Reads a plan. Raises ValueError for a format of another version."""
    raw = json.loads(path.read_text())
    version = raw.pop("format")
    if version != FORMAT:
        raise ValueError(f"plan {path} has format {version}, this supervisor reads {FORMAT}")
    raw["record"] = Path(raw["record"])
    raw["limits"] = Limits(**raw["limits"])
    raw["directions"] = [Direction(**one) for one in raw.get("directions", [])]
    return Plan(**raw)
