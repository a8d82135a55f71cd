"""Which of a version's files suits the sandbox's interpreter best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.acquire.metadata import supports_python

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.specifiers import SpecifierSet

    from analyzer.acquire.index import Candidate
    from analyzer.model.package import Environment

_NO_BUILD: Final = (0, "")


class Choice:
    """Ranks files for one environment: wheels by tag, best first, then the sdist."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._ranks = {tag: rank for rank, tag in enumerate(environment.tags)}
        self._python: dict[str, bool] = {}

    def best(self, files: Sequence[Candidate], *, pinned: bool) -> Candidate | None:
        """The file of one version to install; None for a wrong platform or Python, or yanked and not pinned."""
        usable = [file for file in files if (pinned or not file.yanked) and self._supports(file.requires_python)]
        ranked = [
            (rank, file) for file in usable if file.kind == "wheel" and (rank := self.rank(file.filename)) is not None
        ]
        if ranked:
            best = min(rank for rank, _ in ranked)
            return max((file for rank, file in ranked if rank == best), key=lambda file: _build(file.filename))
        return min(
            (file for file in usable if file.kind == "sdist"),
            key=lambda file: (not file.filename.endswith(".tar.gz"), file.filename),
            default=None,
        )

    def rank(self, filename: str) -> int | None:
        """The place of a wheel's best tag among the environment's, 0 the best; None where it has none of them."""
        return min((self._ranks[tag] for tag in wheel_tags(filename) if tag in self._ranks), default=None)

    def _supports(self, requires_python: str) -> bool:
        if requires_python not in self._python:
            self._python[requires_python] = supports_python(requires_python, self._environment)
        return self._python[requires_python]


def wheel_tags(filename: str) -> Iterable[str]:
    """Every tag of a wheel's file name, its compressed sets expanded (PEP 425). The name was validated before."""
    pythons, abis, platforms = filename[: -len(".whl")].rsplit("-", 3)[1:]
    return (
        f"{python}-{abi}-{platform}".lower()
        for python in pythons.split(".")
        for abi in abis.split(".")
        for platform in platforms.split(".")
    )


def is_pinned(specifiers: SpecifierSet) -> bool:
    """Whether one exact version is asked for."""
    return any(s.operator in ("==", "===") and not s.version.endswith(".*") for s in specifiers)


def _build(filename: str) -> tuple[int, str]:
    """A wheel's build tag as the binary distribution format sorts it: number, then the rest."""
    parts = filename[: -len(".whl")].split("-")
    if len(parts) != 6:
        return _NO_BUILD
    digits = parts[2][: len(parts[2]) - len(parts[2].lstrip("0123456789"))]
    return (int(digits[:18] or 0), parts[2][len(digits) :])
