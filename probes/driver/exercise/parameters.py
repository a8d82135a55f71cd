"""Which arguments a callable cannot do without, read from its code object without running any code of the package's."""

from __future__ import annotations

import sys
from importlib import import_module

from exercise.kept import keep
from exercise.members import CACHED, FUNCTION, VARIABLE_ARGUMENTS, bases_of, is_class, names_of, signature_of, unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

keep(globals())

_MAX_PARAMETERS = 50


class Parameter:
    """A required argument; `names` are the globals that a text as its annotation is to be understood by."""

    __slots__ = ("annotation", "keyword", "name", "names")

    def __init__(self, name: str, annotation: Any, names: dict[str, Any], *, keyword: bool = False) -> None:
        self.name = name
        self.annotation = annotation
        self.names = names
        self.keyword = keyword


def required(value: Any, *, bound: bool) -> list[Parameter] | None:
    """The required parameters of a function, without the first where that is `bound`. None where nobody can tell."""
    if is_class(value):
        return _of_class(value)
    function = unwrapped(value)
    if type(function) is FUNCTION:
        return _of_function(function, bound=bound)
    return _of_text(getattr(function, "__text_signature__", None), bound=bound)


def _of_class(value: type) -> list[Parameter] | None:
    """Those of the constructor: of the first `__init__` or else `__new__` that is not `object`'s, in the order of the bases."""
    seen = False
    for name in ("__init__", "__new__"):
        for base in bases_of(value)[:-1]:
            raw = names_of(base).get(name)
            if issubclass(type(raw), staticmethod):
                raw = raw.__func__
            if type(raw) in (FUNCTION, CACHED):
                seen = True
                found = required(raw, bound=True)
                if found or not _passes_on(raw):
                    return found
            elif raw is not None:  # in C
                break
    return [] if seen else _of_text(signature_of(value), bound=False)


def _passes_on(function: Any) -> bool:
    """Whether a constructor takes whatever it gets, as one does that hands it to its base's."""
    function = unwrapped(function)
    return type(function) is FUNCTION and bool(function.__code__.co_flags & VARIABLE_ARGUMENTS)


def _of_function(function: Any, *, bound: bool) -> list[Parameter]:
    code, names = function.__code__, function.__globals__
    positional = code.co_varnames[: code.co_argcount]
    of_keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    without_default = len(positional) - len(function.__defaults__ or ())
    wanted = positional[1 if bound else 0 : max(without_default, 0)]
    with_default = function.__kwdefaults__ or {}
    keywords = [name for name in of_keywords if not dict.__contains__(with_default, name)]
    annotations = _annotations(function) if wanted or keywords else {}
    found = [Parameter(name, annotations.get(name), names) for name in wanted[:_MAX_PARAMETERS]]
    return found + [Parameter(name, annotations.get(name), names, keyword=True) for name in keywords[:_MAX_PARAMETERS]]


def _annotations(function: Any) -> dict[str, Any]:
    """A function's annotations. From Python 3.14 on they are computed when they are first asked for, which may fail."""
    try:
        return dict(function.__annotations__)
    except BaseException:  # noqa: BLE001 the package's code
        return _annotation_texts(function)


def _annotation_texts(function: Any) -> dict[str, Any]:
    try:
        module = import_module("annotationlib") if sys.version_info >= (3, 14) else None
        return dict(module.get_annotations(function, format=module.Format.STRING)) if module is not None else {}
    except BaseException:  # noqa: BLE001 the package's code
        return {}


def _of_text(text: Any, *, bound: bool) -> list[Parameter] | None:
    """The required parameters by the text that functions in C have, such as "($self, key, /, default=None)"."""
    if type(text) is not str or not text.startswith("(") or not text.endswith(")"):
        return None
    found: list[Parameter] = []
    keyword = False
    for place, part in enumerate(text[1:-1].split(",")[:_MAX_PARAMETERS]):
        name = part.strip()
        if name.startswith("*"):
            keyword = True
        elif name.isidentifier() and not (bound and place == 0):
            found.append(Parameter(name, None, {}, keyword=keyword))
    return found
