"""What a module defines for others to call, found without running any code of the package's.

An object counts where it is defined: where its `__module__` says so, under the first of its names there. Names with a leading
underscore are private, and only count where the run is directed at them.
"""

from __future__ import annotations

import builtins
import os
import sys
from contextlib import suppress
from functools import lru_cache

from exercise.aims import Aims
from exercise.kept import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

keep(globals())

FUNCTION = type(lambda: None)
BUILTIN = type(len)
CACHED = type(lru_cache(lambda: None))
METHOD = type(str.join)
CLASS_METHOD = type(dict.__dict__["fromkeys"])
_MODULE = type(sys)

module_of, name_of, bases_of, names_of, signature_of = (
    type.__dict__[name].__get__ for name in ("__module__", "__name__", "__mro__", "__dict__", "__text_signature__")
)
"""Of a class, past its metaclass."""

_names_of_module: Any = vars(_MODULE)["__dict__"].__get__
_static, _class = staticmethod.__dict__["__func__"].__get__, classmethod.__dict__["__func__"].__get__

_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__class_getitem__", "__del__"})
"""Methods that run as their class is made or used, and are never called by themselves."""
_CYTHON = "cython_function_or_method"
_LIBRARY = os.__file__.rpartition("/")[0] + "/"
_OUTSIDE = ("/site-packages/", "/dist-packages/")
VARIABLE_ARGUMENTS = 4
"""Flag of a code object whose function takes `*args` (inspect.CO_VARARGS)."""
_MAX_NESTING = 3
_MAX_WRAPPERS = 10
_MAX_MEMBERS = 20_000


class Member:
    """Something to call. `kind` is "function", "class", "method", "static" or "classmethod"; `owner` the class it is in.

    `aimed` is whether the run is directed at it.
    """

    __slots__ = ("aimed", "kind", "name", "owner", "owner_subject", "subject", "value")

    def __init__(
        self, subject: str, name: str, kind: str, value: Any, owner: Any, owner_subject: str, *, aimed: bool
    ) -> None:
        self.subject = subject
        self.name = name
        self.kind = kind
        self.value = value
        self.owner = owner
        self.owner_subject = owner_subject
        self.aimed = aimed


def members(name: str, module: Any, aims: Aims) -> list[Member]:
    """What a module of this name defines, in the order of its definition; a class before what is in it.

    What the run is directed at comes first.
    """
    if not issubclass(type(module), _MODULE):
        return []
    listing = _Listing(name, module, aims)
    for key, value in list(_names_of_module(module).items()):
        with suppress(BaseException):  # of what a signal's handler or a broken object does
            listing.take(key, value)
    return sorted(listing.found, key=_is_not_aimed) if aims else listing.found


def _is_not_aimed(member: Member) -> bool:
    return not member.aimed


def classes(name: str, module: Any) -> list[type]:
    """The public classes that a module of this name defines, without those inside of others."""
    if not issubclass(type(module), _MODULE):
        return []
    return [
        value
        for key, value in list(_names_of_module(module).items())
        if type(key) is str and not key.startswith("_") and is_class(value) and module_of(value) == name
    ]


