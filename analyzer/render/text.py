r"""Hostile text made fit to be seen: nothing that a package wrote can move a cursor, hide, reorder or forge a line.

A character is shown as it is when Python calls it printable and it leaves a mark. Every other one (C0 and C1 controls
with newline and ANSI's ESC among them, bidi and zero-width controls, surrogates, private-use and unassigned ones,
spaces other than U+0020, invisible letters) is shown as the escape that Python would write: `\x1b`, `\n`, `\u202e`.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_INVISIBLE: Final = frozenset(
    [
        *"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0",  # grapheme joiner, Hangul and Khmer fillers, blank Braille
        *"\u180b\u180c\u180d\u180f",  # Mongolian variation selectors
        *map(chr, range(0xFE00, 0xFE10)),  # variation selectors
        *map(chr, range(0xE0100, 0xE01F0)),  # variation selectors supplement
    ]
)
"""Default_Ignorable_Code_Point of Unicode, and blank glyphs, as far as `str.isprintable` lets them pass."""

_MARKS: Final = 2
"""Combining marks that a character may carry; a taller stack would paint over the neighbouring lines."""


_SLACK = 24
"""By how much a text may be longer than its limit, since saying what is left out takes room too."""


def safe_text(text: str, limit: int = 0) -> str:
    r"""The text on one line, with everything that is not a visible character escaped.

    With a `limit`, about that many characters are returned, and a longer text says how many of its own are left out.
    The result is not reversible (a backslash stays as it is); the JSON report holds the exact text.

    >>> safe_text("a\x1b[31mb\n")
    'a\\x1b[31mb\\n'
    """
    head = text[: limit + _SLACK + 1] if limit else text
    if head.isascii() and head.isprintable():
        return text if not limit or len(text) <= limit + _SLACK else _cut(text, limit)
    pieces: list[str] = []
    length = marks = kept = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        pieces.append(char if is_visible(char) and marks <= _MARKS else escape(char))
        length += len(pieces[-1])
        if length <= limit:
            kept = len(pieces)
        if limit and length > limit + _SLACK:
            return _cut(text, kept, "".join(pieces[:kept]))
    return "".join(pieces)


def _cut(text: str, kept: int, shown: str = "") -> str:
    """The first `kept` characters of a text as they are `shown`, and how many more there are."""
    return f"{shown or text[:kept]}… ({len(text) - kept:,} more characters)"


def is_visible(char: str) -> bool:
    """Whether one character leaves a mark, or is the plain space, and does nothing else."""
    return char.isprintable() and char not in _INVISIBLE


def escape(char: str) -> str:
    """One character as the escape of a Python string literal."""
    return ascii(char)[1:-1] if not char.isascii() or not char.isprintable() else f"\\x{ord(char):02x}"
