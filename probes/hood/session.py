"""What all phases of one package share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hood.plan import Plan
from hood.step import StepRunner


@dataclass(frozen=True, slots=True)
class Session:
    """The plan, what runs its steps, the environment that the package is installed into, and why something is missing."""

    plan: Plan
    runner: StepRunner
    environment: Path
    reasons: list[str] = field(default_factory=list)

    @property
    def python(self) -> str:
        """The environment's interpreter."""
        return str(self.environment / "bin/python")
