"""What readers have in common: bounded texts and numbers, tags, CWEs, and places that are written as one text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict

from analyzer.paths import parts

MAX_MESSAGE: Final = 2000
MAX_NAME: Final = 500
MAX_TAGS: Final = 60
MAX_NOTES: Final = 20
_MAX_LINE: Final = 10_000_000

_CWE: Final = re.compile(r"(?<![a-z])cwe[-_: /]{0,2}0{0,6}([1-9][0-9]{0,4})(?![0-9])", re.IGNORECASE)
_PLACE: Final = re.compile(r"^(.*?):([0-9]{1,8})(?:[-:][0-9]{1,8}){0,2}$", re.DOTALL)


class Part(BaseModel):
    """A part of a scanner's document, reduced to what is used of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class FormatError(Exception):
    """A document that is not of its format; the text is what is wrong, and where."""


def line_number(value: Any) -> int:
    """A line number as scanners write it; 0 for none, and for what no file has."""
    if isinstance(value, str):
        value = (
            int(value)
            if value.strip().isascii() and value.strip().isdigit() and len(value) <= len("10000000") + 2
            else 0
        )
    if isinstance(value, float) and value == int(min(max(value, -1.0), float(_MAX_LINE))):
        value = int(value)
    return value if type(value) is int and 0 < value <= _MAX_LINE else 0


Line = Annotated[int, BeforeValidator(line_number)]
"""A line from 1, 0 where there is none or one that cannot be."""


def _text(value: Any) -> Any:
    """Null is an empty text, a number is its digits."""
    if value is None:
        return ""
    return str(value) if type(value) in (int, float) else value


Words = Annotated[str, BeforeValidator(_text)]
"""A text that may be null or a number."""


def _listed(value: Any) -> Any:
    return [] if value is None else value


Nullable = BeforeValidator(_listed)
"""For lists that may be null."""


def message(text: str) -> str:
    """A message, bounded, on one line where it is one."""
    return text.strip()[:MAX_MESSAGE]


def name(text: str) -> str:
    """A name, bounded."""
    return text.strip()[:MAX_NAME]


def tags(texts: Iterable[str]) -> list[str]:
    """Tags, each once, bounded."""
    return list(dict.fromkeys(name(text) for text in texts if text.strip()))[:MAX_TAGS]


def cwes(texts: Iterable[str]) -> list[str]:
    """The CWEs that texts name, as "CWE-78".

    >>> cwes(["external/cwe/cwe-078", "CWE-89: SQL"])
    ['CWE-78', 'CWE-89']
    """
    found = (match[1] for text in texts for match in _CWE.finditer(text[:MAX_MESSAGE]))
    return [f"CWE-{number}" for number in dict.fromkeys(found)][:MAX_TAGS]


def place(text: str) -> tuple[str, int]:
    """A file and a line of a text such as "pkg/a.py:12" (or "pkg/a.py:12:5", "pkg/a.py:12-14"); line 0 where it has none."""
    found = _PLACE.match(text)
    return (name(found[1]), line_number(found[2])) if found else (name(text), 0)


def split_function(qualified: str, file: str) -> tuple[str, str]:
    """Module and function of a qualified name: by a colon, else by the file's path; ("", name) where neither tells.

    >>> split_function("pkg.a.Client.get", "src/pkg/a.py")
    ('pkg.a', 'Client.get')
    """
    if ":" in qualified:
        module, _, function = qualified.partition(":")
        return name(module), name(function)
    steps = qualified.split(".")
    own = [*parts(file)]
    if own and own[-1].endswith(".py"):
        own[-1] = own[-1][: -len(".py")]
        own = own[:-1] if own[-1] == "__init__" else own
        for length in range(min(len(own), len(steps) - 1), 0, -1):
            if own[-length:] == steps[:length]:
                return name(".".join(steps[:length])), name(".".join(steps[length:]))
    return "", name(qualified)
