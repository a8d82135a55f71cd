"""What `make lint` asks of the data: taxonomy, rules and reference lists agree, and nothing in them is dead or untested."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from analyzer.model.event import Layer
from analyzer.rules.condition import Operator
from analyzer.rules.engine import labelled
from analyzer.rules.examples import failures
from analyzer.rules.loader import Ruleset
from analyzer.rules.schema import Rule, layer_of, operators
from analyzer.taxonomy import Taxonomy
from analyzer.taxonomy.vocabulary import attack, mbc


def findings(ruleset: Ruleset) -> list[str]:
    """What is wrong with the data of this version, a line each."""
    return [
        *_of_taxonomy(ruleset.taxonomy),
        *_of_coverage(ruleset),
        *_of_observability(ruleset),
        *_of_rules(ruleset),
        *_of_lists(ruleset),
    ]


def _of_taxonomy(taxonomy: Taxonomy) -> Iterator[str]:
    for behavior in taxonomy:
        yield from (f"{behavior.id}: ATT&CK has no {one}" for one in behavior.attack if one not in attack())
        yield from (f"{behavior.id}: MBC has no {one}" for one in behavior.mbc if one not in mbc())
        if behavior.replaced_by is not None and behavior.replaced_by not in taxonomy:
            yield f"{behavior.id}: replaced by {behavior.replaced_by}, which does not exist"


def _of_coverage(ruleset: Ruleset) -> Iterator[str]:
    named = {rule.behavior for rule in ruleset.rules}
    for behavior in ruleset.taxonomy:
        if behavior.status == "active" and behavior.id not in named:
            yield f"{behavior.id}: no rule witnesses it"
        if behavior.status != "active" and behavior.id in named:
            yield f"{behavior.id}: is {behavior.status}, and a rule witnesses it"


def _of_observability(ruleset: Ruleset) -> Iterator[str]:
    """What the taxonomy says of the witnesses has to be what the rules look at; in a sequence the last event counts."""
    seen: dict[str, set[Layer]] = defaultdict(set)
    for rule in ruleset.rules:
        seen[rule.behavior].add(layer_of(rule.stages[-1].event))
    for behavior in ruleset.taxonomy:
        if behavior.status == "active" and seen[behavior.id] != set(behavior.observability):
            told, true = (", ".join(sorted(one)) or "none" for one in (behavior.observability, seen[behavior.id]))
            yield f"{behavior.id}: observability says {told}, and its rules witness by {true}"


def _of_rules(ruleset: Ruleset) -> Iterator[str]:
    twins = Counter(rule.model_dump_json(exclude={"detail", "examples"}) for rule in ruleset.rules)
    for (label, rule), origin in zip(labelled(ruleset.rules), ruleset.origins, strict=True):
        where = f"{origin.file}:{origin.line}: {label}"
        if rule.examples is None:
            yield f"{where}: has no examples"
        yield from (f"{where}: {problem}" for problem in failures(rule, ruleset.lists))
        if twins[rule.model_dump_json(exclude={"detail", "examples"})] > 1:
            yield f"{where}: another rule asks for the same"
        yield from (f"{where}: {problem}" for problem in _unreachable(rule))


def _unreachable(rule: Rule) -> Iterator[str]:
    """Conditions that nothing can meet, or that everything meets."""
    for stage in rule.stages:
        for name, condition in (*stage.where.items(), *stage.when.items()):
            if condition == []:
                yield f"{name!r} may be none of nothing"
            for operator in operators(condition):
                if operator.negated == []:
                    yield f"{name!r} is compared with nothing"
                if "" in {operator.prefix, operator.regex}:
                    yield f"{name!r}: every text fits `{operator.word}`"
                if operator.every is not None:
                    yield from _contradicting(name, [one for one in operator.every if isinstance(one, Operator)])


def _contradicting(name: str, parts: list[Operator]) -> Iterator[str]:
    low = max((one.min for one in parts if one.min is not None), default=float("-inf"))
    high = min((one.max for one in parts if one.max is not None), default=float("inf"))
    if low > high:
        yield f"{name!r} cannot be at least {low:g} and at most {high:g}"


def _of_lists(ruleset: Ruleset) -> Iterator[str]:
    used = {
        operator.listed
        for rule in ruleset.rules
        for stage in rule.stages
        for condition in (*stage.where.values(), *stage.when.values())
        for operator in operators(condition)
    }
    yield from (f"reference list {name!r}: no rule uses it" for name in ruleset.lists if name not in used)
