"""What the run is directed at in a module: which of its functions and classes are called first, and called although they are private."""

from __future__ import annotations

from exercise.kept import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

keep(globals())

_FUNCTION, _CODE = type(lambda: None), type((lambda: None).__code__)
_MAX_DEPTH = 20


class Aims:
    """The places of one module: first line, last line, and a function's qualified name, of which either may be missing (0, "")."""

    def __init__(self, places: list[list[Any]]) -> None:
        self._places: list[tuple[int, int, str]] = [(line, last, function) for line, last, function in places]

    def __bool__(self) -> bool:
        return bool(self._places)

    def has(self, function: Any, name: str) -> bool:
        """Whether a function of Python code, qualified as `name` in its module, is one of these places, or has one in it."""
        code = function.__code__ if type(function) is _FUNCTION else None
        for line, last, named in self._places:
            if named and (named == name or named.startswith(f"{name}.<locals>.")):
                return True
            if line and code is not None and code.co_firstlineno <= last and line <= _last(code, 0):
                return True
        return False

    def in_class(self, name: str) -> bool:
        """Whether a place is named by a function in a class of this qualified name."""
        return any(named.startswith(f"{name}.") for _, _, named in self._places)


def _last(code: CodeType, depth: int) -> int:
    """The last line of a code object and all within it; before Python 3.10, one that is not before it."""
    if hasattr(code, "co_lines"):
        last = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
    else:
        last = code.co_firstlineno + sum(step for step in code.co_lnotab[1::2] if step < 128)
    if depth > _MAX_DEPTH:
        return last
    return max([last, *(_last(one, depth + 1) for one in code.co_consts if type(one) is _CODE)])
