"""What an SPDX expression asks for: which of the kinds of licences it has, where one may be chosen or several hold."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from analyzer.content import licenses

if TYPE_CHECKING:
    from license_expression import Licensing

_MOST: Final = 1000
"""Characters of an expression; beyond, and nested deeper than that, it is nobody's."""

_DEEPEST: Final = 20
_ONE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+:-]{0,99}")
_JOINED: Final = re.compile(r"\s+(or|and)\s+|\s*(/)\s*", re.IGNORECASE)

Kinds = frozenset[str]
_NONE: Final[Kinds] = frozenset()
_PERMISSIVE: Final[Kinds] = frozenset({"permissive"})
_CHOICE: Final = re.compile(r"\bOR\b", re.IGNORECASE)
_ENDING: Final = re.compile(r"(?:-only|-or-later|\+)\Z")


@lru_cache(maxsize=1024)
def kinds(expression: str) -> Kinds:
    """Whether an expression asks for copyleft ("copyleft"), or restricts to whom a work may be given ("restricted").

    Where one may be chosen (OR), a permissive choice makes it neither, and otherwise what all choices have in common counts, or what any
    has where they have nothing in common. Where several hold (AND), each counts. What nobody knows counts as nothing.
    """
    return (_found(expression) or _NONE) - {"permissive"}


def lets_choose(expression: str) -> bool:
    """Whether one of several licences may be chosen, of which one is permissive."""
    return _CHOICE.search(expression) is not None and _found(expression) == _PERMISSIVE


def is_offered(expression: str, choice: str) -> bool:
    """Whether everything in an expression that is not permissive is one of the licences that another one names, in whatever version."""
    offered = _stems(choice)
    return all(stem in offered for stem in _stems(expression) if of_one(stem) != _PERMISSIVE)


def expression_of(text: str) -> str:
    """The SPDX expression that the free text of the field License means; empty where that is not known.

    "MIT", "Apache License, Version 2.0", "BSD or LGPLv3+", "MPL-2.0 AND (MIT OR Apache-2.0)".
    """
    text = text.strip()
    if len(text) > _MOST:
        return ""
    if one := _meant(text):
        return one
    pieces = _JOINED.split(text)
    if len(pieces) > 1 and "(" not in text:
        joined = [_meant(piece) if place % 3 == 0 else _word(piece) for place, piece in enumerate(pieces)]
        return " ".join(filter(None, joined)) if all(joined[::3]) else ""
    return text if "(" in text and (found := _of_many(text)) is not None and found is not _NONE else ""


def of_one(identifier: str) -> Kinds | None:
    """The kinds of one licence, by its SPDX id; None where nobody knows."""
    known = licenses.known()
    found = frozenset(one.kind for one in known.kinds if one.names(identifier))
    if found:
        return found
    category = _categories().get(identifier.casefold())
    if category is None:
        return None
    return frozenset(one.kind for one in known.kinds if category in one.categories) or _PERMISSIVE


def _found(expression: str) -> Kinds | None:
    return of_one(expression) if _ONE.fullmatch(expression) else _of_many(expression)


def _stems(expression: str) -> set[str]:
    words = re.findall(r"[A-Za-z0-9.+:-]+", expression)
    return {_ENDING.sub("", word) for word in words if word.upper() not in {"AND", "OR", "WITH"}}


def _meant(text: str) -> str:
    named = licenses.known().of_name(text)
    return named or (text if _ONE.fullmatch(text) and of_one(text) is not None else "")


def _word(piece: str | None) -> str:
    """What joins two licences. A stroke stands for a choice: so most mean it who write "MIT/Apache-2.0"."""
    return "" if piece is None else "OR" if piece == "/" else piece.upper()


def _of_many(expression: str) -> Kinds | None:
    from license_expression import ExpressionError

    if len(expression) > _MOST or _depth(expression) > _DEEPEST:
        return None
    try:
        parsed = _licensing().parse(expression)
    # What the library's parser lets through beside its own error, as fuzzing showed.
    except (ExpressionError, LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError):
        return None
    return None if parsed is None else _walk(parsed)


def _depth(expression: str) -> int:
    deep = most = 0
    for character in expression:
        deep += (character == "(") - (character == ")")
        most = max(most, deep)
    return most


def _walk(node: Any) -> Kinds | None:
    licensing = _licensing()
    if isinstance(node, licensing.AND):
        return _all([_walk(one) for one in node.args])
    if isinstance(node, licensing.OR):
        return _any([_walk(one) for one in node.args])
    exception = getattr(node, "exception_symbol", None)
    if exception is not None:
        lifted = str(exception.key) in licenses.known().exceptions.ids
        return _PERMISSIVE if lifted else of_one(str(node.license_symbol.key))
    return of_one(str(node.key))


def _all(found: list[Kinds | None]) -> Kinds | None:
    known = [one for one in found if one is not None]
    kept = frozenset[str]().union(*known)
    counting = kept - {"permissive"}
    return counting or (kept if len(known) == len(found) else None)


def _any(found: list[Kinds | None]) -> Kinds | None:
    known = [one for one in found if one is not None]
    if not known:
        return None
    if any(one <= _PERMISSIVE for one in known):
        return _PERMISSIVE
    common = frozenset.intersection(*known) - {"permissive"}
    return common or frozenset[str]().union(*known)


@cache
def _licensing() -> Licensing:
    """Without the index of names: what a name means is looked up in `of_one`."""
    from license_expression import Licensing

    return Licensing()


@cache
def _categories() -> dict[str, str]:
    """The category of each SPDX id, by the licence's id in lower case."""
    from license_expression import get_license_index

    return {
        name.casefold(): one["category"]
        for one in get_license_index()
        for name in (one.get("spdx_license_key"), *one.get("other_spdx_license_keys", ()))
        if name and not one.get("is_exception")
    }
