"""Single checks of the machine; `analyzer.sandbox.host` puts them together."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from pathlib import Path

Status = Literal["ok", "missing", "weak"]

SECONDS: Final = 10
"""The longest that one program or one request of a check may take."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `fumehood doctor`."""

    name: str
    status: Status
    """`weak`: it works with less than it should, or could not be looked at."""
    found: str
    remedy: str = ""
    """What to do about it; empty when nothing needs doing."""
    needed_for: str = ""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the host to its end, with nothing to read and its output kept.

    Raises:
        OSError: it cannot be started.
        subprocess.TimeoutExpired: it does not end.
    """
    return subprocess.run(
        arguments,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS,
        check=False,
    )
