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
    found: dict[tuple[Path, str], set[tuple[str, str]]] = defaultdict(set)
    places = {item: place for item in items if (place := _place(item))}
    for item, place in places.items():
        found[item.path, getattr(item, "originalname", item.name)].add(place)
    left_out = []
    for item, (sandbox, tracer) in places.items():
        across = bool(zlib.crc32(item.path.name.encode()) & 2)
        everywhere = found[item.path, getattr(item, "originalname", item.name)] == _PLACES
        if everywhere and across == ((sandbox == "docker") == (tracer == "kernel")):
            left_out.append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


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
