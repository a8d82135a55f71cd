"""What is wrong in a policy, in one line: where, what, and what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from analyzer.policy.known import nearest
from analyzer.policy.schema import PolicyTable, RuleTable, SuppressionTable

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_MAX_MESSAGE: Final = 300
_MAX_VALUE: Final = 60
_PARTS: Final[dict[str, tuple[str, type[BaseModel]]]] = {
    "rules": ("rule", RuleTable),
    "suppress": ("suppression", SuppressionTable),
}

_WORDS: Final = {
    "missing": "it is missing",
    "model_type": "a table is wanted, not {value}",
    "tuple_type": "a list of tables is wanted ([[policy.{list}]]), not {value}",
    "bool_type": "true or false is wanted, not {value}",
    "string_type": "a text is wanted, not {value}",
    "string_too_short": "at least {min_length} characters are wanted, not {value}",
    "string_too_long": "at most {max_length} characters are wanted, not {value}",
    "too_short": "at least one value is wanted; leave the key out where it does not matter",
    "too_long": "there are more than {max_length} values",
}
"""What pydantic's kinds of errors are called here."""


def mistake(error: ValidationError) -> str:
    """Place and message of the first mistake: ", rule 2, key 'phase': 'instal' is none of …"."""
    errors = error.errors(include_url=False)
    same = [one for one in errors if one["loc"][:3] == errors[0]["loc"][:3]]
    one = max(same, key=lambda one: len(one["loc"]))  # of the alternatives for a value the one that looked into it
    return f"{_place(one['loc'])}: {_message(one)[:_MAX_MESSAGE]}"


def shown(value: object) -> str:
    """A value as it was written, in short."""
    text = repr(value)
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}…"


def _place(steps: tuple[int | str, ...]) -> str:
    match steps:
        case ():
            return ""
        case (("rules" | "suppress") as part, int(number)):
            return f", {_PARTS[part][0]} {number + 1}"
        case (("rules" | "suppress") as part, int(number), key, *_):
            return f", {_PARTS[part][0]} {number + 1}, key {shown(key)}"
        case _:
            return f", key {shown(steps[0])}"


def _message(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return _no_such_key(error["loc"])
    if error["type"] == "literal_error":
        return _none_of(error["input"], error["ctx"]["expected"])
    if error["type"] in _WORDS:
        facts = {
            "value": shown(error["input"]),
            "list": error["loc"][0] if error["loc"] else "",
            **error.get("ctx", {}),
        }
        return _WORDS[error["type"]].format_map(facts)
    return " ".join(error["msg"].split()).removeprefix("Value error, ")


def _no_such_key(steps: tuple[int | str, ...]) -> str:
    table = _PARTS[str(steps[0])][1] if len(steps) > 1 else PolicyTable
    keys = [field.alias or name for name, field in table.model_fields.items()]
    near = nearest(str(steps[-1]), keys)
    return "there is no such key; " + (f"the nearest is {near!r}" if near else f"there are {', '.join(keys)}")


def _none_of(value: object, expected: str) -> str:
    """`expected` is as pydantic says it: 'a', 'b' or 'c'."""
    near = nearest(str(value)[:_MAX_VALUE], expected.replace(" or ", ", ").replace("'", "").split(", "))
    return f"{shown(value)} is none of {expected}" + (f"; the nearest is {near!r}" if near else "")
