"""URLs, host names and words without what a package makes up anew each time: identifiers, keys, encoded data."""

from __future__ import annotations

import re
from typing import Final

_LONG: Final = 32
"""Characters from which on a label of a host is nobody's name."""

_SHORT: Final = 12
_LONGER: Final = 16
_MIX: Final = 2
_TURN: Final = 8
"""Letters in which a capital follows a small one once at most, where words are joined so."""

_QUERY_VALUE: Final = re.compile(r"(?<==)[^&=#\s]{12,}")
_DATA: Final = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+_-]{32,}={0,2}(?![\w/])")
_DIGITS: Final = re.compile(r"\d")
_LETTERS: Final = re.compile(r"[A-Za-z]")
_TURNS: Final = re.compile(r"[a-z][A-Z]")


def without_data(text: str) -> str:
    """A text without long words that mix small letters, capitals and digits, as encoded data and keys do."""
    return _DATA.sub(lambda match: "{data}" if _is_mixed(match[0]) else match[0], text)


def _is_mixed(word: str) -> bool:
    return word != word.lower() and word != word.upper() and any(char.isdigit() for char in word)


def host_name(name: str) -> str:
    """A name without data in its labels; the last two labels are always somebody's own."""
    labels = name.rstrip(".").split(".")
    return ".".join([*("{data}" if _is_data(label) else label for label in labels[:-2]), *labels[-2:]])


def url_text(url: str) -> str:
    """A URL without data in its host and without values in its query that look made up."""
    head, question, query = url.partition("?")
    scheme, slashes, rest = head.partition("://")
    if slashes:
        host, slash, path = rest.partition("/")
        name, colon, port = host.partition(":")
        head = f"{scheme}://{host_name(name)}{colon}{port}{slash}{path}"
    if not question:
        return head
    return f"{head}?{_QUERY_VALUE.sub(lambda match: '{value}' if _is_made_up(match[0]) else match[0], query)}"


def _is_data(label: str) -> bool:
    return len(label) >= _LONG or _is_made_up(label)


def _is_made_up(word: str) -> bool:
    """Whether a word mixes letters and digits, or capitals and small letters, as identifiers, keys and encoded data do."""
    if len(word) >= _SHORT and len(_DIGITS.findall(word)) >= _MIX and len(_LETTERS.findall(word)) >= _MIX:
        return True
    return len(word) >= _LONGER and (_is_mixed(word) or len(_TURNS.findall(word)) * _TURN >= len(word))
