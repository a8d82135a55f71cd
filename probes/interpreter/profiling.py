"""Sight of calls before Python 3.12: a profile function in every thread. A part of `probe.py`.

Python calls it for every call and return, most of which happen while a module is found and loaded, or a pattern compiled.
Nothing is told of either but what is told beforehand, so the function is taken away for as long: until the lock of the module's
import, or the state of the pattern's parser, is gone, or other code than the standard library's is executed, or anything is told.
"""

import sys as _sys
from _thread import get_ident as _get_ident
from _thread import start_new_thread as _start_new_thread
from _weakref import ref as _weak

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from interpreter.calls import _called, _entered
    from interpreter.frames import _UNKNOWN, _asker, _callers, _file, _getframe, _is_library, _local
    from interpreter.reaching import _gettrace, _hide_trace, _pause_trace, _trace_here
    from interpreter.text import _BUILTIN, _BUILTIN_METHOD, _CODE, _SYSTEM
    from interpreter.watched import (
        _ASKED,
        _C_FUNCTIONS,
        _HINTING,
        _HINTS,
        _INTERESTING,
        _LIBRARY,
        _OF_TLS,
        _PARSING,
        _PYTHON_FUNCTIONS,
    )
    from interpreter.wire import _busy, _is_ours, _send, _tell

_PROFILES = not hasattr(_sys, "monitoring")
_IMPORTING, _PARSING_CHARACTER = "rpartition", "ord"
"""What `_find_and_load_unlocked` of importlib, and the parser of patterns, call soon."""
_TURNS = frozenset({"start_new_thread", "gettrace", _IMPORTING, _PARSING_CHARACTER})
_PROFILED = _INTERESTING | _HINTS | _TURNS
_get = dict.get
_getprofile, _setprofile = _sys.getprofile, _sys.setprofile
_importlib, _builtins = (vars(_sys.modules[name]) for name in ("_frozen_importlib", "builtins"))

_silenced = set[int]()
"""Threads whose profile function is the package's."""
_setting = set[int]()
"""Threads in which the profile function is being set from in here."""
_suspended = {}  # type: dict[int, _weak[Any]]
_finders = []  # type: list[Any]


def _profile(frame: "FrameType", event: str, function: "Any") -> None:
    """The profile function."""
    if event != "c_call":
        return
    try:
        kind = type(function)
        if (kind is not _BUILTIN and kind is not _BUILTIN_METHOD) or function.__name__ not in _PROFILED:
            return
        name: str = function.__name__
        if name in _HINTS:
            module = _get(frame.f_globals, "__name__")
            if type(module) is str and module in _HINTING:
                _hinted(frame)
        if name in _INTERESTING and (name not in _OF_TLS or _get(frame.f_globals, "__name__") == "ssl"):
            _called(frame, function, function.__self__, _UNKNOWN)
        if name in _TURNS:
            _turn(frame, function, name)
    except Exception as error:
        if not _is_ours(error):
            raise


def _turn(frame: "FrameType", function: "Any", name: str) -> None:
    """A call after which this thread, or a new one, is to be watched otherwise."""
    if name == _IMPORTING:
        _importing(frame)
    elif name == _PARSING_CHARACTER:
        _parsing(frame)
    elif function is _start_new_thread:
        _follow(frame)
    elif function is _gettrace:
        _hide_trace()


def _hinted(frame: "FrameType | None") -> None:
    """Looks for the start of a Python function outwards of where a function in C is called.

    A look at every start would cost several times as much. A frame's code is looked at last, since that is an audit event.
    """
    for _ in range(8):
        module = _get(frame.f_globals, "__name__") if frame is not None else None
        if frame is None or type(module) is not str or module not in _HINTING:
            return
        name = frame.f_code.co_name
        if type(name) is str and name in _PYTHON_FUNCTIONS:
            _entered(frame)
        frame = frame.f_back


def _importing(frame: "FrameType") -> None:
    """Looks away while a module is imported, as long as only the interpreter's own finders look for it."""
    if frame.f_globals is not _importlib or frame.f_code.co_name != "_find_and_load_unlocked":
        return
    name = _local(frame, "name")
    lock = _get(_importlib["_module_locks"], name) if type(name) is str else None
    found = lock() if type(lock) is _weak else None
    if found is not None and _are_own(_finding()):
        _suspend(found)


