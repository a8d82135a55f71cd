"""Reads the rule packs. A broken rule is one clear error that names the file and the rule."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml
from pydantic import ValidationError

from analyzer.errors import UsageError
from analyzer.rules.engine import Engine
from analyzer.rules.schema import Pack, Rule
from analyzer.taxonomy import Taxonomy, load

PACKS = files("analyzer.rules").joinpath("packs")


@cache
def engine() -> Engine:
    """The engine with all packs of this version."""
    return Engine(rules(PACKS, load()))


def rules(folder: Traversable, taxonomy: Taxonomy) -> list[Rule]:
    """All rules of a folder's packs. Raises UsageError for a file that is broken or names an unknown behavior."""
    found: list[Rule] = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml"):
            found += _pack(path, taxonomy).rules
    return found


_SHAPES = frozenset({"string_type", "int_type", "int_parsing", "bool_type", "bool_parsing", "list_type", "model_type"})
"""What each alternative of a condition says of a value that is meant for another one."""

_ALTERNATIVES = ("list[", "function-", "Operator", "str", "int", "bool")


def _told(error: ValidationError) -> str:
    """The most telling of the errors, with its place."""
    errors = error.errors()
    one = next((one for one in errors if one["type"] not in _SHAPES), errors[0])
    return f"{_place(one['loc'])}: {' '.join(one['msg'].split())[:400]}"


def _place(location: tuple[int | str, ...]) -> str:
    """Where an error is, with rules counted from 1 as a reader counts them."""
    if location[:1] == ("rules",) and len(location) > 1:
        rest = ".".join(str(part) for part in location[2:] if not str(part).startswith(_ALTERNATIVES))
        return f"rule {int(location[1]) + 1}" + (f", {rest}" if rest else "")
    return ".".join(map(str, location)) or "top level"


def _pack(path: Traversable, taxonomy: Taxonomy) -> Pack:
    try:
        pack = Pack.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"rule file {path.name} is not YAML: {' '.join(str(error).split())[:200]}") from error
    except ValidationError as error:
        raise UsageError(f"rule file {path.name}, {_told(error)}") from error
    for number, rule in enumerate(pack.rules, 1):
        if rule.behavior not in taxonomy:
            raise UsageError(f"rule file {path.name}, rule {number}: the taxonomy has no behavior {rule.behavior!r}")
    return pack
