"""What the driver does in the package's process: it looks for listening sockets, goes to a folder for calls, and pauses at the end.

The names of its files alone prove nothing, since a package can give its code any, so only these acts are taken for its
own (see `probes/driver/driver.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.model.event import FileOpen, ProcessControl, ProcessSleep
from analyzer.trace.calls.kernel import Act
from analyzer.trace.calls.processes import DRIVER, RUNNER, SCRIPTS
from analyzer.trace.logs.probe import ProbeCall

_NULL = "/dev/null"
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_CALLS = frozenset({"importlib.import_module"})
_PAUSE = (0.7, 0.8)
"""Seconds, and a little more that the machine may add."""


def is_drivers(call: ProbeCall) -> bool:
    """Whether a call is announced by the driver alone: nothing but the standard library is between it and its start."""
    return call.file.startswith(RUNNER) and all(file.startswith(RUNNER) for file, _ in call.stack)


def is_look(call: ProbeCall) -> bool:
    """Whether this is the driver opening a table of sockets, or nothing at all as its standard input, to read."""
    return is_drivers(call) and call.name == "open" and call.arguments[:1] in {(_NULL,), *((one,) for one in _TABLES)}


def is_import(call: ProbeCall) -> bool:
    """Whether this is the driver importing a module."""
    return is_drivers(call) and call.name in _CALLS


class DriverWork:
    """Tells the driver's acts in one step, whose acts it gets in order."""

    def __init__(self, acts: Iterable[Act]) -> None:
        self._pauses = {act.process: act for act in acts if _is_pause(act)}  # of each process the last one

    def is_own(self, act: Act, call: ProbeCall | None) -> bool:
        """Whether an act is the driver's; `call` is its announcement."""
        detail = act.detail
        if isinstance(detail, FileOpen) and _is_ours(detail) and call is None:
            return True  # the interpreter reading what it is to run; code that asks for these files announces that
        if DRIVER not in act.process.argv:
            return False
        if (
            isinstance(detail, FileOpen)
            and detail.access == "read"
            and (detail.asked or detail.path) in (_NULL, *_TABLES)
        ):
            return call is not None and is_look(call)
        if isinstance(detail, ProcessControl) and detail.call == "chdir":
            return call is not None and is_drivers(call)
        return self._pauses.get(act.process) is act and (call is None or is_drivers(call))


def _is_ours(detail: FileOpen) -> bool:
    """Whether a file that is read is the driver's, or the user's."""
    return detail.access == "read" and f"{detail.path}/".startswith((RUNNER, SCRIPTS))


def _is_pause(act: Act) -> bool:
    detail = act.detail
    return isinstance(detail, ProcessSleep) and _PAUSE[0] <= detail.seconds < _PAUSE[1]
