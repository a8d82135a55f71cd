"""A finding's place in the package as it was run, and how near to it a piece of evidence is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from analyzer.model.confirmation import Finding
from analyzer.model.direction import Direction
from analyzer.model.report import Evidence
from analyzer.paths import FileIndex, parts

Near = Literal["line", "function", "file", "unplaced", "elsewhere"]

NEARNESS: Final[tuple[Near, ...]] = ("line", "function", "file", "unplaced", "elsewhere")
"""At the line, in its function, in its file; by code of a dependency's or by none that is known; by other code of the package's."""

_PACKAGES: Final = ("/site-packages/", "/dist-packages/")
_BUILD_SCRIPT: Final = "setup.py"
_BUILD_DEPTH: Final = 2
_MISSING: Final = "the package has no such"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a finding points: a file as the package has it, "" where it has none such, lines from 1, and what the run tells of the place.

    `module` is the finding's own, where that is all that is known. `direction` is None where the run was not directed there.
    """

    file: str
    line: int = 0
    end_line: int = 0
    module: str = ""
    direction: Direction | None = None

    @property
    def reached(self) -> str:
        """How near the run came to it."""
        return self.direction.reached if self.direction is not None else "unknown"

    @property
    def function(self) -> str:
        """The function that it is in, as far as that is known."""
        return self.direction.function if self.direction is not None else ""

    @property
    def is_whole(self) -> bool:
        """Whether it is a function or a file as a whole, and not a line in it: the line of a definition runs without the function."""
        one = self.direction
        return not self.line or (one is not None and bool(one.function_line) and self.line == one.function_line)

    @property
    def was_run(self) -> bool:
        """Whether its own code was run, as far as the run tells."""
        return self.reached == "line" or (self.is_whole and self.reached == "function")

    @property
    def may_have_run(self) -> bool:
        """Whether nothing says that its own code was not run."""
        return self.was_run or self.reached == "unknown"

    def is_in(self, relative: tuple[str, ...], module: str, *, is_installed: bool) -> bool:
        """Whether code of a file, and of a module, is in its file. Build scripts run below a folder that the installer has chosen."""
        own = parts(self.file)
        if not own:
            return bool(self.module) and module == self.module
        if is_installed:
            above = own[: -len(relative)]
            return own[-len(relative) :] == relative and (len(relative) > 1 or not any(map(_is_package, above)))
        return any(relative[-len(one) :] == one for one in (own, own[1:]) if one)

    def near(self, one: Evidence) -> Near:
        """How near evidence by code of its own file is."""
        if one.location is None:
            return "unplaced"
        if self.line and self.line <= one.location.line <= max(self.end_line, self.line):
            return "line"
        found = self.direction
        if found is None:
            return "file"
        if found.function_line and found.function_line <= one.location.line <= max(
            found.function_end, found.function_line
        ):
            return "function"
        called = f"call of {found.module}:{found.function}"
        return (
            "function" if found.function and (one.during == called or one.during.startswith(f"{called} ")) else "file"
        )


def _is_package(folder: str) -> bool:
    """Whether a folder above a module may be a package, and not that of an archive ("six-1.17.0") or of sources ("src")."""
    return folder.isidentifier() and folder != "src"


def spot_of(finding: Finding, direction: Direction | None, known: FileIndex | None) -> Spot:
    """A finding's spot. `known` are the package's files, None where they are not known."""
    line = direction.line if direction is not None else finding.line
    end = direction.end_line if direction is not None else finding.end_line
    return Spot(_file(finding, direction, known), line, end, finding.module, direction)


def _file(finding: Finding, direction: Direction | None, known: FileIndex | None) -> str:
    """What the run took the path for, else one of the files that are known, else the path itself where nothing better is."""
    if direction is not None and direction.file:
        return direction.file
    if known is not None:
        return known.find(finding.file)
    return "" if is_missing(direction) else finding.file


def is_missing(direction: Direction | None) -> bool:
    """Whether the run found no such file, or module, among what is installed; and not that it was not looked for."""
    return direction is not None and not direction.file and (not direction.detail or _MISSING in direction.detail)


def installed(file: str) -> str:
    """A file of the sandbox relative to the folder of packages that it is in; as it is outside of such folders.

    >>> installed("/home/x/.venv/lib/python3.11/site-packages/pkg/a.py")
    'pkg/a.py'
    """
    for folder in _PACKAGES:
        _, found, after = file.rpartition(folder)
        if found:
            return after
    return file


def is_build_script(file: str) -> bool:
    """Whether a file is the build script of an sdist, which runs during installation and is never installed."""
    own = parts(file)
    return bool(own) and own[-1] == _BUILD_SCRIPT and len(own) <= _BUILD_DEPTH
