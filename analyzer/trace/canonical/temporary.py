"""The names that Python's tempfile made up in a run: which they are, and texts without them.

They begin and end as a program likes, so that they cannot be told by their looks; but tempfile says what it makes, and tries a folder by
writing a word of its own to a file.
"""

from __future__ import annotations

import re
from typing import Final

from analyzer.model.event import Event, FileWrite, PythonCall

_MADE: Final = frozenset({"tempfile.mkstemp", "tempfile.mkdtemp"})
_TRIAL: Final = "blat"
_MAX_PATHS: Final = 20_000
_MAX_PATH: Final = 1024
_RANDOM: Final = re.compile(r"[a-z0-9_]{8}")
_LAST: Final = re.compile(r"[a-z0-9_]{8}(?=(?:\.\w{1,10}){0,3}$)")
_PATH: Final = re.compile(r"(?:/[^\s/'\"(),;:=<>|&]{1,255})+")


class Temporary:
    """Learns the names of one run, then tells texts without them. A name is one only where it stands in its folder."""

    def __init__(self) -> None:
        self._plain: dict[str, str] = {}

    def learn(self, event: Event) -> None:
        """Looks at an event for a name."""
        detail = event.detail
        if isinstance(detail, PythonCall):
            if detail.name in _MADE and detail.arguments:
                self._add(detail.arguments[0], _LAST)
        elif isinstance(detail, FileWrite) and detail.head == _TRIAL:
            self._add(detail.path, _RANDOM)

    def without(self, text: str) -> str:
        """The text without random parts of names."""
        return _PATH.sub(self._of_path, text) if self._plain and "/" in text else text

    def _add(self, path: str, pattern: re.Pattern[str]) -> None:
        folder, slash, name = path.rpartition("/")
        if not slash or len(path) > _MAX_PATH or len(self._plain) >= _MAX_PATHS:
            return
        found = pattern.search(name) if pattern is _LAST else pattern.fullmatch(name)
        if found is not None:
            self._plain[path] = f"{folder}/{name[: found.start()]}{{random}}{name[found.end() :]}"

    def _of_path(self, match: re.Match[str]) -> str:
        """A path whose beginning may be a name's, the longest one first."""
        path = match[0][:_MAX_PATH]
        end = len(path)
        while end > 0:
            known = self._plain.get(path[:end])
            if known is not None:
                return self.without(known) + match[0][end:]  # its folder may have such a name as well
            end = path.rfind("/", 0, end)
        return match[0]
