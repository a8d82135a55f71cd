"""The taxonomy in the terminal: behaviors listed by category, and one of them with all that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from rich.console import Group
from rich.text import Text

from analyzer.model.report import SEVERITIES
from analyzer.render.terminal.layout import DIM, SEVERITY_STYLES, heading, labelled, paragraph, words
from analyzer.render.text import safe_text
from analyzer.render.units import list_text, plural
from analyzer.rules.engine import labelled as labelled_rules
from analyzer.taxonomy.vocabulary import attack, mbc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import RenderableType

    from analyzer.rules.loader import Ruleset
    from analyzer.rules.schema import Rule
    from analyzer.taxonomy import Behavior, Taxonomy
    from analyzer.taxonomy.vocabulary import MbcEntry, Technique

_ID_WIDTH = 36


def list_behaviors(behaviors: Iterable[Behavior], taxonomy: Taxonomy) -> Group:
    """Behaviors by category, a line each, and how many there are."""
    groups: dict[str, list[Behavior]] = {}
    for behavior in behaviors:
        groups.setdefault(behavior.category, []).append(behavior)
    lines: list[RenderableType] = []
    for category, found in groups.items():
        lines.append(heading(words(category), Text(words(taxonomy.categories.get(category, "")), DIM).plain))
        lines += [_row(behavior) for behavior in found]
    every = [behavior for found in groups.values() for behavior in found]
    counts = [
        f"{count} {severity}"
        for severity in reversed(SEVERITIES)
        if (count := sum(behavior.severity == severity and behavior.status == "active" for behavior in every))
    ]
    planned = sum(behavior.status == "planned" for behavior in every)
    total = f"{plural(len(every) - planned, 'behavior')}: {list_text(counts)}" if counts else "no active behavior"
    lines += [Text(), paragraph(0, total + (f"; {planned} more planned" if planned else ""))]
    return Group(*lines)


def _row(behavior: Behavior) -> RenderableType:
    label = Text(f"{behavior.severity:<9}", SEVERITY_STYLES[behavior.severity])
    label.append(f"{behavior.id:<{_ID_WIDTH}} ", "none")
    suffix = "" if behavior.status == "active" else f" ({behavior.status})"
    return paragraph(2, safe_text(behavior.title, 200) + suffix, label)


def show_behavior(behavior: Behavior, rules: Ruleset) -> Group:
    """All that is known of a behavior, with the rules that witness it."""
    lines: list[RenderableType] = [*describe_behavior(behavior)]
    for label, rule, origin in rules_of(behavior.id, rules):
        lines += [heading(f"rule {label}", origin), *rule_lines(rule)]
    return Group(*lines)


def describe_behavior(behavior: Behavior) -> list[RenderableType]:
    """A behavior's meaning, without its rules."""
    title = Text.assemble((safe_text(behavior.title, 200), "bold"), ("  " + behavior.id, DIM))
    lines: list[RenderableType] = [
        paragraph(0, title),
        paragraph(2, safe_text(behavior.description, 500)),
        labelled("severity", Text(behavior.severity, SEVERITY_STYLES[behavior.severity])),
        labelled("innocent", safe_text(behavior.innocent, 500)),
        labelled("seen by", f"{list_text(list(behavior.observability))}, in {list_text(list(behavior.phases))}"),
    ]
    lines += [labelled("limits", f"{tracer}: {safe_text(text, 500)}") for tracer, text in behavior.limits.items()]
    if behavior.reason is not None:
        lines.append(labelled("planned", safe_text(behavior.reason, 500)))
    if behavior.replaced_by is not None:
        lines.append(labelled("replaced", f"by {behavior.replaced_by}"))
    lines += [labelled("ATT&CK", f"{one} {_name(attack(), one)}") for one in behavior.attack]
    lines += [labelled("MBC", f"{one} {_name(mbc(), one)}") for one in behavior.mbc]
    lines += [labelled("alias", safe_text(alias, 400)) for alias in behavior.aliases]
    lines += [labelled("related", safe_text(entry, 400)) for entry in behavior.related]
    return lines


def rules_of(behavior: str, rules: Ruleset) -> list[tuple[str, Rule, str]]:
    """A behavior's rules: name, rule, and where it stands."""
    pairs = zip(labelled_rules(rules.rules), rules.origins, strict=True)
    return [
        (label, rule, f"{safe_text(origin.file, 200)}:{origin.line}")
        for (label, rule), origin in pairs
        if rule.behavior == behavior
    ]


def rule_lines(rule: Rule) -> list[RenderableType]:
    """A rule as its file has it, without its examples."""
    content = rule.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"examples", "behavior"})
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
    return [paragraph(4, Text(safe_text(line), DIM)) for line in text.splitlines()]


def _name(entries: Mapping[str, Technique] | Mapping[str, MbcEntry], identifier: str) -> str:
    """An entry's name behind that of the one it belongs to; empty for an id that is not there."""
    one = entries.get(identifier)
    if one is None:
        return ""
    parent = entries.get(one.parent)
    return f"{parent.name}: {one.name}" if parent else one.name
