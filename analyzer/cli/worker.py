"""The outermost frame of a worker of `fumehood vet` (`analyzer.pipeline.worker`); it is started by that command alone.

Its first line of input is the setup. It heeds signals as every command does, and says nothing of them: its parent does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from analyzer.cli.options import LimitOptions, RunOptions, run_options
from analyzer.cli.stopping import came, heed_signals, ignore_signals
from analyzer.sandbox.farewell import remove_own

_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from analyzer.cli.worker import main; main()"


class Setup(BaseModel):
    """What all tasks of a worker have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: RunOptions
    limits: LimitOptions
    rules: tuple[Path, ...]
    cache: Path
    folder: Path
    fresh: bool
    refresh: bool
    constraints: tuple[tuple[str, ...], ...]


def command() -> list[str]:
    """The command line of a worker. It imports from where this process does: `-c` alone would look into the current folder first."""
    return [sys.executable, "-P", "-c", _PROGRAM, *sys.path]


def main() -> None:
    """Works to the end of its input, or to a signal, and leaves nothing behind."""
    heed_signals()
    # What libraries print goes where errors go, and nobody below has an end of the pipe.
    said = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        _work(said)
    finally:
        if came():
            remove_own()
        ignore_signals()


def _work(said: object) -> None:
    from typing import BinaryIO, cast

    from analyzer.acquire import Cache
    from analyzer.pipeline.reuse import Bench
    from analyzer.pipeline.worker import Desk, serve

    given = sys.stdin.buffer
    setup = Setup.model_validate_json(given.readline())
    options = run_options(setup.run, setup.limits, setup.rules)
    cache = Cache(setup.cache)
    with Bench(options, cache, fresh=setup.fresh) as bench:
        serve(Desk(bench, cache, setup.folder, setup.constraints, refresh=setup.refresh), given, cast("BinaryIO", said))
