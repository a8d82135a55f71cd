"""The log of system calls of one command: strace's text, or the kernel tracer's binary records.

Both are files, so they can be read as often as is needed, and never have to be held as a whole.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from analyzer.trace import kernellog
from analyzer.trace.calls.processes import births
from analyzer.trace.kernellog import text
from analyzer.trace.kernellog.items import KernelItem
from analyzer.trace.logs import strace
from analyzer.trace.logs.births import Born


class CallLog(ABC):
    """A log. `name` is that of its file in the record; `unit` is what its numbers count, in the plural."""

    name: str
    unit: ClassVar[str]

    @abstractmethod
    def items(self) -> Iterable[KernelItem]:
        """What it tells, in the order in which calls ended."""

    @abstractmethod
    def births(self) -> Iterable[Born]:
        """The births that `items` may tell after what the child did."""

    @abstractmethod
    def texts(self, numbers: Collection[int]) -> Mapping[int, str]:
        """The lines or records of these numbers (from 1) as text, those that it has."""


@dataclass(frozen=True, slots=True)
class StraceLog(CallLog):
    """strace's text; `lines` opens it from its beginning."""

    name: str
    lines: Callable[[], Iterable[str]]
    unit: ClassVar[str] = "lines"

    def items(self) -> Iterable[KernelItem]:
        """Each call, and each end of a process."""
        return strace.read(self.lines())

    def births(self) -> Iterable[Born]:
        """All births: a child's first lines may stand before the end of the call that made it.

        What else stands whole in a line of its own is not read, only counted.
        """
        return births(strace.read(line if _may_tell(line) else "" for line in self.lines()))

    def texts(self, numbers: Collection[int]) -> Mapping[int, str]:
        """The lines themselves."""
        return numbered(self.lines(), numbers)


@dataclass(frozen=True, slots=True)
class KernelLog(CallLog):
    """The kernel tracer's records; `blocks` opens it from its beginning."""

    name: str
    blocks: Callable[[], Iterable[bytes]]
    unit: ClassVar[str] = "records"

    def items(self) -> Iterable[KernelItem]:
        """Each call, birth and end, and what the kernel told besides."""
        return kernellog.read(self.blocks())

    def births(self) -> Iterable[Born]:
        """None: the kernel tells of a task before it runs."""
        return ()

    def texts(self, numbers: Collection[int]) -> Mapping[int, str]:
        """The calls that began with these records, and other records, in the form of strace."""
        return text.lines(self.blocks(), numbers)


def _may_tell(line: str) -> bool:
    return "clone" in line or "fork" in line or "+++" in line or "unfinished ...>" in line or " resumed>" in line


def numbered(lines: Iterable[str], numbers: Collection[int]) -> dict[int, str]:
    """The lines of these numbers (from 1), those that there are."""
    wanted = frozenset(numbers)
    return {number: line for number, line in enumerate(islice(lines, max(wanted, default=0)), 1) if number in wanted}
