"""A value as text, and text as JSON: without a call of any method of the package's, and bounded. A part of `probe.py`."""

import sys as _sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from interpreter.wire import _is_ours

_MAX_TEXT = 300
_SYSTEM = _sys.__dict__
_BEFORE_3_10 = _sys.version_info < (3, 10)
_BUILTIN, _METHOD = type(_SYSTEM["exit"]), type(str.join)
_BUILTIN_METHOD = type.__subclasses__(_BUILTIN)[0]
"""Of a method in C that is told its class."""
_FUNCTION, _CODE = type(lambda: None), type((lambda: None).__code__)

_NAME_OF, _MODULE_OF, _BASES_OF, _DICT_OF = (
    type.__dict__[name].__get__ for name in ("__name__", "__module__", "__mro__", "__dict__")
)
_SLOT, _GETTER = type(type.__dict__["__basicsize__"]), type(type.__dict__["__dict__"])


def _text(value: "Any") -> str:
    """A value as text, without a call of its own methods; of a list, the items' texts."""
    for kind in (list, tuple):
        if issubclass(type(value), kind):
            return " ".join([_plain(one) for one in kind.__getitem__(value, slice(20))])[:_MAX_TEXT]
    return _plain(value)


def _plain(value: "Any") -> str:
    kind = type(value)
    if issubclass(kind, str):
        return str.__str__(str.__getitem__(value, slice(_MAX_TEXT)))
    if issubclass(kind, bytes):
        start: bytes = bytes.__getitem__(value, slice(_MAX_TEXT * 4))
        return start.decode("utf-8", "replace")[:_MAX_TEXT]
    if issubclass(kind, int) and int.bit_length(value) <= 64:
        return int.__repr__(value)
    if _is_a(kind, "PurePath", "pathlib") or _is_a(kind, "PurePath", "pathlib._local"):
        return _path(value, kind)
    return "<" + _names(kind)[0][:_MAX_TEXT] + ">"


def _path(value: "Any", kind: type) -> str:
    """The text of an object of pathlib's, from the slots in which its versions keep it."""
    for name in ("_str", "_raw_paths", "_parts"):
        slots = [one for base in _BASES_OF(kind) if type(one := _DICT_OF(base).get(name)) is _SLOT]
        try:
            held = slots[0].__get__(value) if slots else None
        except AttributeError as error:  # not set yet
            if not _is_ours(error):
                raise
            continue
        if type(held) is str:
            return held[:_MAX_TEXT]
        if type(held) is list and held:
            parts = [one for one in held[:_MAX_TEXT] if type(one) is str]
            roots = [place for place, one in enumerate(parts) if one.startswith("/")]
            return "/".join(parts[max(roots, default=0) :]).replace("//", "/", 1)[:_MAX_TEXT]
    return "<" + _names(kind)[0][:_MAX_TEXT] + ">"


def _names(kind: type) -> "tuple[str, str]":
    """A class's own name and module, past its metaclass."""
    module = _MODULE_OF(kind)
    return str.__str__(_NAME_OF(kind)), module if type(module) is str else ""


def _is_a(kind: type, name: str, module: str) -> bool:
    return (name, module) in [_names(base) for base in _BASES_OF(kind)]


def _quote(text: str, most: int) -> str:
    """A JSON string of at most `most` bytes between the quotes; what is longer is cut."""
    if len(text) <= most and text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return '"' + text + '"'
    pieces = []
    for character in text:
        code = ord(character)
        if character in '"\\':
            piece = "\\" + character
        elif 32 <= code < 127:
            piece = character
        elif code < 0x10000:
            piece = f"\\u{code:04x}"
        else:
            code -= 0x10000
            piece = f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
        most -= len(piece)
        if most < 0:
            break
        pieces.append(piece)
    return '"' + "".join(pieces) + '"'
