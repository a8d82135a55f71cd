"""Places in the code that a run is directed at, found in the code of a module before that is run. A part of `probe.py`.

A place is a line, or a function's qualified name. A line belongs to the innermost function that has it, or to the module. The bodies of
classes and comprehensions count as what they stand in, since they run with it. Of a place whose first line has no code, the next line of
it that has some is meant, else the begin of the statement around it; of a place that is a whole function, the function's begin.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from interpreter.text import _BEFORE_3_10, _CODE

    Aim = tuple[str, str, int, int, str]
    """Of a place: its number, the name of the file's folder ("" for any), first and last line, the function's qualified name."""
    Unit = tuple[str, int, list[CodeType], set[int]]
    """A function, or a module: its qualified name, how deep it stands, the code objects that run with it, and their lines."""

_DIRECTIONS = b"<places that the run is directed at>"
"""What the analyzer writes over this: hexadecimal digits of one line a place, of fields that tabs part (`analyzer.sandbox.directions`)."""

_IN_FUNCTIONS = 1
"""Flag of a code object whose variables are no names of a dictionary (inspect.CO_OPTIMIZED): not of a module or a class."""
_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
_ROOTS = frozenset({"site-packages", "dist-packages", "src", "lib", "python"})
"""Folders that hold top-level modules, installed or not."""
_MAX_CONSTANTS, _MAX_DEPTH = 500_000, 50
_PROLOGUE_BYTES = 8
"""Of the instructions that begin a function and do nothing of it, beside those that make cells."""


def _read_aims(settings: bytes) -> "dict[str, list[Aim]]":
    """The places by their file's name."""
    aims = {}  # type: dict[str, list[Aim]]
    if settings[:1] == b"<":
        return aims
    for text in bytes.fromhex(settings.decode()).decode().split("\n"):
        number, name, folder, line, end, function = text.split("\t")
        aims.setdefault(name, []).append((number, folder, int(line), int(end), function))
    return aims


def _aims_within(aims: "list[Aim]", folder: str) -> "list[Aim]":
    """Those that may be in a file of their name in a folder of this name; which file is really meant, the analyzer tells."""
    return [aim for aim in aims if not aim[1] or not folder or aim[1] == folder or folder in _ROOTS]


def _units(module: "CodeType") -> "list[Unit]":
    """The module and all functions in it."""
    whole = "", 0, [module], _lines_of(module)  # type: Unit
    found, left, seen = [whole], [(module, whole, "")], 0
    while left:
        outer, unit, names = left.pop()
        for code in outer.co_consts:
            seen += 1
            if type(code) is _CODE and unit[1] < _MAX_DEPTH and seen < _MAX_CONSTANTS:
                own, inner = _placed(code, unit, names)
                if own is not unit:
                    found.append(own)
                own[2].append(code)
                own[3].update(_lines_of(code))
                left.append((code, own, inner))
    return found


def _placed(code: "CodeType", unit: "Unit", names: str) -> "tuple[Unit, str]":
    """Which function or module a code object within another runs with, and what the names of those within it begin with."""
    name = str.__str__(code.co_name)
    if name in _COMPREHENSIONS or name.startswith("<generic parameters"):
        return unit, names
    if not code.co_flags & _IN_FUNCTIONS:
        return unit, names + name + "."
    return (names + name, unit[1] + 1, [], set()), names + name + ".<locals>."


def _lines_of(code: "CodeType") -> "set[int]":
    """The lines that a code object runs, without the one at which a function is only entered."""
    if str.__str__(code.co_name) == "__annotate__":
        return set()  # which asks for nothing but what the function's own begin names (PEP 649)
    first = code.co_firstlineno
    if _BEFORE_3_10:
        table = code.co_lnotab
        found, line = set() if table[:1] == b"\0" else {first}, first
        for step in table[1::2]:
            line += step - 256 if step >= 128 else step
            found.add(line)
        return found
    ranges = [(end, line) for _, end, line in code.co_lines() if line]
    found = {line for _, line in ranges}
    if len(found) > 1 and code.co_flags & _IN_FUNCTIONS:
        most = _PROLOGUE_BYTES + 2 * len(code.co_cellvars)
        if all(end <= most for end, line in ranges if line == first):
            found.discard(first)
    return found


def _meant(aim: "Aim", units: "list[Unit]", lines: "list[int]") -> "tuple[Unit, int] | None":
    """The function or module that a place is in, and the line that is meant, 0 for its begin. None for one that is not there.

    `lines` are all that have code, in order.
    """
    _, _, first, last, function = aim
    if not first:
        return next(((unit, 0) for unit in units[1:] if unit[0] == function), None)
    whole = [unit for unit in units[1:] if _is_all_of(aim, unit)]
    if whole:
        return max(whole, key=_depth), 0
    at = next((line for line in lines if first <= line <= last), 0)
    having = [unit for unit in units if at in unit[3]]
    if having:
        return max(having, key=_depth), at
    around = [unit for unit in units if unit[3] and unit[2][0].co_firstlineno <= first <= max(unit[3])]
    if not around:
        return None
    inner = max(around, key=_depth)
    return inner, max([line for line in inner[3] if line < first], default=min(inner[3]))


def _is_all_of(aim: "Aim", unit: "Unit") -> bool:
    """Whether a place is a whole function, from its decorators, its name or its first statement on."""
    lines = unit[3]
    return bool(lines) and unit[2][0].co_firstlineno <= aim[2] <= min(lines) and max(lines) <= aim[3]


def _depth(unit: "Unit") -> int:
    return unit[1]
