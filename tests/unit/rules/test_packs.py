"""The rules of this version, by example: see cases.yaml."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
import yaml

from analyzer.model.event import DETAILS, Event, Source
from analyzer.rules.loader import engine
from analyzer.taxonomy import load

CASES: dict[str, dict[str, list[dict[str, Any]]]] = yaml.safe_load(
    (Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8")
)
PLAIN = Event(1.0, "execute", "syscall", 5, "python", "completed", "package", None, Source("x", 1))  # type: ignore[arg-type]


def event(case: dict[str, Any]) -> Event:
    kind = DETAILS[case["event"]]
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name != "kind"}
    given = case.get("with", {})
    assert set(given) <= set(hints), case
    values = {
        name: tuple(given[name]) if isinstance(given.get(name), list) else given.get(name, plain(hint))
        for name, hint in hints.items()
    }
    return dataclasses.replace(PLAIN, detail=kind(**values), **case.get("header", {}))


def plain(hint: Any) -> Any:
    if get_origin(hint) is tuple:
        return ()
    return get_args(hint)[0] if get_args(hint) else hint()


def observed(case: dict[str, Any]) -> dict[str, str]:
    return {one.behavior: one.detail for one in engine().observe([event(case)])}


def flat(key: str) -> list[Any]:
    return [
        pytest.param(behavior, case, id=f"{behavior}-{number}")
        for behavior, cases in CASES.items()
        for number, case in enumerate(cases.get(key, []))
    ]


@pytest.mark.parametrize(("behavior", "case"), flat("shows"))
def test_shows(behavior: str, case: dict[str, Any]) -> None:
    found = observed(case)
    assert behavior in found
    for value in case.get("with", {}).values():
        assert value is None or "{" not in found[behavior]


@pytest.mark.parametrize(("behavior", "case"), flat("not"))
def test_near_miss(behavior: str, case: dict[str, Any]) -> None:
    assert behavior not in observed(case)


def test_every_behavior_has_both() -> None:
    assert set(CASES) == {behavior.id for behavior in load()}
    assert not [behavior for behavior, cases in CASES.items() if not cases.get("shows") or not cases.get("not")]


def test_every_rule_is_shown_by_a_case() -> None:
    """A rule that no example reaches could be broken without a test's noticing."""
    rules = [rule for of_kind in engine()._rules.values() for rule in of_kind]
    events = [event(case) for cases in CASES.values() for case in cases["shows"]]
    kinds = {id(rule): kind for kind, of_kind in engine()._rules.items() for rule in of_kind}
    unshown = [
        (rule.behavior, kinds[id(rule)])
        for rule in rules
        if not any(one.kind == kinds[id(rule)] and rule.matches(one) for one in events)
    ]
    assert unshown == []
