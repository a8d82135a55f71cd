"""Programs that the package looked for along PATH, or by a full path, and that the sandbox does not have.

Seen are failed executions, and questions whether a file is there (access(2), or Python's `os.path.exists` and its like) for the
same name in every folder of PATH. A shell looks for its commands by calls that are not recorded, so what only a shell's script
names is not among them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from analyzer.model.event import PACKAGES, PHASES, Attribution, Event, FileQuery, Phase, ProcessExec, PythonCall
from analyzer.model.report import MissingCommand
from analyzer.pipeline.judging.behaviors import AUTHORS, Context, code_location

_MAX_NAMED: Final = 200
_MAX_NAME: Final = 200
_NOT_THERE: Final = frozenset({"ENOENT", "ENOTDIR"})

Searcher = tuple[int, int]
"""A step and a process in it."""


@dataclass(slots=True)
class _Search:
    """Who looked for one program: the first event, and each process with the folders in which it asked for it.

    `executed` are the processes that tried to run it, which is a search by itself.
    """

    first: Event
    asked: dict[Searcher, set[str]] = field(default_factory=dict)
    executed: set[Searcher] = field(default_factory=set)
    phases: set[Phase] = field(default_factory=set)
    authors: set[Attribution] = field(default_factory=set)

    def searches(self, folders: Collection[str]) -> int:
        """How many processes tried to run it, or asked for it in all of these folders."""
        whole = {one for one, seen in self.asked.items() if len(seen) == len(folders)}
        return len(self.executed | whole)


def missing_commands(events: Iterable[Event], path: str, context: Context) -> list[MissingCommand]:
    """The programs that were not found by the package or its dependencies, by name. `path` is the package's PATH."""
    folders = frozenset(posixpath.normpath(folder) for folder in path.split(":") if folder)
    found: set[str] = set()
    searches: dict[str, _Search] = {}
    for event in events:
        detail = event.detail
        if isinstance(detail, ProcessExec | FileQuery) and event.outcome == "completed":
            found.add(_name(detail.path, folders))
        elif event.attribution in PACKAGES:
            _note(event, folders, searches)
    counted = {name: (one.searches(folders), one) for name, one in searches.items() if name not in found and folders}
    told = [_missing(name, count, one, context) for name, (count, one) in counted.items() if count]
    return sorted(told, key=lambda one: one.name)[:_MAX_NAMED]


def _note(event: Event, folders: Collection[str], searches: dict[str, _Search]) -> None:
    detail = event.detail
    if isinstance(detail, ProcessExec):
        if detail.error not in _NOT_THERE:
            return
        search = _search(_name(detail.path, folders), event, searches)
        search.executed.add((event.step, event.pid))
        return
    asked = _asked(event)
    folder, name = posixpath.split(asked)
    if folder in folders and name:
        search = _search(name, event, searches)
        search.asked.setdefault((event.step, event.pid), set()).add(folder)


def _asked(event: Event) -> str:
    """The path of which it was asked whether it is there; the interpreter tells the question, not its answer."""
    detail = event.detail
    if isinstance(detail, FileQuery):
        return detail.path if detail.error in _NOT_THERE else ""
    if isinstance(detail, PythonCall) and detail.name == "os.stat" and detail.arguments:
        return detail.arguments[0]
    return ""


def _search(name: str, event: Event, searches: dict[str, _Search]) -> _Search:
    search = searches.setdefault(name, _Search(event))
    search.phases.add(event.phase)
    search.authors.add(event.attribution)
    return search


def _name(path: str, folders: Collection[str]) -> str:
    """What a program is called: its name in a folder of PATH, its whole path elsewhere."""
    folder, name = posixpath.split(path)
    return name if folder in folders else path


def _missing(name: str, count: int, search: _Search, context: Context) -> MissingCommand:
    return MissingCommand(
        name=name[:_MAX_NAME],
        searches=count,
        phases=[phase for phase in PHASES if phase in search.phases],
        attribution=[author for author in AUTHORS if author in search.authors],
        distribution=context.distribution(search.first),
        location=code_location(search.first),
    )
