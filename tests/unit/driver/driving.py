"""Runs the driver with each interpreter of this machine, as the supervisor does, on modules that the test writes."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).resolve().parents[3] / "probes" / "driver" / "driver.py"


@dataclass(frozen=True)
class Driven:
    """How a run of the driver ended, and what it said."""

    status: int
    output: str
    errors: str
    messages: list[dict[str, Any]]

    @property
    def ends(self) -> dict[str, str]:
        """The error of each subject that ended."""
        return {message["end"]: message["error"] for message in self.messages if "end" in message}

    @property
    def untimed(self) -> list[dict[str, Any]]:
        """The messages without their times."""
        return [{key: value for key, value in message.items() if key != "t"} for message in self.messages]

    @property
    def called(self) -> list[str]:
        """The callables that were begun, in order."""
        return [message["begin"] for message in self.messages if ":" in message.get("begin", "")]

    @property
    def skipped(self) -> dict[str, str]:
        """The callables that were left out, and why."""
        return {message["skip"]: message["why"] for message in self.messages if "skip" in message}


def drive(python: Path, folder: Path, **modules: str) -> Driven:
    """Runs the driver on modules of those texts, in that order."""
    _write(folder, modules)
    return drive_names(python, folder, list(modules))


def drive_names(python: Path, folder: Path, names: list[str]) -> Driven:
    """Runs the driver on modules that are there."""
    return obey(python, folder, {"import": names})


def call(
    python: Path, folder: Path, passed: tuple[str, ...] = (), lost: tuple[str, ...] = (), **modules: str
) -> Driven:
    """Has the driver call what modules of those texts define, in that order."""
    _write(folder, modules)
    scratch = folder / "scratch"
    scratch.mkdir()
    (scratch / "notes.txt").write_text("text")
    orders = {
        "call": list(modules), "found": 7, "passed": passed, "lost": lost, "own": list(modules), "folders": [str(scratch)],
        "seconds": 0.5,
    }  # fmt: skip
    return obey(python, folder, orders)


def obey(python: Path, folder: Path, orders: dict[str, Any]) -> Driven:
    """Runs the driver with orders."""
    reading, writing = os.pipe()
    try:
        ended = subprocess.run(
            [python, "-B", "-W", "error", DRIVER, "--progress", str(writing)],
            input=json.dumps({**orders, "epoch": time.time() - time.monotonic()}),
            capture_output=True,
            text=True,
            timeout=30,
            cwd=folder,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(folder)},
            pass_fds=[writing],
            check=False,
        )
    finally:
        os.close(writing)
    with os.fdopen(reading) as pipe:
        return Driven(ended.returncode, ended.stdout, ended.stderr, [json.loads(line) for line in pipe])


def _write(folder: Path, modules: dict[str, str]) -> None:
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
