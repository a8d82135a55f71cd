"""`fumehood vet` as a process of its own, with an index on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.integration.lifecycle import CHECKOUT, SECONDS
from tests.signals import heard
from tests.unit.acquire.serving import JSON, Server, serve


def offer(server: Server, wheel: Path) -> None:
    """Lists a wheel under its own project, beside what is listed already."""
    name = wheel.name.partition("-")[0].replace("_", "-")
    serve(server, wheel)
    document = json.loads(server.answers.pop("/simple/demo/")[2]) | {"name": name}
    server.answers[f"/simple/{name}/"] = (200, JSON, json.dumps(document).encode())


def command(*words: str | Path) -> list[str]:
    """The command line: in the embedded sandbox, without a corpus."""
    return [sys.executable, "-m", "analyzer", "vet", "--sandbox", "embedded", "--corpus", "none", *map(str, words)]


def environment(cache: Path, temporary: Path, index: str) -> dict[str, str]:
    """The environment of it."""
    own = {
        "FUMEHOOD_CACHE": str(cache),
        "TMPDIR": str(temporary),
        "FUMEHOOD_INDEX_URL": index,
        "PYTHONPATH": str(CHECKOUT),
    }
    return {**os.environ, **own}


def vet(folder: Path, settings: dict[str, str], *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs it to its end."""
    with heard():
        return subprocess.run(
            command(*words), cwd=folder, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip


@contextmanager
def vetting(folder: Path, settings: dict[str, str], *words: str | Path) -> Iterator[subprocess.Popen[str]]:
    """It at work; killed at the end, should it still run."""
    with heard():
        process = subprocess.Popen(
            command(*words), cwd=folder, env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Its workers."""
    return [one for one in psutil.Process(process.pid).children() if "analyzer.cli.worker" in " ".join(_words(one))]


def running_a_package(process: subprocess.Popen[str], count: int) -> list[psutil.Process]:
    """All processes of it, as soon as so many of its workers have a package in a sandbox that sleeps."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        busy = [one for one in workers_of(process) if any(_words(each) == ["sleep", "1000"] for each in _below(one))]
        if len(busy) >= count:
            return [psutil.Process(process.pid), *_below(psutil.Process(process.pid))]
        time.sleep(0.1)
    pytest.fail("no package was ever at work")


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _words(process: psutil.Process) -> list[str]:
    """The command line; none of a process that has ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []
