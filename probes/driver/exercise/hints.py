"""Annotations as hints: what is wanted, and of what. Those that are texts are read, never evaluated."""

from __future__ import annotations

from exercise.kept import keep
from exercise.members import is_class, module_of, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

keep(globals())

_MAX_TEXT = 500
_MAX_DEPTH = 12
_MAX_NAMES = 4
_TYPING = frozenset({"typing", "typing_extensions", "types", "annotationlib"})
_KNOWN = frozenset({
    "_collections_abc", "_io", "abc", "argparse", "array", "asyncio", "builtins", "collections", "contextlib", "datetime",
    "decimal", "email", "enum", "fractions", "io", "ipaddress", "logging", "numbers", "os", "pathlib", "re", "types", "typing",
    "typing_extensions", "uuid",
})  # fmt: skip
"""Modules whose classes go by their names alone."""


class Hint:
    """What an annotation asks for: a known name or a class, and what is in it (hints; of a literal, the values)."""

    __slots__ = ("inner", "origin")

    def __init__(self, origin: Any, inner: list[Any] | None = None) -> None:
        self.origin = origin
        self.inner = inner or []


def hint(annotation: Any, names: dict[str, Any], depth: int = 0) -> Hint | None:
    """Understands an annotation; `names` are the globals of its function. None where it says nothing."""
    if depth > _MAX_DEPTH:
        return None
    if annotation is None or annotation is type(None):
        return Hint("None")
    if type(annotation) is str:
        return _of_text(annotation, names, depth)
    if is_class(annotation):
        return Hint(_name(annotation))
    if module_of(type(annotation)) in _TYPING:
        return _of_typing(annotation, names, depth)
    return None


def _name(value: Any) -> Any:
    """A well-known class's name; any other class itself."""
    module = module_of(value)
    known = type(module) is str and module.partition(".")[0] in _KNOWN
    return name_of(value) if known else value


def _of_typing(annotation: Any, names: dict[str, Any], depth: int) -> Hint | None:
    """An object of typing's: a generic with its arguments, a union, a variable, a new name of a type, a text."""
    if hasattr(annotation, "__metadata__"):  # Annotated
        return hint(annotation.__origin__, names, depth + 1)
    for name in ("__forward_arg__", "__supertype__", "__bound__", "__value__"):
        inner = getattr(annotation, name, None)
        if inner is not None:
            return hint(inner, names, depth + 1)
    inner = getattr(annotation, "__args__", None) or getattr(annotation, "__constraints__", None) or ()
    origin = getattr(annotation, "__origin__", None)
    if name_of(type(annotation)) in {"UnionType", "Union"}:
        label: Any = "Union"
    elif is_class(origin):
        label = _name(origin)
    else:
        label = getattr(origin or annotation, "_name", None) or getattr(origin or annotation, "__name__", None)
    if label == "Literal":
        return Hint("Literal", list(inner))
    if name_of(type(annotation)) == "TypeVar":
        return Hint("Union", _hints(inner, names, depth)) if inner else None
    return Hint(label, _hints(inner, names, depth)) if label else None


def _hints(inner: Any, names: dict[str, Any], depth: int) -> list[Hint | None]:
    return [hint(one, names, depth + 1) for one in tuple(inner)[:_MAX_NAMES]]


def _of_text(text: str, names: dict[str, Any], depth: int) -> Hint | None:
    if len(text) > _MAX_TEXT:
        return None
    reader = _Reader(text, names, depth)
    found = reader.union()
    return found if reader.at_end() else None


class _Reader:
    """Reads an annotation's text: names, subscripts, unions and literals."""

    def __init__(self, text: str, names: dict[str, Any], depth: int) -> None:
        self._words = _words(text)
        self._place = 0
        self._names = names
        self._depth = depth

    def at_end(self) -> bool:
        """Whether all was read."""
        return self._place >= len(self._words)

    def union(self) -> Hint | None:
        """One or several with bars between."""
        found = [self._one()]
        while self._next() == "|":
            self._place += 1
            found.append(self._one())
        return found[0] if len(found) == 1 else Hint("Union", found)

    def _next(self) -> str:
        return self._words[self._place] if self._place < len(self._words) else ""

    def _one(self) -> Hint | None:
        word = self._next()
        self._place += 1
        if word[:1] in {"'", '"'}:
            return hint(word[1:-1], self._names, self._depth + 1)
        if word == "[":  # of a callable's arguments
            self._inner(literal=False)
            return None
        if not word.replace(".", "").isidentifier():
            return None
        origin = self._known(word)
        if self._next() != "[":
            return origin
        self._place += 1
        label = origin.origin if origin is not None else None
        inner = self._inner(literal=label == "Literal")
        if label == "Annotated":
            return inner[0] if inner else None
        return Hint(label, inner) if label is not None else None

    def _inner(self, *, literal: bool) -> list[Any]:
        """What stands in brackets, after the first."""
        found: list[Any] = []
        while not self.at_end() and self._next() != "]":
            if self._next() == ",":
                self._place += 1
            elif literal:
                found.append(_constant(self._next()))
                self._place += 1
            else:
                found.append(self.union())
        self._place += 1
        return found

    def _known(self, word: str) -> Hint | None:
        """What a name stands for in its module; one that is not there, as under TYPE_CHECKING, for what is usually called so."""
        first, *more = word.split(".")
        value: Any = dict.get(self._names, first)
        for name in more:
            value = getattr(value, name, None)
        if value is None or type(value) is str:
            return Hint((more or [first])[-1])
        return hint(value, self._names, self._depth + 1)


def _words(text: str) -> list[str]:
    """Names with their dots, texts with their quotes, numbers, and single marks."""
    found: list[str] = []
    place = 0
    while place < len(text):
        start, mark = place, text[place]
        place += 1
        if mark in {"'", '"'}:
            end = text.find(mark, place)
            place = end + 1 if end >= 0 else len(text)
        elif mark.isalnum() or mark in "_.-":
            while place < len(text) and (text[place].isalnum() or text[place] in "_."):
                place += 1
        elif mark.isspace():
            continue
        found.append(text[start:place])
    return found


def _constant(word: str) -> Any:
    """A literal's value."""
    if word[:1] in {"'", '"'}:
        return word[1:-1]
    try:
        return int(word)
    except ValueError:
        return {"True": True, "False": False}.get(word)
