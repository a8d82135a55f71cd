"""Base images without a registry: `sandbox-images/base.sh` run for several images at once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analyzer.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SECONDS: Final = 900
_TAIL_LINES: Final = 5
_TAIL_CHARACTERS: Final = 800


@contextmanager
def bootstrapped(suites: Mapping[str, str], recipes: Path) -> Iterator[Iterator[tuple[str, Path]]]:
    """Make root file systems with mmdebstrap, all at once, since half of its time is waiting for disk and mirror.

    Args:
        suites: Debian's suite by the image's folder below `recipes`.
        recipes: the folder of the image recipes.

    Yields:
        name and tar archive of each image, in order, as they are finished; the archives go when the block ends, and
        what still runs then is ended.

    Raises:
        SandboxError: mmdebstrap is missing or fails; the message ends with the remedy.
    """
    if shutil.which("mmdebstrap") is None:
        raise SandboxError(
            "the base image cannot be had: no registry answers the Docker engine, and mmdebstrap, which makes it on "
            "this machine, is missing: apt-get install mmdebstrap"
        )
    with tempfile.TemporaryDirectory(prefix="base-") as made, ExitStack() as stack:
        directory = Path(made)
        started = [
            (name, stack.enter_context(_started(name, suite, recipes, directory))) for name, suite in suites.items()
        ]
        yield _finished(started, directory)


@contextmanager
def _started(name: str, suite: str, recipes: Path, directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    with Path(directory, f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            ["bash", str(recipes / "base.sh"), name, str(directory / f"{name}.tar"), suite],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            # Asked, not killed: mmdebstrap then unmounts and removes what it made.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _finished(started: list[tuple[str, subprocess.Popen[bytes]]], directory: Path) -> Iterator[tuple[str, Path]]:
    remedy = (
        "see that a Debian mirror can be reached (FUMEHOOD_DEBIAN_MIRROR names another one, FUMEHOOD_DEBIAN_SNAPSHOT=1 allows "
        "one that is out of date) and the disk has space"
    )
    for name, process in started:
        try:
            status = process.wait(timeout=_SECONDS)
        except subprocess.TimeoutExpired as error:
            message = f"mmdebstrap did not finish the base of the image {name!r} in {_SECONDS} s: {remedy}"
            raise SandboxError(message) from error
        if status:
            log = Path(directory, f"{name}.log").read_text("utf-8", errors="replace").splitlines()
            telling = [line for line in log if not line.startswith("I: ")]
            raise SandboxError(
                f"mmdebstrap cannot make the base of the image {name!r} ({one_line(telling[-_TAIL_LINES:])}): {remedy}"
            )
        archive = directory / f"{name}.tar"
        yield name, archive
        archive.unlink()


def one_line(lines: Iterable[str]) -> str:
    """The end of a program's output as one printable line for an error message."""
    text = " / ".join(line.strip() for line in lines)
    return "".join(character if character.isprintable() else " " for character in text)[-_TAIL_CHARACTERS:]
