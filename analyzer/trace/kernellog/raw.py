"""One call as the log tells it, before its arguments have values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.trace.kernellog.records import CUT, Chunk

_WORD = 0xFFFFFFFF
_SIGN = 0x80000000


@dataclass(slots=True)
class Raw:
    """A call's name, architecture and six registers, and the chunks read at its entry and at its exit.

    `wide` is whether pointers and lengths have 64 bits. `result` is the register's content at the exit, None where the
    call did not return. `unread` is set where a path of a call that worked is not known.
    """

    name: str
    arch: int
    wide: bool
    registers: tuple[int, ...]
    flags: int = 0
    before: Sequence[Chunk] = ()
    after: Sequence[Chunk] = ()
    result: int | None = None
    unread: bool = False

    @property
    def cut(self) -> bool:
        """Whether something was longer than what was read of it."""
        return bool(self.flags & CUT)

    @property
    def done(self) -> bool:
        """Whether the call returned without an error, so that what it wrote is there."""
        return self.result is not None and self.result >= 0

    def word(self, place: int) -> int:
        """An argument of the width of a pointer."""
        value = self.registers[place]
        return value if self.wide else value & _WORD

    def unsigned(self, place: int) -> int:
        """An `unsigned int`."""
        return self.registers[place] & _WORD

    def signed(self, place: int) -> int:
        """An `int`."""
        value = self.registers[place] & _WORD
        return value - 2 * _SIGN if value & _SIGN else value

    def chunk(self, place: int, *types: int) -> bytes | None:
        """What an argument points at, of the first chunk of these types; as it was at the entry, if it was read then."""
        for index, type_, data in self.before:
            if index == place and type_ in types:
                return data
        for index, type_, data in self.after:
            if index == place and type_ in types:
                return data
        return None

    def chunks(self, place: int, *types: int) -> list[tuple[int, bytes]]:
        """All chunks of an argument that have these types, in order."""
        return [
            (type_, data) for index, type_, data in (*self.before, *self.after) if index == place and type_ in types
        ]
