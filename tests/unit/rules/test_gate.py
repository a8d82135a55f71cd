"""The quick no must never say no where a condition holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from analyzer.rules.condition import Condition
from analyzer.rules.gate import Gate
from analyzer.rules.loader import builtin
from analyzer.rules.predicates import compiled
from analyzer.rules.schema import fields_of
from tests.unit.rules.events import reference

LISTS = {
    "keys": reference("keys", "paths", "~/.ssh/id_*", "/etc/cron*/**"),
    "tools": reference("tools", "names", "su.do", "a|b"),
    "tokens": reference("tokens", "patterns", "*_TOKEN"),
    "formats": reference("formats", "extensions", "exe"),
    "zones": reference("zones", "domains", "zip"),
}
CONDITIONS: list[Any] = [
    "/a", ["/a", "/b+"], {"glob": "/x/*.pem"}, {"prefix": "/a."}, {"regex": r"\.pem$"}, {"regex": "^/a"}, {"regex": "^a|b"},
    {"regex": "^a[(]|b[)]"}, {"regex": "(?i)^AB"}, {"regex": "(?m)^import"}, {"regex": r"(.)\1"}, {"regex": "a.b"},
    {"not": "/a"}, {"all": [{"prefix": "/a"}, {"not": {"glob": "*b"}}]}, {"all": [{"not": "a"}, {"not": "b"}]},
    ["/a", {"not": {"prefix": "/"}}], {"in": "keys"}, {"in": "tools"}, {"in": "tokens"}, {"in": "formats"}, {"in": "zones"},
]  # fmt: skip
ADAPTER: TypeAdapter[Any] = TypeAdapter(Condition)
TEXTS = st.one_of(
    st.text(alphabet="/ab.(|)+*x\nAB_", max_size=8),
    st.sampled_from(["/a", "/b+", "/x/k.pem", "b)", "a(", "x\nimport y", "aa", "su.do", "/root/.ssh/id_a", "MY_TOKEN", "c.exe?x", "a.zip"]),
)  # fmt: skip


@given(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=6), TEXTS)
def test_no_condition_holds_where_the_gate_is_closed(chosen: list[Any], text: str) -> None:
    conditions = [ADAPTER.validate_python(one) for one in chosen]
    gate = Gate(conditions, LISTS)
    joined = [compiled(one, LISTS)(text) for one, joins in zip(conditions, gate.joined, strict=True) if joins]
    assert gate.open_for(text) or not any(joined)


def test_what_no_pattern_can_say_is_not_joined() -> None:
    gate = Gate([ADAPTER.validate_python(one) for one in CONDITIONS], LISTS)
    unjoined = [condition for condition, joins in zip(CONDITIONS, gate.joined, strict=True) if not joins]
    assert unjoined == [
        {"regex": r"(.)\1"}, {"not": "/a"}, {"all": [{"not": "a"}, {"not": "b"}]}, ["/a", {"not": {"prefix": "/"}}], {"in": "zones"},
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["/usr/lib/python3/dist-packages/six.py", "/home/alex/project/data/a.txt", ""])
def test_an_ordinary_path_meets_few_of_our_own_rules(text: str) -> None:
    """What makes the gate worth having."""
    rules = [rule for rule in builtin().rules if rule.event == "file.open" and "path" in rule.where]
    gate = Gate([rule.where["path"] for rule in rules], builtin().lists)
    assert fields_of("file.open")["path"] is str
    assert gate.joined.count(False) <= len(rules) // 5
