"""How far the run comes at the places that it is directed at. A part of `probe.py`.

Where there are none, nothing here is at work. Else each code that is about to be executed is looked at (the audit event "exec"): in that of
a file that a place may be in, the lines that are meant are watched, and no others anywhere. From Python 3.12 on by events local to those
code objects, each line until it was run once; before, by a trace function in every thread, from then on.

Nobody is kept from tracing: a thread with a trace function of the package's is left to that, and what is reached there is not told. Before
3.12, `sys.gettrace` finds none of ours where Python code asks for it.
"""

import sys as _sys
from _thread import get_ident as _get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import Any

    from interpreter.frames import _callers, _file, _getframe, _is_library
    from interpreter.monitoring import _DISABLE, _TOOL, _monitoring
    from interpreter.places import Aim, Unit, _aims_within, _lines_of, _meant, _units
    from interpreter.profiling import _PROFILES, _executed, _get, _profile, _set_profile, _suspended
    from interpreter.text import _CODE
    from interpreter.wire import _is_ours, _send

    Target = tuple[CodeType, str, list[tuple[str, str]], dict[int, list[str]]]
    """Watched code: itself, its file, what to tell when it is entered (a place's number and how it is reached), and places by line."""

_REACHED = "reached"
_SETUP, _STRING = "setup.py", "<string>"
_SETUP_RUNNERS = ("/setuptools/build_meta.py", "/distutils/core.py", "/_distutils/core.py")
"""What executes the text of a build script, which then has no file of its own."""
_MAX_FILES = 50_000
_LINE = 0 if _monitoring is None else _monitoring.events.LINE
_gettrace, _settrace = _sys.gettrace, _sys.settrace

_aims = {}  # type: dict[str, list[Aim]]
_aims_of_files = {}  # type: dict[str, list[Aim]]
_targets = {}  # type: dict[int, Target]
"""What is watched, by the code objects' identities."""
_reached = set[tuple[str, ...]]()
_awaited = set[int]()
"""Code objects of modules that are about to be executed, before Python 3.12."""
_directed = set[str]()
"""What the modules of watched code call themselves."""
_setting_trace, _hiding_trace = set[int](), set[int]()
"""Threads in which the trace function is being changed from in here, or does not show."""


def _begun(event: str, arguments: "tuple[Any, ...]") -> None:
    """Code is about to be executed."""
    if _PROFILES:
        _executed(event, arguments)
    code = arguments[0]
    if type(code) is not _CODE or str.__str__(code.co_name) != "<module>":
        return
    file = str.__str__(code.co_filename)
    if file == _STRING and _SETUP in _aims and _file(_getframe(2)).endswith(_SETUP_RUNNERS):
        file = _SETUP
    found = _aims_of_files.get(file)
    if found is None:
        folder, _, name = file.rpartition("/")
        found = _aims_within(_aims.get(name, []), folder.rpartition("/")[2]) if not _is_library(file) else []
        if len(_aims_of_files) < _MAX_FILES:
            _aims_of_files[file] = found
    if found:
        _direct(code, file, found)


def _direct(module: "CodeType", file: str, aims: "list[Aim]") -> None:
    """Tells that a file's module begins, and watches what is meant in it."""
    units = _units(module)
    lines = sorted({line for unit in units for line in unit[3]})
    for aim in aims:
        found = _meant(aim, units, lines) if aim[2] or aim[4] else None
        unit, line = found or (units[0], 0)
        where = (unit[0], unit[2][0].co_firstlineno, max(unit[3])) if unit[1] and unit[3] else ()
        _tell_reached((aim[0], "module"), file, 1, where)
        if found is not None:
            _watch(file, aim, unit, line)
    if _PROFILES:
        _awaited.add(id(module))
        _trace_here()
        return
    _monitoring.register_callback(_TOOL, _LINE, _lined)
    for unit in units:
        for code in unit[2]:
            if id(code) in _targets:
                _monitoring.set_local_events(_TOOL, code, _LINE)


