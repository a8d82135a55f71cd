"""The arguments of a call: by their annotations, then by their names."""

from __future__ import annotations

from importlib import import_module

from exercise import kinds
from exercise.hints import Hint, hint
from exercise.kept import keep
from exercise.members import is_class
from exercise.names import MISSING, file_by_name, value_by_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from exercise.parameters import Parameter

keep(globals())

_MAX_DEPTH = 4


class Maker:
    """Makes arguments. `folders` hold the files that are given, and take turns; `instance` gives one of a class, by a depth."""

    def __init__(
        self, folders: list[str], instance: Callable[[type, int], Any], by_name: Callable[[str], type | None]
    ) -> None:
        self._folders = folders
        self._instance = instance
        self._class_called = by_name
        self.turn = 0

    def arguments(self, parameters: list[Parameter], depth: int = 0) -> tuple[list[Any], dict[str, Any]]:
        """Those by position, and those by name."""
        plain = [self._value(one, depth) for one in parameters if not one.keyword]
        named = {one.name: self._value(one, depth) for one in parameters if one.keyword}
        return plain, named

    def _value(self, parameter: Parameter, depth: int) -> Any:
        """Whatever is made, nothing that goes wrong in making it is of importance: there is always something to give."""
        try:
            wanted = hint(parameter.annotation, parameter.names) if parameter.annotation is not None else None
            if wanted is not None and not (is_class(wanted.origin) and wanted.origin is object):
                return self._wanted(wanted, parameter.name, depth)
            return self._named(parameter.name, depth)
        except BaseException:  # noqa: BLE001 annotations and constructors are the package's code
            return None

    def _named(self, name: str, depth: int) -> Any:
        """A value by the argument's name alone."""
        file = file_by_name(name)
        if file:
            return self._path(file)
        value = value_by_name(name)
        if value is not MISSING:
            return value
        called_so = self._class_called(name)
        if called_so is not None and depth < _MAX_DEPTH:
            return self._instance(called_so, depth + 1)
        word = name.lower()
        return (
            kinds.nothing
            if word.endswith(("func", "callback", "handler", "hook", "fn", "function"))
            else kinds.PLAIN["str"]
        )

    def _path(self, file: str) -> str:
        folder = self._folders[self.turn % len(self._folders)]
        return folder if file == "." else f"{folder}/{file}"

    def _wanted(self, wanted: Hint | None, name: str, depth: int) -> Any:
        if wanted is None or depth > _MAX_DEPTH:
            return self._named(name, depth)
        origin = wanted.origin
        if is_class(origin):
            return self._instance(origin, depth + 1)
        if origin in kinds.PATHS or origin in {"StrPath", "StrOrBytesPath"}:
            path = self._path(file_by_name(name) or "notes.txt")
            return path if origin not in kinds.PATHS else _as_path(path)
        if origin in kinds.PLAIN or origin == "dict":
            by_name = self._fitting(origin, name, depth)
            if by_name is not MISSING:
                return by_name
        if origin in kinds.PLAIN:
            return kinds.PLAIN[origin]
        if origin in kinds.FRESH:
            return kinds.FRESH[origin]()
        return self._composed(wanted, name, depth)

    def _fitting(self, origin: str, name: str, depth: int) -> Any:
        """What the name asks for, where it is of the type."""
        value = self._named(name, depth)
        return value if origin in {"Any", "object"} or type(value).__name__ == origin else MISSING

    def _composed(self, wanted: Hint, name: str, depth: int) -> Any:
        """What has something in it."""
        origin, inner = wanted.origin, wanted.inner
        if origin == "Literal":
            return inner[0] if inner else None
        if origin in kinds.UNIONS:
            some = [one for one in inner if one is not None and one.origin != "None"]
            return self._wanted(some[0], name, depth + 1) if some else None
        if origin in kinds.WRAPPERS:
            return self._wanted(inner[0], name, depth + 1) if inner else str
        if origin == "IO":
            binary = bool(inner) and inner[0] is not None and inner[0].origin == "bytes"
            return kinds.FRESH["BinaryIO" if binary else "TextIO"]()
        if origin in kinds.TUPLES:
            return tuple(self._wanted(one, name, depth + 1) for one in inner if one is not None)
        if origin in kinds.MAPPINGS:
            return {self._item(inner, 0, "name", depth): self._item(inner, 1, "value", depth)}
        if origin in kinds.SEQUENCES:
            return kinds.SEQUENCES[origin]([self._item(inner, 0, name.rstrip("s"), depth)])
        called_so = self._class_called(str(origin))
        return self._instance(called_so, depth + 1) if called_so is not None else self._named(name, depth)

    def _item(self, inner: list[Any], place: int, name: str, depth: int) -> Any:
        """One of what is in a list or a dictionary."""
        if place < len(inner) and inner[place] is not None:
            return self._wanted(inner[place], name, depth + 1)
        value = value_by_name(name)
        return kinds.PLAIN["str"] if value is MISSING or type(value) in (list, dict) else value


def _as_path(path: str) -> Any:
    return import_module("pathlib").Path(path)
