"""What a sandbox is: a place that runs the phases of one acquired package and leaves a record of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from analyzer.model.direction import Place
from analyzer.model.event import PHASES
from analyzer.model.exploration import Session
from analyzer.model.package import Acquisition
from analyzer.model.report import Usage

if TYPE_CHECKING:
    from analyzer.sandbox.answers import Additional
    from analyzer.sandbox.session.terminal import Attach

MIB = 1024 * 1024

_OWN_MEMORY_BYTES = 192 * MIB
"""Supervisor, tracer, simulated internet and dissector together; measured 124 MB on Debian 12."""

_FILE_BYTES = 1024
"""Room for what the kernel keeps of one file in memory, an inode and a name: an estimate."""

SESSION_SECONDS = 8 * 3600.0
"""How long a session may last where nothing else is said: a working day."""

SHARED_MEMORY_BYTES = 64 * MIB
"""Room in /dev/shm, as container engines give it."""

_OWN_PROCESSES = 32
"""Room for the same programs, so that a package at its limit does not keep them from starting a process."""

Progress = Callable[[str], None]
"""Is told, in a few words, what happens now."""

Network = Literal["simulated", "off"]
Installer = Literal["uv", "pip"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may use. Bytes, counts and seconds of wall time; every one can be set from the command line."""

    memory_bytes: int = 1024 * MIB
    processes: int = 256
    disk_bytes: int = 512 * MIB
    files: int = 200_000
    output_bytes: int = 4 * MIB
    cpus: float = 2.0
    install_seconds: float = 180.0
    startup_seconds: float = 20.0
    import_seconds: float = 120.0
    execute_seconds: float = 120.0
    subject_seconds: float = 20.0
    call_seconds: float = 2.0
    linger_seconds: float = 1.0
    repeat_seconds: float = 180.0
    trace_bytes: int = 256 * MIB
    probe_bytes: int = 32 * MIB
    tree_entries: int = 100_000

    def with_timeout(self, seconds: float | None) -> Limits:
        """The same limits with one wall time for each phase; a module or entry point gets at most a third of it.

        So one that hangs leaves time for others.
        """
        if seconds is None:
            return self
        return replace(
            self,
            install_seconds=seconds,
            startup_seconds=seconds,
            import_seconds=seconds,
            execute_seconds=seconds,
            subject_seconds=min(seconds / 3, self.subject_seconds),
            call_seconds=min(seconds / 3, self.call_seconds),
            repeat_seconds=min(seconds * 2, self.repeat_seconds),
        )

    def for_session(self, seconds: float | None) -> Limits:
        """The same limits for a package that is tried by hand: so many seconds for the session, `SESSION_SECONDS` without any."""
        return replace(self, execute_seconds=SESSION_SECONDS if seconds is None else seconds)

    @property
    def hard_memory_bytes(self) -> int:
        """What the kernel holds a sandbox to: it counts the files in the sandbox's home as memory, and our own programs too."""
        return self.memory_bytes + self.disk_bytes + self.files * _FILE_BYTES + SHARED_MEMORY_BYTES + _OWN_MEMORY_BYTES

    @property
    def hard_processes(self) -> int:
        """The most processes and threads of a whole sandbox, with our own."""
        return self.processes + _OWN_PROCESSES

    @property
    def phase_seconds(self) -> dict[str, float]:
        """Seconds by phase name."""
        return {phase: getattr(self, f"{phase}_seconds") for phase in PHASES}

    @property
    def total_seconds(self) -> float:
        """An upper bound of a whole run, with what the phases need around them."""
        return sum(self.phase_seconds.values()) + self.repeat_seconds + 120.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How the phases are carried out.

    `installer` installs the package, `editable` from an unpacked project directory that stays its place; `driver` is a script of the
    user's that the execute phase runs; `callables` is whether that phase also calls what the package's modules define. `network` is whether
    there is anything behind it that answers, and `answers` what the user adds to that. With `fast_clock`, delays are shortened, and the
    package is run again at later dates. `directions` are places in the package's code that the run is directed at. With a `session`, the
    package is only installed, and then the user's, to whose terminal `attach` is told the other end.
    """

    installer: Installer = "uv"
    editable: bool = False
    driver: Path | None = None
    callables: bool = True
    network: Network = "simulated"
    answers: Additional | None = None
    fast_clock: bool = False
    directions: tuple[Place, ...] = ()
    session: Session | None = None
    attach: Attach | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the host knows of a run: where it was, what it used, and why its record may be incomplete.

    `tracer_note` is why the tracer is not the preferred one, empty where it is; `limits` is what it could not see here.
    """

    backend: str
    runtime: str
    tracer: str
    python: str
    network: str
    usage: Usage | None
    reasons: tuple[str, ...]
    tracer_note: str = ""
    limits: tuple[str, ...] = ()


class Sandbox(ABC):
    """A backend. Everything that it starts or makes is gone when `run` returns or raises, whatever happens."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The name by which the command line chooses it."""

    @property
    @abstractmethod
    def identity(self) -> str:
        """A text that changes whenever the interpreter or the image does that the package meets. Raises as `description` does."""

    @abstractmethod
    def description(self) -> str:
        """The interpreter that the package will meet, as it describes itself. Raises SandboxError where there is none such."""

    @abstractmethod
    def run(
        self, acquisition: Acquisition, record: Path, limits: Limits, manner: Manner, progress: Progress
    ) -> RunFacts:
        """Runs all phases and writes the record into the existing, empty folder `record`.

        What the package does, fails or breaks is in the record. Raises SandboxError when the sandbox itself cannot be had.
        """

    @abstractmethod
    def close(self) -> None:
        """Lets go of connections that the backend keeps between runs."""
