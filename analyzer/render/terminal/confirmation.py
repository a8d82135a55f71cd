"""What `fumehood confirm` prints: how far the run can be trusted, then the findings by their answers, with the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from analyzer.render.confirmation import by_answer, by_reason, place_words, rule_words
from analyzer.render.terminal.layout import DIM, STATUS_STYLES, heading, paragraph, words
from analyzer.render.text import safe_text
from analyzer.render.units import plural
from analyzer.render.wording import moment, place

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.model.confirmation import Answer, Confirmation
    from analyzer.model.report import Evidence

_SHOWN: Final = 60
"""Findings of one answer; all of them stand in the other formats."""

_REASONS: Final = 40
_PLACES: Final = 4
_EVIDENCES: Final = 2
_NOTES: Final = 5
_STYLES: Final = {"confirmed": "bold red", "not triggered": "bold yellow", "not observable": "dim"}
_TITLES: Final = {
    "confirmed": "Confirmed: the behavior was seen",
    "not triggered": "Not triggered: it could have been seen, and was not",
    "not observable": "Not observable: no run of this package tells",
}


def show_confirmation(confirmation: Confirmation) -> Group:
    """The confirmation as a renderable, for a console of any width from 60 columns on."""
    lines: list[RenderableType] = [_headline(confirmation), *_circumstances(confirmation)]
    groups = by_answer(confirmation)
    for answer in ("confirmed", "not triggered"):
        found = groups.get(answer, [])
        if found:
            lines.append(heading(_TITLES[answer], f"{len(found):,}"))
            for one in found[:_SHOWN]:
                lines += _finding(one)
            lines += _more(len(found) - _SHOWN, "findings; -o json=PATH has all")
    lines += _not_observable(groups.get("not observable", []))
    return Group(*lines)


def _headline(confirmation: Confirmation) -> RenderableType:
    counts, package = confirmation.counts, confirmation.package
    text = Text.assemble((f"{words(package.name)} {words(package.version)} ", "bold"))
    text.append("· ").append(f"{counts.confirmed:,} CONFIRMED", _STYLES["confirmed"] if counts.confirmed else DIM)
    text.append(f" · {counts.not_triggered:,} not triggered · {counts.not_observable:,} not observable")
    return paragraph(0, text)


def _circumstances(confirmation: Confirmation) -> list[RenderableType]:
    status, asked = confirmation.completeness, confirmation.input
    tools = ", ".join(words(tool) for tool in asked.tools[:_PLACES])
    said = f"{plural(len(confirmation.answers), 'finding')} of {words(asked.name)}" + (f" ({tools})" if tools else "")
    lines: list[RenderableType] = [
        paragraph(2, Text.assemble((status.status.upper(), STATUS_STYLES[status.status]), (f" run · {said}", DIM)))
    ]
    notes = [*status.reasons[:_NOTES], *asked.notes[:_NOTES]]
    left = len(status.reasons) + len(asked.notes) - len(notes)
    return lines + [paragraph(2, safe_text(note, 400), "! ") for note in notes] + _more(left, "notes")


def _finding(one: Answer) -> list[RenderableType]:
    """Rule and place, why, and the evidence."""
    where = place_words(one.finding)
    title = Text.assemble(
        (safe_text(where, 200) if where else "the package", "bold"), f"  {safe_text(rule_words(one.finding), 200)}"
    )
    lines: list[RenderableType] = [paragraph(2, title)]
    if one.finding.message:
        lines.append(paragraph(4, Text(safe_text(one.finding.message, 240), DIM)))
    lines.append(paragraph(4, safe_text(_sentence(one.why), 700), Text("→ ", _STYLES[one.answer])))
    lines += [paragraph(6, _evidence(each), "- ") for each in one.evidence[:_EVIDENCES]]
    return lines + _more(one.evidence_count - min(len(one.evidence), _EVIDENCES), "times", 6)


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _evidence(evidence: Evidence) -> Text:
    context = ", ".join(part for part in (place(evidence.location), moment(evidence.phase, evidence.during)) if part)
    return Text.assemble(safe_text(evidence.detail, 200), (f" ({context})", DIM))


def _not_observable(found: list[Answer]) -> list[RenderableType]:
    """A reason each, with the rules and the places that it holds for."""
    if not found:
        return []
    lines: list[RenderableType] = [heading(_TITLES["not observable"], f"{len(found):,}")]
    groups = list(by_reason(found).items())
    for why, answers in groups[:_REASONS]:
        rules = list(dict.fromkeys(rule_words(one.finding) for one in answers))
        shown = ", ".join(safe_text(rule, 120) for rule in rules[:_PLACES])
        count = f" · {len(answers):,} findings" if len(answers) > 1 else ""
        lines.append(
            paragraph(2, Text.assemble((shown + (" …" if len(rules) > _PLACES else ""), "bold"), (count, DIM)))
        )
        lines.append(paragraph(4, safe_text(_sentence(why), 700), Text("→ ", DIM)))
        places = [place for one in answers if (place := place_words(one.finding))]
        if places:
            more = f" … and {len(places) - _PLACES:,} more" if len(places) > _PLACES else ""
            lines.append(paragraph(4, Text(", ".join(safe_text(one, 120) for one in places[:_PLACES]) + more, DIM)))
    return lines + _more(len(groups) - _REASONS, "reasons; -o json=PATH has all")


def _more(count: int, what: str, indent: int = 2) -> list[RenderableType]:
    return [paragraph(indent, Text(f"… and {count:,} more {what}", DIM))] if count > 0 else []
