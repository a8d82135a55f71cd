"""What tests of several folders share."""

from __future__ import annotations

import os
import signal
import zlib
from collections import defaultdict
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


_PLACES = {(sandbox, tracer) for sandbox in ("embedded", "docker") for tracer in ("kernel", "strace")}
_AHEAD = {("docker", "kernel"), ("embedded", "strace")}
"""Two of them with each sandbox and each tracer, as the other two are."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Half of the matrix, for a machine with little time."""
    parser.addoption(
        "--crosswise",
        action="store_true",
        help="a test that is for every sandbox with every tracer runs in two of the four places: each sandbox and each tracer once",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--crosswise`, leaves out two places of each test that has all four: the same ones for all of a file, which may share runs."""
    if not config.getoption("crosswise"):
        return
    places: dict[tuple[Path, str], dict[pytest.Item, tuple[str, str]]] = defaultdict(dict)
    for item in items:
        if place := _place(item):
            places[item.path, getattr(item, "originalname", item.name)][item] = place
    left_out = set()
    for (path, _), found in places.items():
        if set(found.values()) == _PLACES:
            across = bool(zlib.crc32(path.name.encode()) & 2)
            left_out |= {item for item, place in found.items() if across == (place in _AHEAD)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def _place(item: pytest.Item) -> tuple[str, str] | None:
    """The sandbox and tracer that a test's parameters name, together or each by itself."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    together = [tuple(one.split("/")) if isinstance(one, str) else one for one in parameters.values()]
    together.append((parameters.get("sandbox"), parameters.get("tracer")))
    return next((place for place in _PLACES if place in together), None)


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
