"""Places in a package's code that a run is directed at, and how far it came there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from analyzer.model.base import Model, Text

Reached = Literal["line", "function", "module", "nothing", "unknown"]
"""How near a run came: the line itself was run, only its function was entered, only its module was begun, nothing of the file was run, or
the file is none that the run can tell of."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding points: lines from 1 of a file, whose path is as the finding has it, or only a function's qualified name.

    `module` is the dotted name of the module, where that is known, `function` the name within it ("Client.get"); both may be empty.
    """

    file: str
    line: int = 0
    end_line: int = 0
    module: str = ""
    function: str = ""


class Direction(Model):
    """A place that the run was directed at. `file` is that of the installed package, relative to the folder of packages, "" for none.

    `asked` is the file as it was asked for, `during` what ran when the place was first reached, in words. What was reached is told by the
    interpreter that the package shares, and is hearsay as that is.
    """

    asked: Text
    file: Text = ""
    module: Text = ""
    function: Text = ""
    line: int = 0
    end_line: int = 0
    function_line: int = Field(
        0, description="First line of the function that the place is in, 0 where that is not known"
    )
    function_end: int = Field(0, description="Its last line, 0 where that is not known")
    reached: Reached = "unknown"
    during: Text = ""
    detail: Text = Field("", description="Why nothing more can be said, where that is so")
