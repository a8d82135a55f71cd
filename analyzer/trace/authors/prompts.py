"""What Python's own prompt does by itself in a session: it reads the history of what was typed before, once, and keeps it at its end.

That is `site`'s work, by readline, which writes another file first and then gives it the history's name (site.py, `register_readline`).
"""

from __future__ import annotations

import re
from typing import Final

from analyzer.model.event import FileOpen, FileRead, ProcessExec
from analyzer.trace.calls.kernel import Act
from analyzer.trace.calls.processes import Process

_PROMPT: Final = re.compile(r"/(?:[^/]+/)*bin/python3?(?:\.\d+)?")
_HISTORY: Final = ".python_history"


class Prompt:
    """Finds these acts among a step's acts that come one after the other; none where the step is no prompt."""

    def __init__(self, user_home: str) -> None:
        self._process: Process | None = None
        self._looked = False
        self._history = f"{user_home}/{_HISTORY}"
        self._kept = re.compile(re.escape(self._history) + r"-\d{1,10}\.tmp")
        self._opened = 0

    def is_own(self, act: Act) -> bool:
        """Whether an act is the prompt's own."""
        detail = act.detail
        if not self._looked and isinstance(detail, ProcessExec):
            self._look(act, detail)
        if self._process is None or act.process is not self._process:
            return False
        path = getattr(detail, "path", "")
        if path != self._history:
            return self._kept.fullmatch(path) is not None
        if isinstance(detail, FileOpen) and detail.access == "read":
            self._opened += 1
            return self._opened == 1
        return isinstance(detail, FileRead) and self._opened == 1

    def _look(self, act: Act, detail: ProcessExec) -> None:
        """Whether the step's own command, once it is started, is an interpreter without anything to run."""
        parent = act.process.parent
        if detail.error or not (parent is None or parent.ours):
            return
        self._looked = True
        if len(detail.argv) == 1 and _PROMPT.fullmatch(detail.argv[0]):
            self._process = act.process
