"""Annotations that are texts are read, never evaluated, whatever they hold."""

from __future__ import annotations

from typing import Any

import pytest
from exercise.hints import Hint, hint
from hypothesis import given
from hypothesis import strategies as st


def told(found: Hint | None) -> Any:
    """A hint as text."""
    if found is None:
        return "?"
    name = found.origin if isinstance(found.origin, str) else found.origin.__name__
    inner = ", ".join(str(told(one)) if isinstance(one, Hint) or one is None else repr(one) for one in found.inner)
    return f"{name}[{inner}]" if found.inner else name


class Own:
    """A class of somebody's own."""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("int", "int"),
        ("None", "None"),
        ("Optional[int]", "Optional[int]"),
        ("typing.Union[str, None]", "Union[str, None]"),
        ("int | str | None", "Union[int, str, None]"),
        ("dict[str, list[Own]]", "dict[str, list[Own]]"),
        ("Callable[[int, str], None]", "Callable[?, None]"),
        ("Literal['a', 3, True]", "Literal['a', 3, True]"),
        ("Annotated[int, 'text, with [brackets]']", "int"),
        ("'Own'", "Own"),
        ("tuple[int, ...]", "tuple[int, ?]"),
        ("missing.module.Thing[int]", "Thing[int]"),
        ("", "?"),
        ("int int", "?"),
        ("[", "?"),
        ("int[", "int"),
        ("print('never')", "?"),
    ],
)
def test_texts(text: str, wanted: str) -> None:
    assert told(hint(text, {"Own": Own})) == wanted


@given(st.text(alphabet="abO|[],.'\" 3-", max_size=60))
def test_any_text_is_taken(text: str) -> None:
    told(hint(text, {"O": Own, "a": "b", "b": "a"}))


def test_a_long_text_says_nothing() -> None:
    assert hint("int | " * 200 + "int", {}) is None


def test_names_that_stand_for_each_other_come_to_an_end() -> None:
    names: dict[str, Any] = {}
    from typing import ForwardRef

    names["a"] = ForwardRef("a")
    assert told(hint("a", names)) in {"?", "a"}
