"""The examples of the documentation are policies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analyzer.policy import load_policy
from analyzer.policy.schema import PolicyTable, RuleTable, SuppressionTable
from tests.unit.policy.making import known

TEXT = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def test_there_are_some() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_policy(tmp_path: Path, example: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(example)
    found = load_policy(path, None, known())
    assert found.rules


def test_every_key_is_told() -> None:
    names = [*RuleTable.model_fields, *SuppressionTable.model_fields]
    names += [
        field.alias or name for name, field in PolicyTable.model_fields.items() if name not in {"rules", "suppress"}
    ]
    assert [name for name in names if not re.search(rf"`{name}`|^{name} =", TEXT, re.MULTILINE)] == []
