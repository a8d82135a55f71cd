"""Analyses as processes of their own, what they cause, and what is left of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import psutil
import pytest

from tests.signals import heard

CHECKOUT = Path(__file__).parents[2]
LABEL = "fumehood.run"
SECONDS = 180
"""How long anything may take that is waited for."""

_ENDING_SECONDS = 10.0


def command(target: Path | str, sandbox: str, tracer: str, *options: str) -> list[str]:
    """The command line of an analysis."""
    return [
        sys.executable, "-m", "analyzer", "analyze", str(target), "--sandbox", sandbox, "--tracer", tracer, *options
    ]  # fmt: skip


def environment(cache: Path, temporary: Path) -> dict[str, str]:
    """The environment of an analysis."""
    return {**os.environ, "FUMEHOOD_CACHE": str(cache), "TMPDIR": str(temporary)}


@contextmanager
def analyzing(
    target: Path | str, sandbox: str, tracer: str, cache: Path, temporary: Path, *options: str, **variables: str
) -> Iterator[subprocess.Popen[str]]:
    """The real command line at work; killed at the end, should it still run."""
    with heard():
        process = subprocess.Popen(
            command(target, sandbox, tracer, *options),
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(cache, temporary) | variables,
        )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(process: subprocess.Popen[str], stage: str) -> str:
    """Reads what the analyzer says until a line has the words; everything until then."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if stage in line:
            return said
    pytest.fail(f"the analyzer never said {stage!r}: {said}")


def tree_of(pid: int, client: docker.DockerClient | None) -> list[psutil.Process]:
    """All processes that an analyzer caused: below it, and in its containers. Some of them may end meanwhile."""
    roots = [pid]
    if client is not None:
        roots += [one.attrs["State"]["Pid"] for one in containers_of(pid, client) if one.status == "running"]
    found: list[psutil.Process] = []
    for root in roots:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(root)
            found += [process, *process.children(recursive=True)]
    return [one for one in found if _runs(one)]


def still_running(tree: list[psutil.Process], seconds: float = _ENDING_SECONDS) -> list[psutil.Process]:
    """The processes that do not end within some seconds; a zombie has ended, whoever is to take leave of it."""
    deadline = time.monotonic() + seconds
    while (left := [one for one in tree if _runs(one)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def containers_of(pid: int, client: docker.DockerClient) -> list[docker.models.containers.Container]:
    """The containers of an analyzer, by its process number."""
    found = client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    return [one for one in found if f"-{pid}-" in one.labels.get(LABEL, "")]


def naming(text: str) -> list[psutil.Process]:
    """The processes whose command line or environment has a text, such as a folder that one analysis alone has."""
    found = []
    for one in psutil.process_iter():
        try:
            if one.status() != psutil.STATUS_ZOMBIE and any(
                text in word for word in (*one.cmdline(), *one.environ().values())
            ):
                found.append(one)
        except psutil.Error:
            continue  # it ended while it was looked at, or is not ours to look at
    return found


def left_by(pid: int, tree: list[psutil.Process], temporary: Path, client: docker.DockerClient | None) -> list[str]:
    """Everything that still is there of an analyzer: processes, groups, mounts, folders, containers, networks."""
    left = [f"process {process}" for process in still_running(tree)]
    left += [f"group {path}" for path in Path("/sys/fs/cgroup").glob(f"**/fumehood-*-{pid}-*")]
    left += [f"mount {line}" for line in Path("/proc/self/mounts").read_text().splitlines() if f"-{pid}-" in line]
    left += [f"folder {path}" for path in temporary.iterdir()]
    if client is not None:
        left += [
            f"volume {one.name}" for one in client.volumes.list(filters={"label": LABEL}) if f"-{pid}-" in one.name
        ]
        left += [f"container {one.name}" for one in containers_of(pid, client)]
        left += [f"network {one.name}" for one in client.networks.list() if "fumehood" in str(one.name)]
    return left
