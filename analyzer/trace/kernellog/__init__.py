"""The kernel tracer's binary log to the same items that strace's text gives, so that every decoder takes both.

`records` cuts the bytes into records, `tables` names numbers, `arguments` gives each call's arguments the values that
strace's text would have after parsing, and `joining` makes one item of a call's entry and exit. The bytes are the
package's as much as a file name is: any input gives items or `Unreadable`, never an exception, in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.trace.kernellog.items import KernelItem
from analyzer.trace.kernellog.joining import join
from analyzer.trace.kernellog.records import split

__all__ = ["KernelItem", "read"]


def read(blocks: Iterable[bytes]) -> Iterator[KernelItem]:
    """The items of a log that comes in blocks of any size, in the order in which calls ended."""
    return join(split(blocks))
