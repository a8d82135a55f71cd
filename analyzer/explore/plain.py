"""A session whose output goes to a file or a pipe: text alone, and observations on standard error."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Final

from analyzer.explore.wording import Line

_SEQUENCES: Final = re.compile(r"\x1b(?:\[[^@-~]*[@-~]|[()][0B]|.)|[\a\b\r]")


class Plain:
    """Whatever moves or colors is left out of what went through the filter. Lines end as on Linux."""

    def __init__(self, *, observed: bool) -> None:
        self._observed = observed

    def start(self) -> str:
        """Nothing has to be prepared."""
        return ""

    def resize(self, rows: int, columns: int) -> str:
        """A file has no size."""
        del rows, columns
        return ""

    def passing(self, text: str) -> str:
        """The text in it. Each piece has whole sequences."""
        return _SEQUENCES.sub("", text)

    def show(self, lines: Sequence[Line]) -> str:
        """Each on standard error, at once."""
        if self._observed:
            for line in lines:
                print(f"* {line.text}", file=sys.stderr, flush=True)  # noqa: T201 there is no other place for them
        return ""

    def tick(self) -> str:
        """Nothing waits."""
        return ""

    def finish(self) -> str:
        """Nothing has been set."""
        return ""
