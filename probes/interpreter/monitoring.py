"""Sight of calls from Python 3.12 on: monitoring events. A part of `probe.py`."""

import sys as _sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from interpreter.calls import _called, _entered
    from interpreter.frames import _getframe, _nearest
    from interpreter.text import _BASES_OF, _BUILTIN, _BUILTIN_METHOD, _DICT_OF, _FUNCTION, _GETTER, _METHOD, _is_a
    from interpreter.watched import _INTERESTING, _OF_TLS, _PYTHON_FUNCTIONS, _TLS
    from interpreter.wire import _is_ours, _tell

_TOOL, _TOOL_NAME = 4, "calls"
"""None of the numbers that debuggers, profilers and coverage tools take."""
_monitoring = getattr(_sys, "monitoring", None)  # type: Any
_MISSING, _DISABLE = (None, None) if _monitoring is None else (_monitoring.MISSING, _monitoring.DISABLE)
_CALL, _START = (0, 0) if _monitoring is None else (_monitoring.events.CALL, _monitoring.events.PY_START)
_EVENTS = _CALL | _START


def _attach() -> None:
    """Takes the tool's number and asks for both events."""
    _monitoring.use_tool_id(_TOOL, _TOOL_NAME)
    _answer()
    _monitoring.set_events(_TOOL, _EVENTS)


def _answer() -> bool:
    """Registers both callbacks, and says whether they were there."""
    call = _monitoring.register_callback(_TOOL, _CALL, _monitored)
    start = _monitoring.register_callback(_TOOL, _START, _started)
    return call is _monitored and start is _started


def _detached() -> "list[str]":
    """What of it is no longer as it was."""
    if _monitoring.get_tool(_TOOL) is not _TOOL_NAME:
        return ["monitoring tool"]
    return [] if _monitoring.get_events(_TOOL) == _EVENTS else ["monitoring events"]


def _attached_again() -> "list[str]":
    """What of it was no longer as it had been, all of which is put right where nobody else took the number."""
    found = _detached()
    if _monitoring.get_tool(_TOOL) is None:
        _attach()
    elif not found and not _answer():
        found.append("monitoring callback")
    elif found == ["monitoring events"]:
        _monitoring.set_events(_TOOL, _EVENTS)
    return found


def _monitored(code: "CodeType", _offset: int, function: "Any", first: object) -> object:
    """The callback of a call of anything. A place of no interest is not seen again."""
    kind = type(function)
    if kind is not _BUILTIN and kind is not _METHOD and kind is not _BUILTIN_METHOD:
        return _DISABLE if kind is _FUNCTION or kind is type else _foreign(kind, function)
    if function.__name__ not in _INTERESTING:
        return _DISABLE
    try:
        if function.__name__ in _OF_TLS and str.__str__(code.co_filename) not in _TLS:
            return _DISABLE
        return _called(_getframe(1), function, first if kind is _METHOD else function.__self__, first)
    except Exception as error:
        if not _is_ours(error):
            raise
    return None


def _foreign(kind: type, function: "Any") -> object:
    """A call of something else: told if it is a function in C that ctypes looked up, with its name."""
    try:
        if not _is_a(kind, "CFuncPtr", "_ctypes"):
            return _DISABLE
        held = [_DICT_OF(base).get("__dict__") for base in _BASES_OF(kind)]
        own = next(one.__get__(function) for one in held if type(one) is _GETTER)
        name = dict.get(own, "__name__")
        if type(name) is str:
            _tell("ctypes.call", (name,), _nearest(_getframe(2)))
    except Exception as error:
        if not _is_ours(error):
            raise
    return None


def _started(code: "CodeType", _offset: int) -> object:
    """The other one: the start of any Python function. One of no interest is not seen again."""
    name = code.co_name
    if type(name) is not str or str.__str__(code.co_filename) not in _PYTHON_FUNCTIONS.get(name, ()):
        return _DISABLE
    try:
        _entered(_getframe(1))
    except Exception as error:
        if not _is_ours(error):
            raise
    return None
