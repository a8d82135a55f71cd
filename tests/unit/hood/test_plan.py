from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hood import plan as module

from tests.unit.hood.plans import plan


def written(folder: Path, **changes: object) -> Path:
    document = {"format": module.FORMAT, **asdict(plan(folder)), "record": str(folder), **changes}
    path = folder / "plan.json"
    path.write_text(json.dumps(document))
    return path


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert module.read(written(tmp_path)) == plan(tmp_path)


def test_later_dates_are_read(tmp_path: Path) -> None:
    there = plan(tmp_path, fast_clock=True, moments=[3600.0])
    assert module.read(written(tmp_path, fast_clock=True, moments=[3600.0])) == there


def test_a_plan_of_another_format_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"plan\.json has format 2, this supervisor reads 1"):
        module.read(written(tmp_path, format=2))


def test_a_word_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="surprise"):
        module.read(written(tmp_path, surprise=1))
