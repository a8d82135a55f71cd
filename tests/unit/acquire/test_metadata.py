"""What metadata says, as far as it can be read."""

from __future__ import annotations

import pytest

from analyzer.acquire.metadata import applicable, requirements
from analyzer.errors import AcquireError
from analyzer.model.package import Environment


def test_a_condition_with_a_number_that_nobody_can_read_is_refused_in_one_line() -> None:
    lines = requirements([f'a; python_version < "{"9" * 5000}"'], "hostile")
    environment = Environment("3.11.2", (("python_version", "3.11"),), ())
    with pytest.raises(AcquireError, match="whose condition cannot be evaluated"):
        applicable(lines, environment, "hostile")
