"""The values in strace's argument lists: strings with C escapes, arrays, structures, flags and numbers.

strace prints a buffer's bytes with C escapes inside quotes and `...` behind them where it cut them (strace(1), -s and
-x). The grammar here is a small recursive descent that accepts any text: what it does not understand stays a `str` of
raw text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

_MAX_DEPTH = 8
_ESCAPES = {"n": 10, "t": 9, "r": 13, "v": 11, "f": 12, "a": 7, "b": 8, "\\": 92, '"': 34, "'": 39}
_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(\.\.\.)?', re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_RAW = re.compile(r"[^,\[\]{}()\"]+")
_HANDLE = re.compile(r"(-?[0-9]{1,10}|AT_FDCWD)<([^<>]*)>(\(deleted\))?")
_DELETED = " (deleted)"
_MEMORY = "/memfd:"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_FIELD = re.compile(r"(\w+)=")
_ADDRESS6 = "inet_pton("
_ADDRESS_MACROS = frozenset({"inet_pton", "inet_addr"})


@dataclass(frozen=True, slots=True)
class Quoted:
    """A string argument: its bytes, and whether strace printed only their beginning."""

    data: bytes
    cut: bool

    @property
    def text(self) -> str:
        """As text; bytes that are not UTF-8 become surrogate escapes, so that every path survives."""
        return self.data.decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Struct:
    """A structure's named fields, in order.

    Fields without a name are left out, but for an IPv6 address: strace prints `inet_pton(AF_INET6, "::1", &sin6_addr)`.
    """

    fields: tuple[tuple[str, Value], ...]

    def get(self, name: str) -> Value:
        """The field's value, or empty text."""
        return next((value for key, value in self.fields if key == name), "")


class Handle(str):
    """A descriptor's number (or AT_FDCWD), with the path that the kernel gives for it, as `strace -y` prints it.

    `path` is "" for what has none (a pipe, a socket). Of memory it is `memfd:NAME`.
    """

    __slots__ = ("path",)
    path: str

    def __new__(cls, number: str, path: str) -> Self:
        """The number's text, and the path."""
        self = super().__new__(cls, number)
        self.path = path
        return self


Value = str | Quoted | Struct | tuple["Value", ...]
"""Raw text, a string, a structure, or an array (in brackets, or a call's arguments in parentheses)."""


def unescape(text: str) -> bytes:
    """The bytes behind C escapes. Characters beyond latin-1 stand for their UTF-8 form."""
    if "\\" not in text:
        return text.encode("utf-8", "surrogateescape")
    pieces = []
    last = 0
    for match in _ESCAPE.finditer(text):
        pieces.append(text[last : match.start()].encode("utf-8", "surrogateescape"))
        code = match[1]
        if code[0] == "x" and len(code) > 1:
            pieces.append(bytes([int(code[1:], 16)]))
        elif code[0] in "01234567":
            pieces.append(bytes([int(code, 8) & 0xFF]))
        else:
            pieces.append(bytes([_ESCAPES[code]]) if code in _ESCAPES else code.encode("utf-8", "surrogateescape"))
        last = match.end()
    pieces.append(text[last:].encode("utf-8", "surrogateescape"))
    return b"".join(pieces)


def arguments(text: str) -> tuple[Value, ...]:
    """The arguments of a call, from the text between its parentheses."""
    values, _ = _sequence(text, 0, "", 0)
    return values


def call_arguments(text: str, place: int) -> tuple[tuple[Value, ...], int]:
    """The arguments from `place` on, and the place behind the parenthesis that closes the call (or the text's end)."""
    return _sequence(text, place, ")", 0)


def ends_in_string(text: str) -> bool:
    """Whether a string is still open at the end: the line was cut, and what looks like a result is content."""
    place = 0
    while (start := text.find('"', place)) >= 0:
        match = _STRING.match(text, start)
        if match is None:
            return True
        place = match.end()
    return False


