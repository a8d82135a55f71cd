"""What tests of several folders share."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import pytest
from docker.errors import DockerException
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).resolve().parents[1]

# What a test gets to know must not depend on what the user's own corpus holds.
os.environ["FUMEHOOD_CORPUS"] = "none"

# Where the tests were started by `nohup` or in the background of a script, these are ignored, and would be by each program that a test starts.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

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
