"""The formats of a confirmation, by their names; each renders it to a text. `table` is what the terminal shows without colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Final

from analyzer.errors import UsageError
from analyzer.render.json import render_json

if TYPE_CHECKING:
    from analyzer.model.confirmation import Answer, Confirmation, Finding

_WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class ConfirmationRenderer:
    """One format: its name on the command line, the suffix of its files, and a pure function.

    The function takes the confirmation and the document that was read, which is empty unless that is SARIF.
    """

    format: str
    suffix: str
    render: Callable[[Confirmation, bytes], str]


def render_confirmation_json(confirmation: Confirmation, document: bytes = b"") -> str:  # noqa: ARG001 the shape of all renderers
    """The confirmation's own keys."""
    return render_json(confirmation)


def render_confirmation_sarif(confirmation: Confirmation, document: bytes = b"") -> str:
    """The document that was read with the answers in, or one that is made of the findings."""
    from analyzer.render.sarif.confirmation import with_answers

    return with_answers(confirmation, document)


def render_confirmation_markdown(confirmation: Confirmation, document: bytes = b"") -> str:  # noqa: ARG001 the shape of all renderers
    """For a pull request."""
    from analyzer.render.markdown.confirmation import render_markdown_confirmation

    return render_markdown_confirmation(confirmation)


def render_confirmation_table(confirmation: Confirmation, document: bytes = b"") -> str:  # noqa: ARG001 the shape of all renderers
    """What the terminal shows, as plain text."""
    from rich.console import Console

    from analyzer.render.terminal.confirmation import show_confirmation

    out = StringIO()
    Console(file=out, width=_WIDTH, color_system=None, highlight=False).print(show_confirmation(confirmation))
    return out.getvalue()


CONFIRMATION_RENDERERS: Final[dict[str, ConfirmationRenderer]] = {
    one.format: one
    for one in (
        ConfirmationRenderer("table", ".txt", render_confirmation_table),
        ConfirmationRenderer("json", ".json", render_confirmation_json),
        ConfirmationRenderer("sarif", ".sarif", render_confirmation_sarif),
        ConfirmationRenderer("markdown", ".md", render_confirmation_markdown),
    )
}
"""Every format of a confirmation, by its name."""


def find_confirmation_renderer(name: str) -> ConfirmationRenderer:
    """The renderer of a format. Raises UsageError, which lists those that there are, for another name."""
    found = CONFIRMATION_RENDERERS.get(name)
    if found is None:
        known = ", ".join(sorted(CONFIRMATION_RENDERERS))
        raise UsageError(f"unknown format {name!r} of a confirmation; known formats are {known}")
    return found


def place_words(finding: Finding) -> str:
    """Where a finding points, in the scanner's words: "pkg/a.py:3-5", "pkg.a:Client.get"; "" for nowhere."""
    named = (
        f"{finding.module}:{finding.function}"
        if finding.module and finding.function
        else finding.function or finding.module
    )
    if not finding.file:
        return named
    lines = f":{finding.line}" if finding.line else ""
    lines += f"-{finding.end_line}" if finding.line and finding.end_line > finding.line else ""
    return f"{finding.file}{lines}" + (f" in {finding.function}" if finding.function else "")


def rule_words(finding: Finding) -> str:
    """Scanner and rule, with the severity that the scanner gives."""
    return f"{finding.tool} {finding.rule}" + (f" ({finding.severity})" if finding.severity else "")


def by_answer(confirmation: Confirmation) -> dict[str, list[Answer]]:
    """The answers by their names, in the order of the findings."""
    groups: dict[str, list[Answer]] = {}
    for one in confirmation.answers:
        groups.setdefault(one.answer, []).append(one)
    return groups


def by_reason(answers: list[Answer]) -> dict[str, list[Answer]]:
    """Answers by why they are so: one reason often holds for many findings."""
    groups: dict[str, list[Answer]] = {}
    for one in answers:
        groups.setdefault(one.why, []).append(one)
    return groups
