"""One of the processes of `fumehood vet`: it imports once, opens its sandbox once, and takes one target after the other.

It reads lines of JSON (`Task`) and says lines of JSON (`Said`). Reports go through files, so that nobody holds more than one. An empty
line tells it to end; where its input ends without one, whoever started it is gone, and it stops as if it had been told by a signal.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO, Final, Literal

from pydantic import BaseModel, ConfigDict

from analyzer.acquire import Cache, SimpleIndex, environment_from
from analyzer.acquire.lists import Narrowed, Wanted, check_digests, wanted_here
from analyzer.acquire.lists.entry import spelled_name
from analyzer.acquire.lists.narrowed import constraints_of
from analyzer.errors import FumehoodError
from analyzer.kept import replacing
from analyzer.model.package import Environment
from analyzer.model.report import Report, Text
from analyzer.pipeline.analyze import saved_report
from analyzer.pipeline.reuse import Bench

_MAX_TEXT: Final = 4000
"""Characters of what is said of one target."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Task(_Message):
    """One target, as `Wanted` has it. `listing` is the number of the list whose constraints hold; `saved` is a report or record."""

    number: int
    target: str
    place: str = ""
    marker: str = ""
    digests: frozenset[str] = frozenset()
    groups: frozenset[str] | None = None
    listing: int | None = None
    saved: bool = False

    @property
    def wanted(self) -> Wanted:
        """The entry of the list."""
        return Wanted(self.target, self.place, self.marker, self.digests, self.groups)


class Said(_Message):
    """What a worker says of its task: what it does now, or how that ended.

    "report" is in the file of its number; "elsewhere" is not wanted in this sandbox; "refused" could not be analysed; "bug" is an error
    of ours. "lost" is never said: it tells that the worker ended.
    """

    kind: Literal["stage", "report", "elsewhere", "refused", "bug", "lost"]
    text: Text = ""
    reused: bool = False

    @property
    def is_last(self) -> bool:
        """Whether the task is over."""
        return self.kind != "stage"


def report_path(folder: Path, number: int) -> Path:
    """Where the report of a task stands."""
    return folder / f"{number:06}.json"


@dataclass(slots=True)
class Desk:
    """What a worker has at hand: its bench, where reports go, and the constraints of each list."""

    bench: Bench
    cache: Cache
    folder: Path
    constraints: tuple[tuple[str, ...], ...] = ()
    refresh: bool = False
    _environment: Environment | None = field(default=None, init=False)

    def do(self, task: Task, say: Callable[[Said], None]) -> Said:
        """Does one task. What is wrong with it is said, and never raised."""
        try:
            return self._report(task, lambda stage: say(Said(kind="stage", text=stage[:_MAX_TEXT])))
        except FumehoodError as error:
            return Said(kind="refused", text=str(error)[:_MAX_TEXT])
        except OSError as error:
            return Said(
                kind="refused", text=f"its report cannot be written ({error.strerror}): make room, or set TMPDIR"
            )
        except Exception:  # noqa: BLE001 a worker's outermost frame: a bug of ours costs one target, and is told
            return Said(kind="bug", text=traceback.format_exc()[-_MAX_TEXT:])

    def _report(self, task: Task, progress: Callable[[str], None]) -> Said:
        if task.saved:
            progress(f"reading {task.target}")
            return self._keep(task, saved_report(Path(task.target), self.bench.rules), reused=False)
        wanted = task.wanted
        if self._environment is None:
            self.cache.prepare()
            with _alone(self.folder):
                self._environment = environment_from(self.bench.sandbox(progress).description())
        if not wanted_here(wanted, self._environment):
            return Said(kind="elsewhere", text=f"it is wanted only where {wanted.marker}")
        lines = self.constraints[task.listing] if task.listing is not None else ()
        index = Narrowed(
            SimpleIndex(self.cache, refresh=self.refresh, progress=progress),
            constraints_of(lines, self._environment),
            spelled_name(wanted.target),
            wanted.digests,
        )
        result = self.bench.report(
            wanted.target, index, progress, lambda acquisition: check_digests(wanted, acquisition)
        )
        return self._keep(task, result.report, reused=result.reused)

    def _keep(self, task: Task, report: Report, *, reused: bool) -> Said:
        with replacing(report_path(self.folder, task.number)) as stream:
            stream.write(report.model_dump_json().encode())
        return Said(kind="report", reused=reused)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One worker at a time: the first one may have to build an image, which the others then find."""
    with (folder / "opening").open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def serve(desk: Desk, given: BinaryIO, said: BinaryIO) -> None:
    """Does what is given, to the empty line."""
    tasks: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(given, tasks), name="tasks", daemon=True).start()

    def say(one: Said) -> None:
        said.write(one.model_dump_json(exclude_defaults=True).encode() + b"\n")
        said.flush()

    while line := tasks.get().strip():
        say(desk.do(Task.model_validate_json(line), say))


def _read(given: BinaryIO, tasks: SimpleQueue[bytes]) -> None:
    """Hands lines on. Whoever waits for a long analysis would not see the end of its input."""
    for line in given:
        tasks.put(line)
        if not line.strip():
            return
    os.kill(os.getpid(), signal.SIGTERM)
