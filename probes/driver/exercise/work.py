"""The driver's work: importing or calling, as it is ordered."""

from __future__ import annotations

import json
import os
import sys
from _thread import _count
from contextlib import suppress
from time import sleep

from exercise.aims import Aims
from exercise.importing import import_one
from exercise.kept import keep
from exercise.members import members
from exercise.progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

keep(globals())

_LINGER_SECONDS = 0.7
"""How long a started thread, child or listening socket may go on after the last subject."""
_OWN = "exercise"


def work(descriptor: int) -> None:
    """Carries out the orders on standard input, and tells of it through a descriptor.

    What was started in the background then gets a moment.
    """
    orders = json.load(sys.stdin)
    calling = _calling(orders) if "call" in orders else None
    progress = Progress(descriptor, orders["epoch"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.argv = [""]
    sys.path[0] = ""
    for name in [name for name in sys.modules if name.partition(".")[0] == _OWN]:
        del sys.modules[name]  # the package may have modules of that name
    before = _listening()
    if calling is not None:
        calling(progress)
    else:
        _import(orders["import"], orders.get("first", {}), progress)
    with suppress(BaseException):  # of a signal's handler, or of tools of the library that a package broke
        if _count() or _listening() - before:
            sleep(_LINGER_SECONDS)
    progress.done()


def _calling(orders: dict[str, Any]) -> Callable[[Progress], None]:
    """Loads what makes calls, before any code of the package's is there."""
    from exercise.calling import Calling, Orders

    return lambda progress: Calling(Orders(orders), progress).run()


def _import(names: list[str], first: dict[str, list[list[Any]]], progress: Progress) -> None:
    for name in names:
        progress.begin(name)
        module, error = import_one(name)
        progress.end(name, error, 0 if error else len(members(name, module, Aims(first.get(name, [])))))


def _listening() -> set[str]:
    """The TCP sockets of this network that wait for connections (state 0A), as their local addresses."""
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as lines:
                found.update(fields[1] for fields in map(str.split, lines) if fields[3:4] == ["0A"])
        except OSError:
            continue
    return found