def _finding() -> "list[Any]":
    """All that takes part in the import of a module, which the package may have changed."""
    found: list[Any] = [_builtins["__import__"]]
    for name in ("meta_path", "path_hooks"):
        some = _SYSTEM.get(name)
        found += list.copy(some) if type(some) is list else [None]
    return found


def _are_own(found: "list[Any]") -> bool:
    return len(found) == len(_finders) and all(one is own for one, own in zip(found, _finders))  # noqa: B905 newer than 3.9


def _parsing(frame: "FrameType") -> None:
    """Tells that a pattern is compiled, and looks away until it is."""
    module = _get(frame.f_globals, "__name__")
    if type(module) is not str or module not in _PARSING or not _finders:
        return
    state, outer = _local(frame, "state"), frame.f_back
    while outer is not None and _get(outer.f_globals, "__name__") == module:
        outer = outer.f_back
    if state is _UNKNOWN or outer is None or outer.f_code.co_name != "compile" or not _is_library(_file(outer)):
        return
    event, through = _C_FUNCTIONS["compile"]["_sre"]
    asker = _asker(outer, through, None)
    if asker is not None:
        _tell(event, (), asker)
    _suspend(state)


def _suspend(until: "Any") -> None:
    """Takes this thread's profile function away until an object is gone."""
    me = _get_ident()

    def resume(_: "Any") -> None:
        try:
            if me == _get_ident():
                _resume_here(me)
            else:
                _suspended.pop(me, None)  # that thread's next audit event does the rest
        except Exception as error:
            if not _is_ours(error):
                raise

    if me not in _suspended and me not in _silenced:
        _suspended[me] = _weak(until, resume)
        _set_profile(None)
        _pause_trace()


def _resume_here(me: int) -> None:
    if _suspended and _suspended.pop(me, None) is not None:
        _set_profile(_profile)
        _trace_here()


def _loaded(event: str, arguments: "tuple[Any, ...]") -> None:
    """Compiled code is loaded: by the interpreter's own finders, where they are at work."""
    if _get_ident() not in _suspended:
        asker = _asker(_getframe(2), _ASKED[event], None)
        if asker is not None:
            _tell(event, arguments, asker)


def _executed(_event: str, arguments: "tuple[Any, ...]") -> None:
    """Code is about to be executed, or an extension module about to be loaded: looks again, if it is the package's."""
    what = arguments[0] if len(arguments) == 1 else arguments[1]
    file = what.co_filename if type(what) is _CODE else what
    if type(file) is str and not _is_library(file):
        _resume_here(_get_ident())


def _follow(frame: "FrameType") -> None:
    """Makes the thread that `threading.Thread.start` is about to start profile itself, before it runs code of others.

    `threading.setprofile` would do it too, but could not try again: a RuntimeError would end the thread.
    """
    if frame.f_code.co_filename == _LIBRARY + "threading.py" and frame.f_code.co_name == "start":
        thread: Any = frame.f_locals.get("self")
        own = object.__getattribute__(thread, "__dict__")

        def set_ident() -> None:
            del own["_set_ident"]
            _silenced.discard(_get_ident())  # the number may have been another thread's
            _set_profile(_profile)
            _trace_here()
            thread._set_ident()

        own["_set_ident"] = set_ident


def _profile_here() -> None:
    """Sets this thread's functions where they are gone: in a bare thread, or after the recursion limit was met."""
    if _getprofile() is None:
        me = _get_ident()
        if me not in _silenced and me not in _suspended:
            _set_profile(_profile)
    _trace_here()


def _set_profile(function: "Any") -> None:
    """Sets this thread's profile function, unless it is at that already: the audit events of doing so come to the hook."""
    me = _get_ident()
    if me in _busy:
        return
    try:
        _busy.add(me)
        _setting.add(me)
        for _ in range(1000):
            try:
                _setprofile(function)
            except RuntimeError as error:  # another thread is at it, since audit hooks let others run
                if _is_ours(error):
                    continue
                raise
            return
    finally:
        _setting.discard(me)
        _busy.discard(me)


def _hooked(event: str, arguments: "tuple[object, ...]") -> None:
    """Somebody adds an audit hook, which would be told whenever the profile function goes and comes: so it stays."""
    _finders.clear()
    _send(event, arguments, _callers(_getframe(2)))


def _replaced(event: str, arguments: "tuple[object, ...]") -> None:
    """Somebody else sets a profile function: this thread is no longer seen."""
    me = _get_ident()
    if me not in _setting:
        _silenced.add(me)
        _send(event, arguments, _callers(_getframe(2)))
