"""What the session's programs have set of the user's terminal, as far as it has to be put back or kept within bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

SAVE: Final = "\x1b7"
RESTORE: Final = "\x1b8"
PLAIN: Final = "\x1b[0m"

_MOST: Final = 999
"""The most that a count of cells, lines or repetitions may be: more than any terminal has, and nothing that takes one long."""

_ALTERNATE: Final = frozenset({47, 1047, 1049})
_MODES: Final = frozenset({1, 7, 25, 2004, *_ALTERNATE})
"""Private modes that programs may set: keys of the cursor, wrapping at the edge, a visible cursor, marked pasting, the other screen."""

_USUAL: Final = "\x1b[0m\x1b(B\x1b[4l\x1b>\x1b[?1l\x1b[?7h\x1b[?25h\x1b[?2004l"
"""Plain text in the usual letters, replacing; keys, wrapping and cursor as a shell expects them."""


@dataclass(slots=True)
class Screen:
    """The part of the terminal that belongs to the session: its first `rows` rows, counted from 1.

    `top` and `bottom` are the rows that scroll. `dirty` is set when something may have come below the last row since it was last
    cleared, and `astray` while the cursor may be there: below its scrolling rows, a cursor moves on to the terminal's end.
    """

    rows: int
    columns: int
    top: int = 1
    bottom: int = 0
    alternate: bool = False
    insert: bool = False
    saved: bool = False
    dirty: bool = False
    astray: bool = False
    _saved_astray: bool = field(default=False)

    def __post_init__(self) -> None:
        self.bottom = self.bottom or self.rows

    def resize(self, rows: int, columns: int) -> None:
        """Takes another size, at which all rows scroll again."""
        self.rows, self.columns = rows, columns
        self.top, self.bottom, self.astray = 1, rows, False

    @property
    def margins(self) -> str:
        """The sequence that makes the rows scroll that should; it moves the cursor."""
        return f"\x1b[{self.top};{self.bottom}r"

    def usual(self) -> str:
        """Everything as it was before the session, but for the scrolling rows."""
        leaving = "\x1b[?1049l" if self.alternate else ""
        self.alternate = self.insert = self.saved = False
        return _USUAL + leaving

    def reset(self) -> str:
        """What stands in for a terminal's own full reset: the session's rows are empty, and nothing else is touched."""
        text = self.usual()
        self.top, self.bottom, self.dirty, self.astray = 1, self.rows, True, False
        return f"{text}{self.margins}\x1b[1;1H\x1b[2J"

    def save(self) -> str:
        """The cursor is kept by the terminal."""
        self.saved = True
        self._saved_astray = self._saved_astray or self.astray
        return SAVE

    def restore(self) -> str:
        """The cursor goes back to where it was kept."""
        self.saved = False
        self.astray = self.astray or self._saved_astray
        return RESTORE

    def move(self, numbers: list[int]) -> str:
        """The cursor goes to a row and column, within the session's rows."""
        if len(numbers) > 2:
            return ""
        row, column = [*numbers, 0, 0][:2]
        self.astray = self.bottom < self.rows
        return f"\x1b[{self._row(row)};{_count(column)}H"

    def row(self, numbers: list[int]) -> str:
        """The cursor goes to a row."""
        if len(numbers) > 1:
            return ""
        self.astray = self.bottom < self.rows
        return f"\x1b[{self._row(*numbers)}d"

    def scrolling(self, numbers: list[int]) -> str:
        """The rows that scroll become others of the session's."""
        if len(numbers) > 2:
            return ""
        top, bottom = [*numbers, 0, 0][:2]
        top, bottom = max(top, 1), min(bottom or self.rows, self.rows)
        if top >= bottom:
            return ""
        self.top, self.bottom, self.astray = top, bottom, bottom < self.rows
        return self.margins

    def erase(self, numbers: list[int]) -> str:
        """Erases in the display; what has scrolled out of the user's terminal stays."""
        how = _one(numbers)
        if how not in {0, 1, 2}:
            return ""
        self.dirty = True
        return f"\x1b[{how}J"

    def standard_mode(self, numbers: list[int], *, on: bool) -> str:
        """Inserting instead of replacing is the only one."""
        if numbers != [4]:
            return ""
        self.insert = on
        return f"\x1b[4{'h' if on else 'l'}"

    def private_modes(self, numbers: list[int], *, on: bool) -> str:
        """Those that programs need, of those asked for."""
        return "".join(self._private(number, on=on) for number in numbers if number in _MODES)

    def _private(self, number: int, *, on: bool) -> str:
        if number in _ALTERNATE:
            self.dirty, self.alternate = True, on
            self._saved_astray = self._saved_astray or self.astray
            self.astray = self.astray or self._saved_astray
        return f"\x1b[?{number}{'h' if on else 'l'}"

    def _row(self, number: int = 1) -> int:
        return min(max(number, 1), self.rows)


def counted(final: str, numbers: list[int]) -> str:
    """A sequence with one count: relative movements, columns, inserting, deleting, scrolling, repeating."""
    return f"\x1b[{_count(_one(numbers))}{final}" if len(numbers) <= 1 else ""


def erase_line(numbers: list[int]) -> str:
    """Erases in the line."""
    how = _one(numbers)
    return f"\x1b[{how}K" if how in {0, 1, 2} else ""


def _one(numbers: list[int]) -> int:
    """The only number, 0 for none, -1 where there are more."""
    return sum(numbers) if len(numbers) <= 1 else -1


def _count(number: int) -> int:
    return min(max(number, 1), _MOST)
