"""The kernel tracer's binary log to the same items that strace's text gives, so that every decoder takes both.

`records` cuts the bytes into records, `tables` names numbers, `arguments` gives each call's arguments the values that
strace's text would have after parsing, and `joining` makes one item of a call's entry and exit. The bytes are the
package's as much as a file name is: any input gives items or `Unreadable`, never an exception, in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.trace.kernellog.items import KernelItem
from analyzer.trace.kernellog.joining import Join, join
from analyzer.trace.kernellog.records import Splitter, split

__all__ = ["KernelItem", "Reader", "read"]


def read(blocks: Iterable[bytes]) -> Iterator[KernelItem]:
    """The items of a log that comes in blocks of any size, in the order in which calls ended."""
    return join(split(blocks))


class Reader:
    """Reads a log whose bytes come some at a time."""

    def __init__(self) -> None:
        self._splitter, self._join = Splitter(), Join()

    def take(self, block: bytes) -> Iterator[KernelItem]:
        """What the next bytes tell."""
        return self._join.take(self._splitter.take(block))

    def end(self) -> Iterator[KernelItem]:
        """The bytes that are no record, and the calls that never returned, once the log is over."""
        yield from self._join.take(self._splitter.end())
        yield from self._join.end()
