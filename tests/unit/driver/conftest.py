"""What the driver's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.interpreter.prefix import interpreters


@pytest.fixture(scope="session", params=interpreters(), ids=lambda path: str(path).replace("/", "-").strip("-"))
def python(request: pytest.FixtureRequest) -> Path:
    """Each interpreter of this machine, one for each version."""
    path: Path = request.param
    return path
