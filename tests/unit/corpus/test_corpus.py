"""A corpus in SQLite; tests/integration/test_corpus.py has the same in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.corpus.contract import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_in_sqlite(check: Callable[[str], None], url: str) -> None:
    check(url)
