from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.interpreter.prefix import Prefix, interpreters

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session", params=interpreters(), ids=lambda path: str(path).replace("/", "-").strip("-"))
def interpreter(request: pytest.FixtureRequest) -> Path:
    """Each interpreter of this machine, one for each version."""
    path: Path = request.param
    return path


@pytest.fixture(scope="session")
def probed(interpreter: Path, tmp_path_factory: pytest.TempPathFactory) -> Prefix:
    """The interpreter with the probe."""
    return Prefix(interpreter, tmp_path_factory.mktemp("probed") / "python", probe=True)


@pytest.fixture(scope="session")
def plain(interpreter: Path, tmp_path_factory: pytest.TempPathFactory) -> Prefix:
    """The same interpreter without it."""
    return Prefix(interpreter, tmp_path_factory.mktemp("plain") / "python", probe=False)
