"""A confirmation as Markdown, short enough for a comment on a pull request; text of the package and of the scanner is harmless there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from analyzer.render.confirmation import by_answer, by_reason, place_words, rule_words
from analyzer.render.markdown.text import code, text
from analyzer.render.units import plural

if TYPE_CHECKING:
    from analyzer.model.confirmation import Answer, Confirmation

_ROWS: Final = 60
_REASONS: Final = 10
_CELL: Final = 400
_TITLES: Final = {"confirmed": "Confirmed", "not triggered": "Not triggered"}


def render_markdown_confirmation(confirmation: Confirmation) -> str:
    """The confirmation as one Markdown document: counts, then a table of each answer."""
    package, counts = confirmation.package, confirmation.counts
    name = code(f"{package.name} {package.version}".strip())
    done = f"{counts.confirmed:,} confirmed, {counts.not_triggered:,} not triggered, {counts.not_observable:,} not observable"
    asked = f"{plural(len(confirmation.answers), 'finding')} of {code(confirmation.input.name)}"
    lines = [f"### {name}: {done}", "", f"{asked}; the run is {confirmation.completeness.status}.", ""]
    lines += _notes(confirmation)
    groups = by_answer(confirmation)
    for answer, title in _TITLES.items():
        lines += _table(title, groups.get(answer, []))
    lines += _not_observable(groups.get("not observable", []))
    lines += [f"{text(package.generator)}, {text(package.created)}".strip(", "), ""]
    return "\n".join(lines)


def _notes(confirmation: Confirmation) -> Iterator[str]:
    notes = [*(f"not everything was seen: {text(one)}" for one in confirmation.completeness.reasons)]
    notes += [text(one) for one in confirmation.input.notes]
    yield from (f"- {note}" for note in notes[:_REASONS])
    if len(notes) > _REASONS:
        yield f"- … and {len(notes) - _REASONS:,} more"
    if notes:
        yield ""


def _table(title: str, answers: list[Answer]) -> Iterator[str]:
    if not answers:
        return
    yield f"#### {title}"
    yield ""
    yield "| rule | place | why | for example |"
    yield "|---|---|---|---|"
    for one in answers[:_ROWS]:
        example = code(one.evidence[0].detail, 120) if one.evidence else ""
        place = place_words(one.finding)
        yield f"| {text(rule_words(one.finding))} | {code(place) if place else ''} | {text(one.why, _CELL)} | {example} |"
    if len(answers) > _ROWS:
        yield f"| … and {len(answers) - _ROWS:,} more | | | |"
    yield ""


def _not_observable(answers: list[Answer]) -> Iterator[str]:
    """A row for each reason, folded away."""
    if not answers:
        return
    yield f"<details><summary>{plural(len(answers), 'finding')} not observable</summary>"
    yield ""
    yield "| findings | rules | why |"
    yield "|---|---|---|"
    groups = list(by_reason(answers).items())
    for why, found in groups[:_ROWS]:
        rules = list(dict.fromkeys(rule_words(one.finding) for one in found))
        yield f"| {len(found):,} | {text(', '.join(rules), 200)} | {text(why, _CELL)} |"
    if len(groups) > _ROWS:
        yield f"| | … and {len(groups) - _ROWS:,} more reasons | |"
    yield ""
    yield "</details>"
    yield ""
