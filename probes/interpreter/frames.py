"""Frames: which are the standard library's, and whose code asked for something. A part of `probe.py`."""

import sys as _sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from interpreter.text import _plain
    from interpreter.watched import _LIBRARY, _SITE

_getframe = _sys._getframe
_LOCALS = type((lambda: _sys._getframe().f_locals)())
_UNKNOWN = object()
_BOOTSTRAP, _EXTERNAL = (vars(_sys.modules[name]) for name in ("_frozen_importlib", "_frozen_importlib_external"))


def _is_library(file: str) -> bool:
    if file.startswith(_LIBRARY):
        return "/site-packages/" not in file and "/dist-packages/" not in file
    return file.startswith("<frozen")


def _file(frame: "FrameType") -> str:
    """The file of a frame's code; a look at the code is an audit event, which most frames of an import are spared."""
    names = frame.f_globals
    if names is _BOOTSTRAP or names is _EXTERNAL:
        return "<frozen importlib>"
    return str.__str__(frame.f_code.co_filename)


def _asker(frame: "FrameType | None", through: "frozenset[str]", names: "frozenset[str] | None") -> "FrameType | None":
    """The nearest frame that is not the standard library's, if on the way to it are only these files and functions."""
    for _ in range(50):
        if frame is None:
            break
        file = _file(frame)
        if not _is_library(file):
            return frame
        if file not in through or (names is not None and str.__str__(frame.f_code.co_name) not in names):
            break
        frame = frame.f_back
    return None


def _nearest(frame: "FrameType | None") -> "FrameType | None":
    """The nearest frame that is not the standard library's."""
    for _ in range(200):
        if frame is None or not _is_library(_file(frame)):
            return frame
        frame = frame.f_back
    return None


def _local(frame: "FrameType", name: str) -> object:
    """A local variable of one of the standard library's functions."""
    found = frame.f_locals
    return _LOCALS.get(found, name, _UNKNOWN) if type(found) is _LOCALS else _UNKNOWN


def _callers(frame: "FrameType | None") -> "list[tuple[str, int, str]]":
    """File, line and module of the nearest frames that are not the standard library's."""
    found = list[tuple[str, int, str]]()
    depth = 0
    while frame is not None and depth < 200 and len(found) < 6:
        file = _file(frame)
        if not _is_library(file):
            module = dict.get(frame.f_globals, "__name__")
            place = (file, frame.f_lineno or 0, "" if module is None else _plain(module))
            found.append(_started_by_site(frame.f_back) or place if file == "<string>" else place)
        frame = frame.f_back
        depth += 1
    return found


def _started_by_site(frame: "FrameType | None") -> "tuple[str, int, str] | None":
    """The `.pth` file and the line of it that `site` executes, whose code has no file of its own."""
    if frame is None or _file(frame) not in _SITE or str.__str__(frame.f_code.co_name) != "addpackage":
        return None
    path, number = _local(frame, "fullname"), _local(frame, "n")
    if type(path) is not str or type(number) is not int:
        return None
    counts_from_0 = _local(frame, "pth_content") is _UNKNOWN
    return path, number + counts_from_0, ""


def _of_caller(frame: "FrameType", name: "str | None") -> "tuple[object, ...]":
    """What a function of the standard library has in a variable, or as its first argument."""
    if not _is_library(_file(frame)):
        return ()
    if name is None:
        name = frame.f_code.co_varnames[0] if frame.f_code.co_argcount else ""
    value = _local(frame, name)
    return () if value is _UNKNOWN else (value,)
