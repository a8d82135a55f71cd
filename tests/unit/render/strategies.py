"""Reports of any shape, with a hostile text wherever a text may stand; for hypothesis."""

from __future__ import annotations

import types
from random import Random
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from analyzer.model.base import encodable
from analyzer.model.report import ProcessNode, Report

PIECES = (
    "\x1b[2J", "\x1b]0;owned\x07", "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "\x1b]52;c;b3duZWQ=\x07", "\x1bP\x1b\\", "\x9b31m", "\x9d0;x\x9c",
    "\x07", "\x08", "\x7f", "\r", "\n", "\r\n", "\t", "\x00", "\x85", "\u2028", "\u2029", "\u202e", "\u202c", "\u2066", "\u2069", "\u200b", "\u200d", "\u2060", "\ufeff",
    "\u0301" * 9, "\u20dd" * 4, "\u180e", "\u3164", "\U000e0041", "\ufe0f", "\ud800", "\udcff", "\ue000", "\u0378",
    "[bold red]", "[/]", "[link=https://evil.example]x[/link]", ":smile:", "<script>window.__owned=1</script>", "</script>", "</style>", "<!--", "-->", "]]>", "<![CDATA[",
    "\"><img src=x onerror='window.__owned=1'>", "' onmouseover='window.__owned=1", "javascript:window.__owned=1", "<svg/onload=window.__owned=1>", "&lt;", "&#60;", "&",
    "{{ 7*7 }}", "{% raw %}", "${7*7}", "=1+1", ",", ";", "|", "`id`", "$(id)", "[x](https://evil.example)", "\\", "\\n", "\\u202e", "'", '"', "..", "/", "../../x",
    "import of ", "call of ", "script ", "/site-packages/", "fumehood: ", "COMPLETE", "NaN", "1e999", "Infinity", "null", "a", " ",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=6).map("".join)
LONG = st.builds(lambda text, times: text * times, st.sampled_from(PIECES), st.integers(100, 1000))
NUMBERS = (0, 1, -1, 2**31, 2**63 - 1, -(2**63), 10**30)
FRACTIONS = (0.0, -0.0, 1.5, 1e11, -1e300, 1e300, 5e-324)


def reports() -> st.SearchStrategy[Report]:
    """Reports as they can be, every list with a few entries; the texts are drawn, and what stands where by a number."""
    return st.builds(made_report, st.lists(TEXTS, min_size=1, max_size=8), LONG, st.integers(0, 2**32))


def made_report(texts: list[str], long: str, seed: int) -> Report:
    """A report that these texts and some of the pieces stand in."""
    chosen = Random(seed)
    return Report.model_validate(_model(Report, chosen, [*texts, *chosen.sample(PIECES, 12), long]))


def _model(kind: type[BaseModel], chosen: Random, texts: list[str]) -> dict[str, Any]:
    return {
        name: [] if kind is ProcessNode and name == "children" else _field(field, chosen, texts)
        for name, field in kind.model_fields.items()
    }


def _field(field: FieldInfo, chosen: Random, texts: list[str]) -> Any:
    # What is no `Text` is a word of ours, of which at most an engine or a report from a stranger's file has a say.
    as_it_is = field.annotation is str and field.metadata
    return chosen.choice(texts) if as_it_is else _value(field.annotation, chosen, texts)


def _value(annotation: Any, chosen: Random, texts: list[str]) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model(annotation, chosen, texts)
    if origin is Literal:
        return chosen.choice(arguments)
    if origin is list:
        return [_value(arguments[0], chosen, texts) for _ in range(chosen.randrange(3))]
    if origin in (Union, types.UnionType):
        return _value(chosen.choice(arguments), chosen, texts)
    if origin is Annotated:
        return chosen.choice(texts)
    values = {str: [*map(encodable, texts)], int: NUMBERS, float: FRACTIONS, bool: (False, True), type(None): (None,)}
    return chosen.choice(values[annotation])
