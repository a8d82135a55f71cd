"""What is given where a well-known type is wanted, by its name."""

from __future__ import annotations

import sys
from importlib import import_module
from io import BytesIO, StringIO
from json.decoder import WHITESPACE  # type: ignore[attr-defined] # a pattern that need not be compiled

from exercise.kept import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

keep(globals())

_TEXT = "The quick brown fox"


def nothing(*_: Any, **__: Any) -> None:
    """Given where something to call is wanted."""


PLAIN: dict[str, Any] = {
    "str": _TEXT, "int": 3, "float": 1.5, "bool": True, "complex": 1j, "bytes": b"The quick brown fox\n", "object": _TEXT, "Any": _TEXT,
    "None": None, "AnyStr": _TEXT, "Text": _TEXT, "LiteralString": _TEXT, "Hashable": _TEXT, "Number": 3, "Real": 1.5, "Integral": 3,
    "SupportsInt": 3, "SupportsFloat": 1.5, "SupportsIndex": 3, "SupportsAbs": 3, "Callable": nothing, "FunctionType": nothing,
    "type": str, "ModuleType": sys, "Pattern": WHITESPACE, "range": range(3), "slice": slice(0, 3), "memoryview": memoryview(b"text"),
    "Buffer": b"text", "ReadableBuffer": b"text", "StrPath": "", "StrOrBytesPath": "", "Ellipsis": ...,
}  # fmt: skip
"""Values that no call can change."""

FRESH: dict[str, Callable[[], Any]] = {
    "bytearray": lambda: bytearray(b"text"), "Exception": lambda: ValueError("text"), "BaseException": lambda: ValueError("text"),
    "StringIO": lambda: StringIO(_TEXT), "TextIO": lambda: StringIO(_TEXT), "TextIOBase": lambda: StringIO(_TEXT),
    "TextIOWrapper": lambda: StringIO(_TEXT), "BytesIO": lambda: BytesIO(b"text"), "BinaryIO": lambda: BytesIO(b"text"),
    "IOBase": lambda: BytesIO(b"text"), "RawIOBase": lambda: BytesIO(b"text"), "BufferedIOBase": lambda: BytesIO(b"text"),
    "BufferedReader": lambda: BytesIO(b"text"),
    "date": lambda: _made("datetime", "date", 2024, 5, 17), "datetime": lambda: _made("datetime", "datetime", 2024, 5, 17, 9, 30),
    "time": lambda: _made("datetime", "time", 9, 30), "timedelta": lambda: _made("datetime", "timedelta", 0, 5),
    "Decimal": lambda: _made("decimal", "Decimal", "1.5"), "Fraction": lambda: _made("fractions", "Fraction", 3, 2),
    "UUID": lambda: _made("uuid", "UUID", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
    "IPv4Address": lambda: _made("ipaddress", "IPv4Address", "192.0.2.25"),
    "IPv6Address": lambda: _made("ipaddress", "IPv6Address", "2001:db8::25"),
    "Namespace": lambda: _made("argparse", "Namespace", name="value"), "SimpleNamespace": lambda: _made("types", "SimpleNamespace"),
    "ArgumentParser": lambda: _made("argparse", "ArgumentParser"), "Logger": lambda: _made("logging", "getLogger", "sample"),
    "LogRecord": lambda: _made("logging", "makeLogRecord", {"msg": _TEXT, "created": 1.0}),
    "Message": lambda: _made("email.message", "Message"), "EmailMessage": lambda: _made("email.message", "EmailMessage"),
    "UserDict": lambda: _made("collections", "UserDict"),
}  # fmt: skip
"""New ones each time."""

PATHS = frozenset({"Path", "PurePath", "PosixPath", "PurePosixPath", "PathLike"})
SEQUENCES: dict[str, Callable[[list[Any]], Any]] = {
    "list": list, "List": list, "Sequence": list, "MutableSequence": list, "Collection": list, "Iterable": list, "Container": list,
    "Reversible": list, "Sized": list, "set": set, "Set": set, "AbstractSet": set, "MutableSet": set, "frozenset": frozenset,
    "FrozenSet": frozenset, "Iterator": iter, "Generator": iter, "deque": lambda one: _made("collections", "deque", one),
}  # fmt: skip
MAPPINGS = frozenset({
    "dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "DefaultDict", "Counter", "ChainMap",
    "MappingProxyType", "UserDict",
})  # fmt: skip
TUPLES = frozenset({"tuple", "Tuple"})
UNIONS = frozenset({"Union", "Optional"})
WRAPPERS = frozenset(
    {"Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "Type", "TypeGuard", "Unpack"}
)


def _made(module: str, called: str, *arguments: Any, **named: Any) -> Any:
    """An object of the standard library, whose module is only imported where the package speaks of it."""
    return getattr(import_module(module), called)(*arguments, **named)
