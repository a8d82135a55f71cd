"""Facts of the sandbox's machine, such as names and addresses: none is a secret, two or more in one message tell who and where it is."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from searcher.values import Secret

ENOUGH: Final = 2
"""Facts that are a hit, in one message."""

_SHORTEST: Final = 4
_LOOKED_AT: Final = 1 << 18
_INSIDE: Final = rb"[A-Za-z0-9_-]"


class Host:
    """The facts of one run; the release of the kernel is added, which only the sandbox knows."""

    def __init__(self, facts: Iterable[Secret], release: str = "") -> None:
        known = {fact.name: fact.value for fact in facts}
        if known:
            known["kernel release"] = (release or os.uname().release).encode()
        self._patterns = {
            name: (value, re.compile(rb"(?<!%s)%s(?!%s)" % (_INSIDE, re.escape(value), _INSIDE)))
            for name, value in known.items()
            if len(value) >= _SHORTEST
        }

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._patterns)

    def named(self, data: bytes) -> Iterator[str]:
        """The names of the facts that stand in the data as words of their own."""
        data = data[:_LOOKED_AT]
        for name, (value, pattern) in self._patterns.items():
            if value in data and pattern.search(data):
                yield name
