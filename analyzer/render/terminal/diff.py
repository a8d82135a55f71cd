"""What `fumehood diff` prints: how far the comparison can be trusted, then what is new, what is different, and in short what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from analyzer.render.selection import telling_evidence, varied_evidence
from analyzer.render.terminal.layout import (
    DIM,
    SEVERITY_STYLES,
    STATUS_STYLES,
    heading,
    labelled,
    paragraph,
    words,
)
from analyzer.render.text import safe_text
from analyzer.render.units import list_text, plural
from analyzer.render.wording import moment, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

    from analyzer.model.difference import Changed, Difference, Removed, Side
    from analyzer.model.report import BehaviorReport, Evidence, Fact, IssueReport

EVIDENCES: Final = 5
"""Pieces of evidence, or targets, that are shown of one entry."""

_GONE: Final = 3
_REASONS: Final = 3
_INDENT: Final = 2
_BESIDE: Final = 12
_NAMES: Final = {
    "severity": "severity",
    "outcome": "outcome",
    "attribution": "by",
    "called_only": "only when called",
    "later_only": "only at a later date",
}


def show_difference(found: Difference) -> Group:
    """The difference as a renderable, for a console of any width from 60 columns on."""
    lines: list[RenderableType] = [_headline(found), _side("A", found.a), _side("B", found.b)]
    lines += [paragraph(2, safe_text(note, 600), "! ") for note in found.notes]
    lines += _new("New behaviors", found.new_behaviors, _behavior)
    lines += _new("New issues", found.new_issues, _issue)
    lines += _changed("Changed behaviors", found.changed_behaviors)
    lines += _changed("Changed issues", found.changed_issues)
    lines += _removed("No longer seen", [*found.removed_behaviors, *found.removed_issues])
    return Group(*lines)


def _headline(found: Difference) -> RenderableType:
    counts = [plural(len(found.new_behaviors), "new behavior")] if found.new_behaviors else []
    counts += [plural(len(found.new_issues), "new issue")] if found.new_issues else []
    text = Text.assemble((f"{_name(found.a)} → {_name(found.b)} ", "bold"))
    if counts:
        text.append(list_text(counts).upper(), "bold red")
    elif found.is_complete:
        text.append("NOTHING NEW", STATUS_STYLES["complete"])
    else:
        text.append("NOTHING NEW WAS SEEN, WHICH PROVES NOTHING", STATUS_STYLES["incomplete"])
    changed = len(found.changed_behaviors) + len(found.changed_issues)
    gone = len(found.removed_behaviors) + len(found.removed_issues)
    rest = [f"{changed:,} changed"] if changed else []
    rest += [f"{gone:,} no longer seen"] if gone else []
    return paragraph(0, text.append(f" · {', '.join(rest)}" if rest else ""))


def _name(side: Side) -> str:
    return f"{words(side.name)} {words(side.version)}"


def _side(letter: str, side: Side) -> RenderableType:
    text = Text.assemble((side.status.upper(), STATUS_STYLES[side.status]))
    reasons = [safe_text(reason, 200) for reason in side.reasons[:_REASONS]]
    if len(side.reasons) > _REASONS:
        reasons.append(f"… and {len(side.reasons) - _REASONS:,} more reasons")
    text.append(f": {'; '.join(reasons)}" if reasons else "")
    where = f"{words(side.backend)}, {words(side.tracer)}, Python {words(side.python)}"
    text.append(f" · {_name(side)} · {where} · {words(side.created)}", DIM)
    return paragraph(2, text, f"{letter}  ")


def _new(title: str, entries: Sequence[BehaviorReport | IssueReport], tell: object) -> list[RenderableType]:
    """A section of what only B has, each entry with its evidence."""
    if not entries:
        return []
    lines: list[RenderableType] = [heading(title, f"{len(entries):,}")]
    for one in entries:
        lines += [_title(one), *(tell(one) if callable(tell) else [])]
    return lines


def _title(one: BehaviorReport | IssueReport | Changed | Removed) -> RenderableType:
    text = Text.assemble((safe_text(one.title, 200), "bold"), (f" · {words(one.id)}", DIM))
    return labelled(one.severity, text, SEVERITY_STYLES[one.severity], _INDENT)


def _behavior(behavior: BehaviorReport) -> list[RenderableType]:
    meta = [", ".join(behavior.phases)]
    meta += ["attempted without success"] if behavior.outcome == "attempted" else []
    meta += ["only when called"] if behavior.called_only else []
    meta += ["only at a later date"] if behavior.later_only else []
    meta += [f"by {words(actor)}" for actor in behavior.attribution if actor != "package"]
    lines: list[RenderableType] = [paragraph(_BESIDE, Text(" · ".join(part for part in meta if part), DIM))]
    chosen = telling_evidence(behavior, EVIDENCES)
    return lines + _evidences(chosen, behavior.count, "times")


def _issue(issue: IssueReport) -> list[RenderableType]:
    lines: list[RenderableType] = [paragraph(_BESIDE, safe_text(issue.problem, 1000))]
    lines += _evidences(varied_evidence(issue.evidence, EVIDENCES), len(issue.evidence), "pieces of evidence")
    return lines + _facts(issue.facts, len(issue.facts))


def _evidences(chosen: Sequence[Evidence], count: int, noun: str) -> list[RenderableType]:
    lines: list[RenderableType] = [paragraph(_BESIDE, _evidence(one), "- ") for one in chosen]
    if count > len(chosen):
        lines.append(paragraph(_BESIDE, Text(f"… {count:,} {noun} in all", DIM)))
    return lines


def _evidence(evidence: Evidence) -> Text:
    context = ", ".join(part for part in (place(evidence.location), moment(evidence.phase, evidence.during)) if part)
    return Text.assemble(safe_text(evidence.detail, 240), (f" ({context})", DIM))


def _facts(facts: Sequence[Fact], count: int) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for fact in facts[:EVIDENCES]:
        where = f" ({safe_text(fact.file, 160)}{f':{fact.line}' if fact.line else ''})" if fact.file else ""
        lines.append(
            paragraph(
                _BESIDE, Text.assemble(f"{words(fact.source)}: {safe_text(fact.detail, 240)}", (where, DIM)), "- "
            )
        )
    if count > len(lines):
        lines.append(paragraph(_BESIDE, Text(f"… and {count - len(lines):,} more", DIM)))
    return lines


def _changed(title: str, entries: Sequence[Changed]) -> list[RenderableType]:
    """A section of what both have; what is new about it first."""
    if not entries:
        return []
    lines: list[RenderableType] = [heading(title, f"{len(entries):,}")]
    for one in entries:
        lines += [_title(one), *_change(one)]
    return lines


def _change(one: Changed) -> list[RenderableType]:
    parts = [f"also in {list_text(list(one.new_phases))} now"] if one.new_phases else []
    parts += [f"no longer in {list_text(list(one.gone_phases))}"] if one.gone_phases else []
    parts += [f"{_NAMES[each.name]}: {words(each.a) or 'none'} → {words(each.b) or 'none'}" for each in one.attributes]
    lines: list[RenderableType] = [paragraph(_BESIDE, part) for part in parts]
    if one.new_count:
        doubt = ", or not among the evidence that A has kept" if one.may_be_old else ""
        lines.append(paragraph(_BESIDE, f"{plural(one.new_count, 'new act')}{doubt}:"))
        lines += _new_acts(one)
    if one.new_facts_count:
        lines.append(paragraph(_BESIDE, f"{plural(one.new_facts_count, 'new fact')}:"))
        lines += _facts(one.new_facts, one.new_facts_count)
    if one.gone_count:
        doubt = ", or not among the evidence that B has kept" if one.may_be_there else ""
        lines.append(paragraph(_BESIDE, Text(f"{plural(one.gone_count, 'act')} no longer seen{doubt}:", DIM)))
        gone = [f"{safe_text(act.target, 240)} ({act.phase})" for act in one.gone[:_GONE]]
        lines += [paragraph(_BESIDE, Text(text, DIM), "- ") for text in gone]
        lines += _more(one.gone_count, len(gone))
    if one.gone_facts_count:
        lines.append(paragraph(_BESIDE, Text(f"{plural(one.gone_facts_count, 'fact')} no longer there", DIM)))
    return lines


def _new_acts(one: Changed) -> list[RenderableType]:
    """A line for each target, with the phases in which it is new."""
    of_target: dict[str, list[Evidence]] = {}
    for evidence in one.evidence:
        of_target.setdefault(evidence.target or evidence.detail, []).append(evidence)
    lines: list[RenderableType] = []
    shown = 0
    for target, found in list(of_target.items())[:EVIDENCES]:
        shown += len(found)
        moments = [moment(evidence.phase, evidence.during) for evidence in found]
        context = ", ".join(part for part in (place(found[0].location), *dict.fromkeys(moments)) if part)
        lines.append(paragraph(_BESIDE, Text.assemble(safe_text(target, 240), (f" ({context})", DIM)), "+ "))
    return lines + _more(one.new_count, shown)


def _more(count: int, shown: int) -> list[RenderableType]:
    return [paragraph(_BESIDE, Text(f"… and {count - shown:,} more", DIM))] if count > shown else []


def _removed(title: str, entries: Iterable[Removed]) -> list[RenderableType]:
    """One line each."""
    found = list(entries)
    return [heading(title, f"{len(found):,}"), *map(_title, found)] if found else []
