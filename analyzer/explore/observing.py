"""The behaviors of a growing record, as lines."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from analyzer.explore.wording import Line, line_of
from analyzer.pipeline.live import Live, LiveBehavior
from analyzer.rules.loader import Ruleset

_CLOCK: Final = "%H:%M:%S"
_MOST_BEHIND: Final = 20_000
_PAUSE_SECONDS: Final = 10.0


class Behaviors:
    """Follows a record under the rules of these."""

    def __init__(self, record: Path, rules: Ruleset) -> None:
        self._live = Live(record, rules)
        self._told = -_PAUSE_SECONDS

    def new(self) -> list[Line]:
        """What was seen since it was asked last, and now and then how far behind this is, where it is."""
        lines = [_line(one) for one in self._live.new()]
        behind = self._live.behind
        if behind > _MOST_BEHIND and time.monotonic() - self._told > _PAUSE_SECONDS:
            self._told = time.monotonic()
            lines.append(line_of("info", time.strftime(_CLOCK), f"about {behind:,} system calls are not looked at yet"))
        return lines

    def close(self) -> None:
        """Lets go of the record."""
        self._live.close()


def _line(one: LiveBehavior) -> Line:
    clock = time.strftime(_CLOCK, time.localtime(one.time))
    return line_of(one.severity, clock, one.title, one.detail, one.process, one.location)
