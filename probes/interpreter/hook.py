"""The audit hook. A part of `probe.py`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from interpreter.checks import _BEAT_SECONDS, _beat, _heard
    from interpreter.frames import _asker, _callers, _getframe, _is_library, _nearest
    from interpreter.profiling import _PROFILES, _executed, _profile_here
    from interpreter.text import _plain
    from interpreter.watched import _ASKED, _CIPHERS, _LIBRARY, _QUIET
    from interpreter.wire import _is_ours, _monotonic, _send, _spoken, _tell

_GREETING = "encodings.greeting"
_answers = {}  # type: dict[str, Any]
"""What answers an audit event, by its name."""


def _hook(event: str, arguments: "tuple[Any, ...]") -> None:
    """The audit hook."""
    try:
        if event == "object.__getattr__":  # before Python 3.12, each look at a frame's code
            _heard[0] = True
            return
        answer = _answers.get(event)
        if answer is not None:
            answer(event, arguments)
        if _PROFILES:
            _profile_here()
        if _monotonic() - _spoken["last"] > _BEAT_SECONDS:
            _beat(event, ())
    except Exception as error:
        if not _is_ours(error):
            raise


def _watched(event: str, arguments: "tuple[Any, ...]") -> None:
    """Told each time."""
    _send(event, arguments, _callers(_getframe(2)))


def _opened(event: str, arguments: "tuple[Any, ...]") -> None:
    """Told if it is not of a descriptor, of the standard library, or of a module that is only read."""
    path, _, flags = arguments
    if issubclass(type(path), (str, bytes)):
        text = _plain(path)
        writes = type(flags) is int and flags & 3
        if not text.startswith(_LIBRARY) and (writes or not text.endswith(_QUIET)):
            _send(event, arguments, _callers(_getframe(2)))


def _asked(event: str, arguments: "tuple[Any, ...]") -> None:
    """Told where no other files of the standard library than those named stand in between."""
    if event == "compile" and arguments and arguments[0] is None:
        return  # of a syntax tree
    asker = _asker(_getframe(2), _ASKED[event], None)
    if asker is not None and arguments:
        _tell(event, arguments[1:] if event == "socket.__new__" else arguments, asker)


def _imported(event: str, arguments: "tuple[Any, ...]") -> None:
    """Told of modules that encrypt, and of those in C, with their file, before they are loaded."""
    if type(arguments[0]) is str and arguments[0] in _CIPHERS:
        _tell(event, arguments[:1], _nearest(_getframe(2)))
    if type(arguments[1]) is str and not _is_library(arguments[1]):
        _send("import.native", arguments[:2], _callers(_getframe(2)))
    if _PROFILES and arguments[1] is not None:
        _executed(event, arguments)


def _greeted(_event: str, arguments: "tuple[Any, ...]") -> None:
    """Another copy of all this asks whether there is one already."""
    if arguments and type(arguments[0]) is list:
        arguments[0].append(True)
