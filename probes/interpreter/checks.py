"""The probe's look at itself: whether anything of it was changed. A part of `probe.py`.

Code of the package's that finds these objects (through `gc`, say) can change them; that is seen here, and the change of a function's
code also as the audit event that it is.
"""

from _thread import get_ident as _get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from interpreter.frames import _callers, _getframe
    from interpreter.monitoring import _attached_again, _detached
    from interpreter.profiling import _PROFILES, _getprofile, _profile, _silenced
    from interpreter.text import _FUNCTION
    from interpreter.wire import _send

_BEAT, _FINALIZING = "encodings.beat", "cpython.PyInterpreterState_Clear"
"""The driver's question whether all is well, and the last audit event of an interpreter."""
_BEAT_SECONDS = 1.0
_OWN = "0"
"""The number of a beat that nobody asked for."""

_heard = [False]
"""Whether an audit event came that looking at a function's code raises."""

_functions = []  # type: list[tuple[str, Any, Any]]
_names_of = {}  # type: dict[Any, str]
"""All functions in here as they were at the start."""


def _remember() -> None:
    for name, value in globals().items():
        if type(value) is _FUNCTION:
            _functions.append((name, value, value.__code__))
            _names_of[value] = name


def _beat(_event: str, arguments: "tuple[Any, ...]") -> None:
    """Says that all is well, or what is not."""
    wrong = _unprofiled() if _PROFILES else _attached_again()
    _send("beat", (arguments[0] if arguments else _OWN, *_changes(), *wrong), [])


def _ended(_event: str, _arguments: "tuple[Any, ...]") -> None:
    """Says that the interpreter ends in order, where it does: then no code runs that could have raised the event."""
    if _getframe(1).f_back is None:
        _send("end", (_OWN, *_changes(), *([] if _PROFILES else _detached())), [])


def _changes() -> "list[str]":
    own = globals()
    found = [name for name, function, _ in _functions if own.get(name) is not function]
    _heard[0] = False
    found += [name for name, function, code in _functions if function.__code__ is not code]
    # `sys.audit` and the last event of all do not come by the function that C code calls, which somebody may have written over.
    return found if _heard[0] else [*found, "audit events"]


def _unprofiled() -> "list[str]":
    now = _getprofile()
    known = now is None or now is _profile or _get_ident() in _silenced
    return [] if known else ["profile function"]


def _reassigned(event: str, arguments: "tuple[Any, ...]") -> None:
    """Somebody is about to give a function in here other code."""
    target = arguments[0]
    name = _names_of.get(target) if type(target) is _FUNCTION else None
    if name is not None:
        _send(event, (name, *arguments[1:2]), _callers(_getframe(2)))
