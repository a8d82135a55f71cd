"""Licences under a policy: expressions of SPDX ids, of which the user may choose where there is an `OR`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

UNKNOWN: Final = "unknown"
"""What patterns call a licence that is not known."""

Names = tuple[str, ...]
"""What one licence may be called: with its exception, without it, and without a `+` for later versions."""

_MAX_EXPRESSION: Final = 1000


@cache
def spdx_ids() -> frozenset[str]:
    """All ids of licences and exceptions. Takes a moment: only policies that name licences ask for it."""
    from license_expression import get_license_index

    found = {UNKNOWN}
    for one in get_license_index():
        found |= {one.get("spdx_license_key") or "", *(one.get("other_spdx_license_keys") or ())}
    return frozenset(found - {""})


def severest(expression: str, severity: Callable[[Names], int]) -> tuple[int, Names]:
    """How severe an expression is by a number for each licence, and the licence that makes it so.

    All licences of an `AND` have to be met, so the severest counts; of an `OR` the mildest does. What is no expression is `UNKNOWN`.
    """
    from license_expression import ExpressionError, Licensing

    unknown = (UNKNOWN,)
    if not expression or len(expression) > _MAX_EXPRESSION:
        return severity(unknown), unknown
    try:
        tree = Licensing().parse(expression)
    # What the library's parser lets through beside its own error, as fuzzing showed: an IndexError for "()".
    except (ExpressionError, LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError):
        return severity(unknown), unknown
    return _severest(tree, severity) if tree is not None else (severity(unknown), unknown)


def _severest(tree: Any, severity: Callable[[Names], int]) -> tuple[int, Names]:
    arguments = getattr(tree, "args", ())
    if not arguments:
        names = _names(tree)
        return severity(names), names
    each = [_severest(one, severity) for one in arguments]
    return (min if type(tree).__name__ == "OR" else max)(each, key=lambda one: one[0])


def _names(leaf: Any) -> Names:
    full = str(leaf.render("{symbol.key}"))
    alone = getattr(leaf, "license_symbol", None)
    base = str(alone.key) if alone is not None else full
    return tuple(dict.fromkeys((full, base, base.removesuffix("+"))))
