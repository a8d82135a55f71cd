"""What is installed in the sandbox: which distribution a file belongs to, and which one is the target."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel, ConfigDict


def normal(name: str) -> str:
    """A project's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


class InstalledDistribution(BaseModel):
    """One entry of the record's `distributions.json`. Records of earlier versions have no licence and no addresses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    requested: bool
    files: tuple[str, ...]
    modules: tuple[str, ...]
    scripts: tuple[str, ...]
    license: str = ""
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Installed:
    """All installed distributions."""

    distributions: tuple[InstalledDistribution, ...]

    @cached_property
    def _owners(self) -> dict[str, InstalledDistribution]:
        return {file: one for one in self.distributions for file in one.files}

    @property
    def target(self) -> InstalledDistribution | None:
        """The distribution that was analysed, where its installation got that far."""
        return next((one for one in self.distributions if one.requested), None)

    def owner(self, path: str) -> str:
        """The name of the distribution that a file belongs to, or empty."""
        owner = self._owners.get(path)
        return owner.name if owner else ""

    def is_target(self, name: str) -> bool:
        """Whether this is the target's name."""
        return self.target is not None and name == self.target.name
