"""What `vet` prints: the verdict for all, one line for each package, why not, and what could not be analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from analyzer.render.terminal.layout import DIM, STATUS_STYLES, heading, labelled, paragraph, words
from analyzer.render.terminal.verdict import DECISION_STYLES, show_verdict, verdict_line
from analyzer.render.text import safe_text
from analyzer.render.units import list_text, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from analyzer.model.verdict import Decision
    from analyzer.model.vetting import Numbers, Vetted

AT_LENGTH: Final = 50
"""Packages whose reasons are told at length; `-o json` and `-o folder` have those of all."""

_NOTES: Final = 20
_TEXT: Final = 600
_PLACES: Final = 3


def summarize_vetting(
    vetted: Sequence[Vetted], numbers: Numbers, decision: Decision | None, policy: str, notes: Sequence[str]
) -> Group:
    """All of it, for a console of any width from 60 columns on. `vetted` is in the order in which it is told."""
    lines: list[RenderableType] = [_headline(numbers, decision, policy), Text()]
    for one in vetted:
        lines += _line(one)
    doubtful = [one for one in vetted if one.verdict is not None and one.decision != "APPROVE"]
    for one in doubtful[:AT_LENGTH]:
        if one.verdict is not None:
            lines.append(show_verdict(one.name, one.verdict))
    if len(doubtful) > AT_LENGTH:
        lines.append(paragraph(0, Text(f"… and {len(doubtful) - AT_LENGTH:,} more packages", DIM)))
    return Group(*lines, *_not_analysed(vetted), *_passed_over(notes))


def result_line(one: Vetted) -> Text:
    """One package as soon as it is done, for the progress."""
    again = " (as analysed before)" if one.reused else ""
    if one.verdict is None:
        return Text.assemble(words(one.name), f": {one.standing}: {safe_text(one.error, _TEXT)}")
    standing = "" if one.standing == "complete" else f", {one.standing}"
    return Text.assemble(
        words(one.name), ": ", (one.verdict.decision, DECISION_STYLES[one.verdict.decision]), standing, again
    )


def _headline(numbers: Numbers, decision: Decision | None, policy: str) -> RenderableType:
    """The verdict for all with what it counts; where something is not whole, that is said before everything else."""
    counts = [
        f"{count:,} {word}"
        for count, word in (
            (numbers.reject, "REJECT"),
            (numbers.review, "REVIEW"),
            (numbers.approve, "APPROVE"),
            (numbers.not_analysed, "not analysed"),
            (numbers.not_wanted, "not wanted here"),
        )
        if count
    ]
    text = Text.assemble((decision or "NO VERDICT", DECISION_STYLES[decision] if decision else "bold red"))
    text.append(f"  {plural(numbers.packages, 'package')}: {list_text(counts) or 'none'}")
    if numbers.incomplete:
        text.append(
            f"; {plural(numbers.incomplete, 'incomplete analysis', 'incomplete analyses')}", STATUS_STYLES["incomplete"]
        )
    details = [f"policy: {safe_text(policy, _TEXT)}"]
    if numbers.reused:
        details.append(f"{numbers.reused:,} as analysed before")
    if numbers.suppressed:
        details.append(f"{plural(numbers.suppressed, 'finding')} suppressed")
    return Group(paragraph(0, text), paragraph(2, Text(" · ".join(details), DIM)))


def _line(one: Vetted) -> list[RenderableType]:
    if one.verdict is None:
        label, style = ("skipped", DIM) if one.standing == "not wanted" else ("UNKNOWN", "bold red")
        return [labelled(label, Text.assemble((words(one.name), "bold"), f"  {one.standing}"), style)]
    lines = [verdict_line(one.name, one.verdict)]
    if one.standing != "complete":
        lines.append(paragraph(12, Text(f"the analysis is {one.standing}", STATUS_STYLES[one.standing])))
    return lines


def _not_analysed(vetted: Sequence[Vetted]) -> list[RenderableType]:
    """What could not be analysed, by reason: many packages may have the same."""
    by_reason: dict[tuple[str, str], list[Vetted]] = {}
    for one in vetted:
        if one.verdict is None:
            by_reason.setdefault((one.standing, one.error), []).append(one)
    if not by_reason:
        return []
    lines: list[RenderableType] = [heading("Without a verdict")]
    for (_, why), packages in by_reason.items():
        names = [_named(one) for one in packages[:_PLACES]]
        more = f" and {len(packages) - _PLACES:,} more" if len(packages) > _PLACES else ""
        lines.append(paragraph(2, Text.assemble((f"{', '.join(names)}{more}: ", "bold"), safe_text(why, _TEXT)), "- "))
    return lines


def _named(one: Vetted) -> str:
    """What was asked for, and where, unless that is the same."""
    places = [words(place) for place in one.places if place and place != one.name]
    return f"{words(one.name)} ({', '.join(places[:_PLACES])})" if places else words(one.name)


def _passed_over(notes: Sequence[str]) -> list[RenderableType]:
    if not notes:
        return []
    lines: list[RenderableType] = [heading("Passed over")]
    lines += [paragraph(2, safe_text(note, _TEXT), "- ") for note in notes[:_NOTES]]
    if len(notes) > _NOTES:
        lines.append(paragraph(2, Text(f"… and {len(notes) - _NOTES:,} more", DIM)))
    return lines
