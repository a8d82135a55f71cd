"""What all phases of one package share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hood.plan import Plan
from hood.step import StepRunner


@dataclass(frozen=True, slots=True)
class Session:
    """The plan, what runs its steps, the environment that the package is installed into, and why something is missing.

    `imported` are the modules that could be imported, and how many callables each defines; `hooks` the state of what is
    started by itself, by its path.
    """

    plan: Plan
    runner: StepRunner
    environment: Path
    reasons: list[str] = field(default_factory=list)
    imported: dict[str, int] = field(default_factory=dict)
    hooks: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def python(self) -> str:
        """The environment's interpreter."""
        return str(self.environment / "bin/python")
