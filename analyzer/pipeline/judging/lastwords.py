"""Why a command failed, in the line of its output that says it: an installer's own words stand around the cause.

uv ends with hints; pip shows a build's output up to a mark, and tells of itself after it. Within that, an exception is told by the
line after its traceback, and a compiler that failed by its first error, not by the build's complaint about it.
"""

from __future__ import annotations

import re
from typing import Final

CHARACTERS: Final = 16_000
"""How much of the output's end is looked at: a traceback through a build backend is some thousand characters long."""

_LONGEST: Final = 300
_HINT: Final = "hint: "
_END_OF_OUTPUT: Final = "[end of output]"
_TRACEBACK: Final = "Traceback (most recent call last):"
_FAILED_COMMAND: Final = re.compile(r"error: command ", re.IGNORECASE)
_COMPILER: Final = re.compile(r"\S+:\d+(:\d+)?: (fatal )?error: ")


def last_words(output: str) -> str:
    """The reason in one line, or nothing where nothing was printed. The text is the package's own, and hostile."""
    lines = _of_the_build([line.rstrip() for line in output.splitlines() if line.strip()])
    if not lines:
        return ""
    reason = _raised(lines) or lines[-1].strip()
    if _FAILED_COMMAND.match(reason):
        reason = next((line.strip() for line in lines if _COMPILER.match(line.strip())), reason)
    return reason[:_LONGEST]


def _of_the_build(lines: list[str]) -> list[str]:
    ends = [number for number, line in enumerate(lines) if line.strip() == _END_OF_OUTPUT]
    hints = [number for number, line in enumerate(lines) if number and line.strip().startswith(_HINT)]
    end = ends[-1] if ends else hints[-1] if hints else len(lines)
    return lines[:end]


def _raised(lines: list[str]) -> str:
    """The exception of the last traceback: the first line after it that is no further in than its beginning."""
    begin = max((number for number, line in enumerate(lines) if line.strip() == _TRACEBACK), default=None)
    if begin is None:
        return ""
    margin = _margin(lines[begin])
    return next((line.strip() for line in lines[begin + 1 :] if _margin(line) <= margin), "")


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())
