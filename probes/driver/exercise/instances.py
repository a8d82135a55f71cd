"""One instance of each class, for its methods and for others' arguments."""

from __future__ import annotations

import sys

from exercise.kept import keep
from exercise.members import bases_of, classes, is_class, module_of, name_of, names_of
from exercise.parameters import required
from exercise.progress import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from exercise.arguments import Maker

keep(globals())

_MAX_DEPTH = 4
_MAX_WAYS = 3
_MAX_TRIED = 3
_MAX_KNOWN = 10_000
_MAKERS = (
    "from_",
    "create",
    "new",
    "make",
    "build",
    "open",
    "load",
    "parse",
    "default",
    "of",
    "get_instance",
    "instance",
)
"""How class methods begin that are another way to make an instance."""
_children_of = type.__dict__["__subclasses__"]


class Instances:
    """What was made of each class, or why nothing was. `own` tells of a module's name whether it is the package's."""

    def __init__(self, own: frozenset[str]) -> None:
        self._own = own
        self._made: dict[int, tuple[type, Any]] = {}
        self._failed: dict[int, tuple[type, str]] = {}
        self._busy: set[int] = set()
        self._called: dict[str, type] = {}
        self._known: set[str] = set()
        self.maker: Maker

    def know(self) -> None:
        """Looks for classes in the package's modules that were imported meanwhile: arguments may be called after them."""
        for name in sorted(self._own - self._known):
            module = sys.modules.get(name)
            if module is not None:
                self._known.add(name)
                for value in classes(name, module)[: _MAX_KNOWN - len(self._called)]:
                    self._called.setdefault(name_of(value).lower(), value)

    def called(self, name: str) -> type | None:
        """The class of the package's that an argument is called after."""
        return self._called.get(name.lower().replace("_", ""))

    def give_up(self, value: type, why: str) -> None:
        """Never makes one of a class, whose constructor did not return before."""
        self._failed[id(value)] = value, why

    def is_tried(self, value: type) -> bool:
        """Whether making one has been tried."""
        return id(value) in self._made or id(value) in self._failed

    def get(self, value: type) -> Any:
        """The instance of a class; None where there is none."""
        return self._made[id(value)][1] if id(value) in self._made else None

    def why_none(self, value: type) -> str:
        """Why there is no instance of a class."""
        return self._failed[id(value)][1] if id(value) in self._failed else "its constructor gave something else"

    def construct(self, value: type, depth: int = 0) -> Any:
        """Calls a class, and keeps what it gives. Raises whatever the class raises, once other ways were tried."""
        self._busy.add(id(value))
        try:
            instance = self._construct(value, depth)
            if _is_a(instance, value):
                self._made.setdefault(id(value), (value, instance))
            else:
                self._failed.setdefault(id(value), (value, "its constructor gave something else"))
        except BaseException as error:
            self._failed.setdefault(id(value), (value, describe(error)))
            if id(value) not in self._made:
                self._otherwise(value, depth)
            raise
        finally:
            self._busy.discard(id(value))
        return instance

    def argument(self, value: type, depth: int) -> Any:
        """An instance of a class for an argument, made now where there is none yet. None where none can be made."""
        if self.is_tried(value) or depth > _MAX_DEPTH or id(value) in self._busy or self._is_foreign(value):
            return self.get(value)
        try:
            return self.construct(value, depth)
        except BaseException:  # noqa: BLE001 the package's constructor; the reason is kept
            return self.get(value)

    def _construct(self, value: type, depth: int) -> Any:
        members = names_of(value).get("_member_map_")
        if type(members) is dict and members:  # of an enumeration
            return next(iter(members.values()))
        parameters = required(value, bound=True)
        if parameters is None:
            return try_out(value)
        plain, named = self.maker.arguments(parameters, depth)
        return value(*plain, **named)

    def _otherwise(self, value: type, depth: int) -> None:
        """Makes one by a class method, or takes one of a class below it."""
        ways = [
            name
            for name, raw in list(names_of(value).items())
            if type(name) is str and name.startswith(_MAKERS) and issubclass(type(raw), classmethod)
        ]
        below = [one for one in _children_of(value)[:_MAX_WAYS] if module_of(one) in self._own]
        for way in [*ways[:_MAX_WAYS], *below]:
            made = self.argument(way, depth + 1) if is_class(way) else self._by_class_method(value, way, depth)
            if made is not None:
                self._made[id(value)] = value, made
                return

    def _by_class_method(self, value: type, name: str, depth: int) -> Any:
        raw = names_of(value)[name]
        try:
            plain, named = self.maker.arguments(required(raw.__func__, bound=True) or [], depth)
            made = raw.__get__(None, value)(*plain, **named)
            return made if _is_a(made, value) else None
        except BaseException:  # noqa: BLE001 the package's code
            return None

    def _is_foreign(self, value: type) -> bool:
        """Whether a class is the standard library's: its objects may be doors to the outside that no one asked for."""
        module = module_of(value)
        if type(module) is not str:
            return True
        file = getattr(sys.modules.get(module), "__file__", None)
        return module not in self._own and (type(file) is not str or "/site-packages/" not in file)


def try_out(call: Any) -> Any:
    """Calls what does not tell its arguments, with none and then with more, until it does not refuse them."""
    for count in range(_MAX_TRIED):
        try:
            return call(*["text"] * count)
        except TypeError:
            continue
    return call(*["text"] * _MAX_TRIED)


def _is_a(instance: Any, value: type) -> bool:
    return any(base is value for base in bases_of(type(instance)))
