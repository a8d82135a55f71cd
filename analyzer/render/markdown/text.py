r"""Hostile text in Markdown: it can neither link, nor mention anybody, nor load an image, nor end a table.

Escapes by backslash are not enough: hosts look for mentions (`@name`), issues (`#1`, `GH-1`), commits and addresses in the text that is
left when Markdown is done (GitHub's documentation, "Autolinked references and URLs"), and only leave code alone. So whatever is no plain
word stands in a code span.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final

from analyzer.render.text import safe_text

_WORD: Final = r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*"
_NUMBER: Final = r"\d{1,6}(?:[,.]\d{1,6})?%?"
_PLAIN: Final = re.compile(rf"[(\"“]?(?:{_WORD}|{_NUMBER})['\")”]?[,;:.?…]?|[\u2013\u2014…]")
"""A word, a number; with the punctuation that people put around them."""

_COMMIT: Final = re.compile(r"[0-9a-f]{7,40}", re.IGNORECASE)
_LISTED: Final = re.compile(r"\d+[.)]")
_TEXT: Final = 300


def text(value: str, limit: int = _TEXT) -> str:
    """Text on one line that Markdown shows as it is, what is no plain word as code.

    >>> text("it asked for https://evil.example, says @all")
    'it asked for `https://evil.example,` says `@all`'
    """
    words = [word for word in safe_text(value, limit).split(" ") if word]
    if words and _LISTED.fullmatch(words[0]):  # a line that begins so would be a list
        return " ".join([code(words[0]), text(" ".join(words[1:]))]).rstrip(" ")
    groups = groupby(words, key=_is_plain)
    return " ".join(" ".join(group) if plain else code(" ".join(group)) for plain, group in groups)


def code(value: str, limit: int = _TEXT) -> str:
    r"""Text as a code span, which means nothing to Markdown but its own end (CommonMark 6.1).

    A bar would end a table's cell even there, and is shown as the escape that it has in Python's strings.

    >>> code("a|b `c`")
    '``a\\x7cb `c` ``'
    """
    shown = safe_text(value, limit).replace("|", r"\x7c")
    if not shown.strip(" "):
        return "` `"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    room = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{room}{shown}{room}{fence}"


def _is_plain(word: str) -> bool:
    """Whether a word means nothing to Markdown, wherever in a line it stands, and to what hosts do with text afterwards."""
    return _PLAIN.fullmatch(word) is not None and not (
        _COMMIT.fullmatch(word.strip(',;:.?…()"“”')) and any(char.isdigit() for char in word)
    )
