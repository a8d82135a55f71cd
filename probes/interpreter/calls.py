"""Which calls are told, and with which arguments. A part of `probe.py`."""

import time as _time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from interpreter.frames import _UNKNOWN, _asker, _file, _is_library, _local, _nearest, _of_caller
    from interpreter.monitoring import _DISABLE, _MISSING, _TOOL
    from interpreter.text import _BASES_OF, _BUILTIN, _is_a, _names
    from interpreter.watched import (
        _ALL_CLOCKS,
        _ANYHOW,
        _BY_WAY_OF,
        _C_FUNCTIONS,
        _CLOCKS_BY_ID,
        _CLOCKS_OF_NONE,
        _ENVIRONMENT,
        _PYTHON_FUNCTIONS,
        _REAL_TIMES,
        _SOCKETS,
    )
    from interpreter.wire import _MAX_SITES, _tell

_CALL_FUNCTION_EX = 142
"""The instruction's number in Python 3.9 to 3.11."""

_copying = set[tuple[int, int]]()
"""Places in the code that ask for all of `os.environ`: a code object's identity and an instruction."""


def _called(frame: "FrameType", function: "Any", owner: "Any", first: object) -> object:
    """A call, by a frame, of a C function with an interesting name; `first` is its argument after `owner`.

    Gives `_DISABLE` for a place in the standard library of which nothing is ever told.
    """
    name: str = function.__name__
    if name in _SOCKETS:
        if _is_a(type(owner), "socket", "_socket"):
            _tell("socket." + name.lstrip("_"), (), _nearest(frame))
        return None
    file = _file(frame)
    if file.startswith("<frozen importlib"):
        return _DISABLE
    if name in _ALL_CLOCKS:
        if _is_library(file):
            return _DISABLE
        _clock(frame, name, owner, first)
        return None
    event, through = _watched_as(function, name, owner)
    if not event:
        return None
    asker = _nearest(frame) if through is _ANYHOW else _asker(frame, through, _BY_WAY_OF.get(event))
    if asker is None:
        return None if through is _ANYHOW or file in through else _DISABLE
    arguments = _given(event, frame, name, first)
    if arguments is not None:
        _tell(event, arguments, asker)
    return None


def _clock(frame: "FrameType", name: str, owner: "Any", first: object) -> None:
    """A call of what has the name of a clock."""
    if owner is _time and _tells_now(frame, name, first):
        _tell("time." + name, (), frame)
    elif issubclass(type(owner), type) and _is_a(owner, "date", "datetime"):
        _tell("datetime." + name, (), frame)


def _watched_as(function: "Any", name: str, owner: "Any") -> "tuple[str, frozenset[str]]":
    """Which event a C function's call is, by the module or the class that it belongs to, and where it may come through."""
    owners = _C_FUNCTIONS.get(name, {})
    module = function.__module__ if type(function) is _BUILTIN else None
    if type(module) is str:
        return owners.get(module, ("", frozenset()))
    for base in _BASES_OF(owner if issubclass(type(owner), type) else type(owner)):
        own_name, module = _names(base)
        found = owners.get(module + "." + own_name)
        if found:
            return found
    return "", frozenset()


def _given(event: str, frame: "FrameType", name: str, first: object) -> "tuple[object, ...] | None":
    """The arguments that are told of a call. None where it is of no use without the one that cannot be seen."""
    known = () if first is _UNKNOWN or first is _MISSING else (first,)
    if event.startswith("sys.monitoring."):
        return known if type(first) is int and first == _TOOL else None
    if event == "hashlib.new":
        if name == "new":
            return known or _of_caller(frame, "name")
        if name.startswith("hmac"):
            named = _of_caller(frame, "digestmod" if name == "hmac_new" else "digest")
            return named if named and type(named[0]) is str else ()
        return (name.removeprefix("openssl_"),)
    if event == "os.stat":
        return known or _of_caller(frame, None) or None
    if event == "signal.signal":
        return known or _of_caller(frame, "signalnum")
    return known if event == "builtins.__import__" else ()


def _entered(frame: "FrameType") -> None:
    """The start of a Python function with an interesting name."""
    found = _PYTHON_FUNCTIONS[frame.f_code.co_name].get(_file(frame))
    if found is None:
        return
    event, through, argument = found
    asker = _asker(frame.f_back, through, _BY_WAY_OF.get(event))
    if asker is not None and (through is not _ENVIRONMENT or _is_asked(event, frame)):
        _tell(event, (_local(frame, argument),) if argument else (), asker)


def _is_asked(event: str, frame: "FrameType") -> bool:
    """Whether a function of `os.environ` is asked for a variable, or for all: then not for each of them too."""
    caller = frame.f_back
    if caller is None or not _is_a(type(_local(frame, "self")), "_Environ", "os"):
        return False
    if event == "environ.get":
        return (id(caller.f_code), caller.f_lasti) not in _copying
    while caller is not None and str.__str__(caller.f_code.co_name) == "__iter__" and _file(caller) in _ENVIRONMENT:
        caller = caller.f_back  # a view, which asks in its own name (see `_BY_WAY_OF`)
    if caller is not None and len(_copying) < _MAX_SITES:
        _copying.add((id(caller.f_code), caller.f_lasti))
    return True


def _tells_now(frame: "FrameType", name: str, first: object) -> bool:
    """Whether a function of `time` is asked for the present, by what it is given. Where that is unknown: no."""
    instruction, operand = frame.f_code.co_code[frame.f_lasti : frame.f_lasti + 2]
    if name == "strftime":
        return operand == 1  # the format, but no time
    if name in _CLOCKS_BY_ID:
        if first is _UNKNOWN:
            return "CLOCK_REALTIME" in frame.f_code.co_names
        return type(first) is int and first in _REAL_TIMES
    if name in _CLOCKS_OF_NONE:
        if first is _UNKNOWN:
            return operand == 0 and instruction != _CALL_FUNCTION_EX
        return first is _MISSING or first is None
    return True
