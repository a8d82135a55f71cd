"""What bash does by itself when the supervisor starts it for its start-up files (`probes/hood/starting.py`).

Until it looks for the first of the user's files, everything below it is its own, `/etc/profile` and the programs that this
starts included. Then it reads the user's files, and at its end it says that it logs out and sets its signals back
(bash(1), INVOCATION). All else comes from what stands in those files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.model.event import (
    ConsoleWrite,
    FileOpen,
    FileQuery,
    FileRead,
    ProcessCreate,
    ProcessExec,
    ProcessExit,
    ProcessHandler,
)
from analyzer.trace.kernel import Act
from analyzer.trace.processes import Process

_SHELL = "/bin/bash"
_LOGIN = "-lic"
_SOURCING = '. "$0"'
_FILES = frozenset({".bash_profile", ".bash_login", ".profile", ".bashrc", ".bash_aliases", ".bash_logout"})
_LOGOUT = "/etc/bash.bash_logout"
_AROUND_BIRTHS = frozenset({("SIGTERM", "default"), ("SIGINT", "handle")})
_AFTER_BIRTH = ("SIGTERM", "ignore")
_FAREWELL = "logout\n"


def own_work(acts: Sequence[Act], user_home: str) -> set[int]:
    """The places in the list of one step's acts that are bash's own; none where the step is no such shell."""
    shell, words = _shell(acts)
    if shell is None:
        return set()
    files = {_LOGOUT, *(f"{user_home}/{name}" for name in _FILES)} if words[1:2] == (_LOGIN,) else set(words[3:4])
    began = next((place for place, act in enumerate(acts) if _reads(act, shell, files)), len(acts))
    found = {*range(began), *_around_births(acts, shell)}
    busy = True
    for place in range(len(acts) - 1, began - 1, -1):
        act = acts[place]
        if act.process is not shell:
            continue
        # A signal that is handled in between may be a trap of a start-up file's.
        ending = isinstance(act.detail, ProcessHandler | ProcessExit) or _is_farewell(act)
        busy = busy and ending
        if busy or _is_farewell(act) or _reads(act, shell, files):
            found.add(place)
    return found


def _around_births(acts: Sequence[Act], shell: Process) -> Iterable[int]:
    """How an interactive bash handles signals for a command that it starts: SIGTERM is ignored again once for each."""
    again = False
    for place, act in enumerate(acts):
        if act.process is not shell:
            continue
        if isinstance(act.detail, ProcessCreate):
            again = True
        elif isinstance(act.detail, ProcessHandler):
            handling = act.detail.signal, act.detail.action
            if handling in _AROUND_BIRTHS or (again and handling == _AFTER_BIRTH):
                again = again and handling != _AFTER_BIRTH
                yield place


def _shell(acts: Sequence[Act]) -> tuple[Process | None, tuple[str, ...]]:
    """The step's own command and its words, where that is a shell which the supervisor started."""
    for act in acts:
        parent = act.process.parent
        if isinstance(act.detail, ProcessExec) and not act.detail.error and (parent is None or parent.ours):
            words = act.detail.argv
            started = words[:1] == (_SHELL,) and (words[1:2] == (_LOGIN,) or words[2:3] == (_SOURCING,))
            return (act.process if started else None), words
    return None, ()


def _reads(act: Act, shell: Process, files: set[str]) -> bool:
    detail = act.detail
    if act.process is not shell or not isinstance(detail, FileOpen | FileQuery | FileRead):
        return False
    return detail.path in files and not (isinstance(detail, FileOpen) and detail.access != "read")


def _is_farewell(act: Act) -> bool:
    return isinstance(act.detail, ConsoleWrite) and act.detail.head == _FAREWELL
