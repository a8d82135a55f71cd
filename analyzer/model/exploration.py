"""What a report says of a run in which somebody tried a package by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analyzer.model.base import Model, Text

Opened = Literal["shell", "python", "command"]


@dataclass(frozen=True, slots=True)
class Session:
    """What is opened for the user after the package is installed: a shell, a Python prompt, or a command of the user's.

    `rows` and `columns` are the terminal's size at the begin.
    """

    opened: Opened = "shell"
    command: str = ""
    rows: int = 24
    columns: int = 80


class Exploration(Model):
    """The package was tried by hand: nothing but what the user did was run. What the user did himself is among what was observed."""

    opened: Opened
    command: Text = ""
    duration_seconds: float
    exit: Text = ""
