"""How a report's words are put where a run was directed by somebody: at places of the code, or by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.render.text import safe_text
from analyzer.render.units import seconds_text

if TYPE_CHECKING:
    from analyzer.model.direction import Direction, Reached
    from analyzer.model.exploration import Exploration

REACHED: Final[dict[Reached, str]] = {
    "line": "the line was run",
    "function": "its function was entered, the line was not run",
    "module": "its module was begun, the place was not reached",
    "nothing": "nothing of the file was run",
    "unknown": "not known",
}
"""How near the run came to a place, in words."""

_OPENED: Final = {"shell": "a shell", "python": "a Python prompt", "command": "a command"}
_PLACE: Final = 160


def direction_place(direction: Direction) -> str:
    """A place as it was asked for, with its lines: `pkg/api.py:12-14 in Client.get`."""
    lines = f":{direction.line}" if direction.line > 0 else ""
    lines += f"-{direction.end_line}" if lines and direction.end_line > direction.line else ""
    asked = safe_text(direction.asked or direction.file or direction.module, _PLACE) + lines
    return f"{asked} in {safe_text(direction.function, _PLACE)}" if direction.function else asked


def reached_words(direction: Direction) -> str:
    """How near the run came; a finding without a line asks for the function alone."""
    if direction.reached == "function" and direction.line <= 0:
        return "the function was entered"
    return REACHED[direction.reached]


def exploration_text(exploration: Exploration) -> str:
    """What somebody opened, for how long, and how it ended: "a shell was open for 312 s, and ended with exit 0"."""
    opened = _OPENED[exploration.opened]
    if exploration.command:
        opened += f" ({safe_text(exploration.command, _PLACE)})"
    verb = "ran" if exploration.opened == "command" else "was open"
    text = f"{opened} {verb} for {seconds_text(exploration.duration_seconds)}"
    return text + (f" and ended with {_exit(exploration.exit)}" if exploration.exit else "")


def _exit(status: str) -> str:
    return f"exit {status}" if status.isdecimal() and len(status) < len("1000") else safe_text(status, 40)