class _Listing:
    """Collects the members of one module."""

    def __init__(self, name: str, module: Any, aims: Aims) -> None:
        self.found: list[Member] = []
        self._aims = aims
        self._name = name
        self._module = module
        file = _names_of_module(module).get("__file__")
        self._compiled = type(file) is str and file.endswith(".so")
        self._seen: set[int] = set()

    def take(self, name: object, value: Any) -> None:
        """Takes what the module has under a name."""
        if type(name) is not str or len(self.found) >= _MAX_MEMBERS:
            return
        if is_class(value):
            if self._is_own_class(name, value) and (not name.startswith("_") or self._is_aimed_class(value, name)):
                self._take_class(f"{self._name}:{name}", value, 0)
        elif self._is_own_function(value):
            aimed = self._is_aimed(value, name)
            if (aimed or not name.startswith("_")) and self._is_new(value):
                self.found.append(Member(f"{self._name}:{name}", name, "function", value, None, "", aimed=aimed))

    def _take_class(self, subject: str, value: type, depth: int) -> None:
        if not self._is_new(value):
            return
        aimed = self._is_aimed_class(value, subject.partition(":")[2])
        self.found.append(Member(subject, name_of(value), "class", value, value, subject, aimed=aimed))
        for name, raw in list(names_of(value).items()):
            if type(name) is str and len(self.found) < _MAX_MEMBERS:
                self._take_attribute(subject, value, name, raw, depth)

    def _take_attribute(self, subject: str, owner: type, name: str, raw: Any, depth: int) -> None:
        kind, function = _attribute(raw)
        aimed = kind != "class" and self._is_aimed(function, f"{subject.partition(':')[2]}.{name}")
        if name.startswith("_") and name != "__call__" and (not aimed or name in _CONSTRUCTORS):
            return
        if kind == "class":
            if depth < _MAX_NESTING and is_class(raw) and self._is_own_class(name, raw):
                self._take_class(f"{subject}.{name}", raw, depth + 1)
        elif kind and (self._compiled or self._is_own_function(function)) and self._is_new(function):
            self.found.append(Member(f"{subject}.{name}", name, kind, raw, owner, subject, aimed=aimed))

    def _is_aimed(self, function: Any, name: str) -> bool:
        """Whether the run is directed at a function of this qualified name."""
        return bool(self._aims) and self._aims.has(unwrapped(function), name)

    def _is_aimed_class(self, value: type, name: str) -> bool:
        """Whether it is directed at a function in a class, which is then constructed first."""
        if not self._aims:
            return False
        own = [(key, _attribute(raw)[1]) for key, raw in list(names_of(value).items()) if type(key) is str]
        return self._aims.in_class(name) or any(self._is_aimed(function, f"{name}.{key}") for key, function in own)

    def _is_new(self, value: Any) -> bool:
        new = id(value) not in self._seen
        self._seen.add(id(value))
        return new

    def _is_own_class(self, name: str, value: type) -> bool:
        module = module_of(value)
        if not self._compiled or type(module) is not str:
            return type(module) is str and module == self._name
        short = self._name.rpartition(".")[2]
        if module == "builtins":  # what a class in C is told to be in, whose author gave its name alone
            return vars(builtins).get(name) is not value
        return module == self._name or module.rpartition(".")[2] == short

    def _is_own_function(self, value: Any) -> bool:
        kind = type(value)
        if kind in (FUNCTION, CACHED):
            return self._is_here(value) and not _is_library(unwrapped(value))
        if kind is BUILTIN:
            return self._compiled and (self._is_here(value) or value.__self__ is self._module)
        return self._compiled and name_of(kind) == _CYTHON and self._is_here(value)

    def _is_here(self, function: Any) -> bool:
        module = function.__module__
        return type(module) is str and module == self._name


def is_class(value: Any) -> bool:
    """Whether it is a class, whatever it says itself."""
    return issubclass(type(value), type)


def _attribute(raw: Any) -> tuple[str, Any]:
    """What a class's attribute is, and the function in it."""
    kind = type(raw)
    if issubclass(kind, staticmethod):
        return "static", _static(raw)
    if issubclass(kind, classmethod):
        return "classmethod", _class(raw)
    if kind in (FUNCTION, CACHED, METHOD) or name_of(kind) == _CYTHON:
        return "method", raw
    if kind is CLASS_METHOD:
        return "classmethod", raw
    return ("class", raw) if issubclass(kind, type) else ("", raw)


def unwrapped(value: Any) -> Any:
    """The function that a wrapper stands for, where the wrapper takes whatever that takes."""
    for _ in range(_MAX_WRAPPERS):
        inner = None
        if type(value) is CACHED:
            inner = value.__wrapped__
        elif type(value) is FUNCTION and value.__code__.co_flags & VARIABLE_ARGUMENTS:
            inner = dict.get(value.__dict__, "__wrapped__")
        if inner is None:
            break
        value = inner
    return value


def _is_library(function: Any) -> bool:
    """Whether a function is the standard library's, under whatever name the package has it."""
    if type(function) is not FUNCTION:
        return False
    file = dict.get(function.__globals__, "__file__")
    return type(file) is str and file.startswith(_LIBRARY) and not any(folder in file for folder in _OUTSIDE)
