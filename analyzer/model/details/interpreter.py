"""What only the interpreter, the driver or an installed package itself can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

SilenceName = Literal["changed", "absent", "ended", "unanswered", "forged"]


@dataclass(frozen=True, slots=True)
class PackageMetadata:
    """What an installed distribution says of itself. `repository` is its source repository's address, or ""."""

    kind: ClassVar[str] = "package.metadata"
    name: str
    version: str
    license: str
    repository: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PythonCall:
    """A call that only the interpreter can see, such as `time.time`, or one of its audit events."""

    kind: ClassVar[str] = "python.call"
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InterpreterSilence:
    """The interpreter probe was changed, was missing, or fell silent, or somebody wrote lines in its name.

    `how`: "changed" (`what` of it), "absent" from an interpreter (`what` is its path), not heard when an interpreter "ended" (`what` it
    had told last), "unanswered" (`what` the driver was at), or "forged" (`what` is wrong with the line).
    """

    kind: ClassVar[str] = "interpreter.silence"
    how: SilenceName
    what: str


@dataclass(frozen=True, slots=True)
class StepEnd:
    """A module or command of a phase ended: `subject` names it, `reason` is the last thing that it said.

    `fatal` tells that without it the phase is in vain: the installation, or a top-level module. For whole commands,
    `cpu_seconds` is what its processes used together, `memory_bytes` the peak of the largest one, and `processes` the most
    that lived at one time; 0 for modules.
    """

    kind: ClassVar[str] = "step.end"
    subject: str
    status: Literal["ok", "failed", "timeout", "skipped"]
    reason: str
    fatal: bool
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    processes: int = 0
