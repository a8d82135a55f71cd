"""What tests of several folders share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import pytest
from docker.errors import DockerException
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).resolve().parents[1]

# How long an example may take depends on what else the machine does.
settings.register_profile("fumehood", deadline=None)
settings.load_profile("fumehood")


@pytest.fixture(scope="session")
def docker_client() -> Iterator[docker.DockerClient]:
    """A connected engine. A test that finds none fails: a skipped sandbox would look like a working one."""
    try:
        client = docker.from_env(timeout=120)
    except DockerException as error:
        pytest.fail(f"no Docker engine answers ({error}); `make test` starts one")
    yield client
    client.close()


@pytest.fixture(scope="session")
def cache_directory() -> Path:
    """Where packages that tests fetch stay between runs, so that each is fetched once."""
    directory = Path(os.environ.get("FUMEHOOD_CACHE") or CHECKOUT / ".build" / "cache")
    directory.mkdir(parents=True, exist_ok=True)
    return directory
