from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from analyzer.errors import AcquireError, FumehoodError, RecordError, SandboxError, UsageError
from analyzer.model import event


def test_every_detail_has_a_kind_of_its_own() -> None:
    assert set(event.DETAILS.values()) == set(get_args(event.Detail))
    assert {kind: detail.kind for kind, detail in event.DETAILS.items()} == {kind: kind for kind in event.DETAILS}


@pytest.mark.parametrize("detail", list(event.DETAILS.values()), ids=lambda detail: detail.kind)
def test_details_are_frozen_slotted_and_told_in_words(detail: type) -> None:
    assert detail.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(detail)
    assert detail.__doc__
    assert dataclasses.fields(detail)


def test_an_events_kind_is_its_details() -> None:
    one = event.Event(
        1.0, "import", "syscall", 1, "x", "completed", "package", event.ProcessExit(0, ""), event.Source("x", 1)
    )
    assert one.kind == "process.exit"


@pytest.mark.parametrize(
    ("error", "code"), [(FumehoodError, 3), (UsageError, 2), (AcquireError, 3), (SandboxError, 3), (RecordError, 3)]
)
def test_exit_codes(error: type[FumehoodError], code: int) -> None:
    assert error("x").exit_code == code
    assert issubclass(error, FumehoodError)
