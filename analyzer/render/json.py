"""The JSON report, and other documents of a model: the model's own keys, the contract that other tools read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analyzer.render.text import is_visible

if TYPE_CHECKING:
    from analyzer.model.base import Model

_BEYOND_ASCII = re.compile(r"[^\n -~]")


def render_json(report: Model) -> str:
    """The report as a JSON document, indented by two, ending in a newline.

    Visible text of any script stays readable; every control, bidi or zero-width character is an escape, so that the
    document may be shown in a terminal, put into JavaScript, and read back to an equal report.
    """
    return visible_json(report.model_dump_json(indent=2)) + "\n"


def visible_json(document: str) -> str:
    """A JSON document with escapes for every character that cannot be seen."""
    escapes = _Escapes()
    return _BEYOND_ASCII.sub(lambda match: escapes[match[0]], document)


class _Escapes(dict[str, str]):
    """Each character as it stands in a string literal (outside of them JSON is ASCII): as UTF-16 escapes unless it is visible."""

    def __missing__(self, char: str) -> str:
        units = char.encode("utf-16-be")
        escape = "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
        self[char] = char if is_visible(char) else escape
        return self[char]