def _sequence(text: str, place: int, end: str, depth: int) -> tuple[tuple[Value, ...], int]:
    """Values separated by commas up to the closing character (or the text's end), and the place behind it."""
    values: list[Value] = []
    while place < len(text):
        character = text[place]
        if end and character == end:
            return tuple(values), place + 1
        if character in ", \t":
            place += 1
            continue
        value, after = _value(text, place, depth)
        if after == place:
            after += 1  # a stray bracket: skip it, or hostile text would hold the reader up
        else:
            values.append(value)
        place = after
    return tuple(values), place


def _value(text: str, place: int, depth: int) -> tuple[Value, int]:
    character = text[place]
    if character == '"':
        match = _STRING.match(text, place)
        if match is None:
            return Quoted(unescape(text[place + 1 :]), cut=True), len(text)
        return Quoted(unescape(match[1]), cut=match[2] is not None), match.end()
    if depth < _MAX_DEPTH:
        if character == "[":
            return _sequence(text, place + 1, "]", depth + 1)
        if character == "{":
            return _struct(text, place + 1, depth + 1)
    return _raw(text, place, depth)


def _struct(text: str, place: int, depth: int) -> tuple[Struct, int]:
    fields: list[tuple[str, Value]] = []
    while place < len(text) and text[place] != "}":
        if text[place] in ", \t":
            place += 1
            continue
        name = _FIELD.match(text, place)
        start = name.end() if name else place
        if start >= len(text):
            return Struct(tuple(fields)), len(text)
        value, after = _value(text, start, depth)
        if name:
            fields.append((name[1], value))
        elif text.startswith(_ADDRESS6, start):
            fields.append((_ADDRESS6.rstrip("("), value))
        # A stray bracket is skipped, or hostile text would hold the reader up; the structure's own end is not one.
        place = after + (after == start and text[after] != "}")
    return Struct(tuple(fields)), min(place + 1, len(text))


def _raw(text: str, place: int, depth: int) -> tuple[Value, int]:
    """A word; a macro such as `htons(80)`, raw with its parentheses; or an abstract socket's `@"name"`."""
    handle = _HANDLE.match(text, place)
    if handle is not None:
        return Handle(handle[1], described(handle[2])), handle.end()
    match = _RAW.match(text, place)
    if match is None:
        return "", place
    word, end = match[0].strip(), match.end()
    if word == "@" and text[end : end + 1] == '"':
        name, after = _value(text, end, depth)
        return (Quoted(b"@" + name.data, name.cut) if isinstance(name, Quoted) else word), after
    if text[end : end + 1] == "(" and depth < _MAX_DEPTH:
        inner, after = _sequence(text, end + 1, ")", depth + 1)
        inner_text = text[end:after]
        if word in _ADDRESS_MACROS:
            quoted = next((value for value in inner if isinstance(value, Quoted)), None)
            return (quoted if quoted is not None else inner_text), after
        return word + inner_text, after
    return _without_comments(match[0]).strip(), end


def described(text: str) -> str:
    """The path in what strace prints behind a descriptor, where that is one."""
    if not text.startswith("/"):
        return ""
    path = unescape(text).decode("utf-8", "surrogateescape").removesuffix(_DELETED)
    return path[1:] if path.startswith(_MEMORY) else path


def _without_comments(text: str) -> str:
    """The text without `/*…*/`; the search stays before the last end mark, so that it is linear."""
    if "*/" not in text:
        return text
    inside, end, rest = text.rpartition("*/")
    return _COMMENT.sub("", inside + end) + rest


_REMEMBERED: Final = 4096
"""Numbers, since the same come again and again."""


def as_int(value: Value, default: int = 0) -> int:
    """A number argument; strace prints them decimal, octal (modes) or hexadecimal."""
    number = _number(value) if isinstance(value, str) else None
    return default if number is None else number


@lru_cache(_REMEMBERED)
def _number(text: str) -> int | None:
    text = text.split(" ", 1)[0]
    try:
        return int(text, 8) if text.startswith("0") and text.isdigit() else int(text, 0)
    except ValueError:
        return None
