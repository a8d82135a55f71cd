"""Printing to standard output, whose reader may be gone or full."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rich.console import Console, RenderableType

from analyzer.errors import UsageError

STANDARD_OUTPUT = frozenset({Path("-"), Path("/dev/stdout")})
"""The paths that mean it."""


@dataclass(frozen=True, slots=True)
class Output:
    """What one `-o FORMAT=PATH` asks for."""

    format: str
    path: Path

    @property
    def is_standard_output(self) -> bool:
        """Whether it goes there, and nowhere else."""
        return self.path in STANDARD_OUTPUT


class _Output(Console):
    """Standard output. Whoever stops reading it (`| head`) has seen enough, which is no error."""

    def on_broken_pipe(self) -> None:
        """Goes on without a reader; rich would end the program as if it had failed."""
        _discard_output()


def print_out(content: RenderableType) -> None:
    """Prints to standard output. Raises UsageError where that cannot take it."""
    console = _Output()
    try:
        console.print(content)
        console.file.flush()
    except OSError as error:
        _discard_output()
        reason = error.strerror or str(error)
        raise UsageError(f"standard output cannot be written ({reason}): use -q and -o") from error


@contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Standard output for bytes. A reader that is gone has seen enough. Raises UsageError where it cannot take them."""
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _discard_output()
    except OSError as error:
        _discard_output()
        raise UsageError(f"standard output cannot be written ({error.strerror or error}): name a file") from error


def _discard_output() -> None:
    """Sends what Python still holds for standard output nowhere, so that it does not fail once more at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