def _watch(file: str, aim: "Aim", unit: "Unit", line: int) -> None:
    """Watches a line of a function or a module, or its begin."""
    number, function = aim[0], unit[2][0]
    if unit[1]:
        _target(function, file)[2].append((number, "line" if aim[2] and not line else "function"))
    for code in unit[2] if line else ():
        if line in _lines_of(code):
            _target(code, file)[3].setdefault(line, []).append(number)


def _target(code: "CodeType", file: str) -> "Target":
    return _targets.setdefault(id(code), (code, file, [], {}))


def _passed(target: "Target", line: int) -> None:
    """A line of watched code is about to be run, or the code was entered there."""
    code, file, entered, lines = target
    while entered:
        _tell_reached(entered.pop(), file, line, ())
    for number in lines.pop(line, ()):
        _tell_reached((number, "line"), file, line, ())
    if not lines:
        _targets.pop(id(code), None)


def _tell_reached(what: "tuple[str, str]", file: str, line: int, where: "tuple[object, ...]") -> None:
    """Tells it once; of the module's begin, with the function that the place is in, and its first and last line."""
    if (*what, file) not in _reached:
        _reached.add((*what, file))
        _send(_REACHED, (*what, *where), [(file, line, "")])


def _lined(code: "CodeType", line: int) -> object:
    """The callback of a line, which is not seen again."""
    try:
        target = _targets.get(id(code))
        if target is not None:
            _passed(target, line)
    except Exception as error:
        if not _is_ours(error):
            raise
    return _DISABLE


def _traced(frame: "FrameType", event: str, _argument: object) -> "Callable[..., Any] | None":
    """The trace function before Python 3.12. A frame's code is looked at last, since that is an audit event."""
    try:
        if event != "call":
            return None
        if not _targets:
            _set_trace(None)
            return None
        name = _get(frame.f_globals, "__name__")
        if not _awaited and (type(name) is not str or name not in _directed):
            return None
        code = frame.f_code
        if id(code) in _awaited:
            _awaited.discard(id(code))
            if type(name) is str:
                _directed.add(name)
        target = _targets.get(id(code))
        return _stepping(target) if target is not None else None
    except Exception as error:
        if not _is_ours(error):
            raise
    return None


def _stepping(target: "Target") -> "Callable[..., Any]":
    """The trace function of one call of watched code."""

    def stepped(frame: "FrameType", event: str, _argument: object) -> "Callable[..., Any] | None":
        try:
            if event == "line":
                _passed(target, frame.f_lineno or 0)
        except Exception as error:
            if not _is_ours(error):
                raise
        return stepped if target[3] else None

    return stepped


def _trace_here() -> None:
    """Sets this thread's trace function, where there is none and something to watch."""
    if _targets and _gettrace() is None:
        me = _get_ident()
        if me not in _hiding_trace and me not in _suspended:
            _set_trace(_traced)


def _pause_trace() -> None:
    """Takes this thread's trace function away, as the profile function is (`profiling.py`)."""
    if _targets and _gettrace() is _traced:
        _set_trace(None)


def _set_trace(function: "Any") -> None:
    """Sets this thread's trace function, unless it is at that already: the audit event of doing so comes to the hook."""
    me = _get_ident()
    if me in _setting_trace:
        return
    try:
        _setting_trace.add(me)
        for _ in range(1000):
            try:
                _settrace(function)
            except RuntimeError as error:  # another thread is at it, since audit hooks let others run
                if _is_ours(error):
                    continue
                raise
            return
    finally:
        _setting_trace.discard(me)


def _tracing(event: str, arguments: "tuple[object, ...]") -> None:
    """Somebody else sets a trace function."""
    if _get_ident() not in _setting_trace:
        _send(event, arguments, _callers(_getframe(2)))


def _hide_trace() -> None:
    """Has `sys.gettrace`, which is about to be called, find nothing."""
    if _gettrace() is _traced:
        _hiding_trace.add(_get_ident())
        _set_trace(None)
        _set_profile(_shown_again)


def _shown_again(_frame: "FrameType", _event: str, _argument: object) -> None:
    """The profile function until that call has returned."""
    try:
        _set_profile(_profile)
        _hiding_trace.discard(_get_ident())
        _trace_here()
    except Exception as error:
        if not _is_ours(error):
            raise
