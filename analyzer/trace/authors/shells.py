"""What bash does by itself when the supervisor starts it for its start-up files (`probes/hood/starting.py`).

Until it looks for the first of the user's files, everything below it is its own, `/etc/profile` and the programs that this
starts included. Then it reads the user's files, and at its end it says that it logs out and sets its signals back
(bash(1), INVOCATION). All else comes from what stands in those files.
"""

from __future__ import annotations

from collections.abc import Sequence

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
from analyzer.trace.calls.kernel import Act
from analyzer.trace.calls.processes import Process

_SHELL = "/bin/bash"
_LOGIN = "-lic"
_INTERACTIVE = "-i"
"""A shell that is the user's, for whom it handles signals as it needs (`probes/hood/exploring.py`)."""
_SOURCING = '. "$0"'
_FILES = frozenset({".bash_profile", ".bash_login", ".profile", ".bashrc", ".bash_aliases", ".bash_logout"})
_OF_INTERACTIVE = frozenset({".bashrc", ".bash_aliases"})
_LOGOUT = "/etc/bash.bash_logout"
_AROUND_BIRTHS = frozenset({("SIGTERM", "default"), ("SIGINT", "handle")})
_AFTER_BIRTH = ("SIGTERM", "ignore")
_FAREWELL = "logout\n"


def own_work(acts: Sequence[Act], user_home: str) -> set[int]:
    """The places in the list of one step's acts that are bash's own; none where the step is no such shell."""
    shell = Shell(user_home)
    found = {place for place, act in enumerate(acts) if shell.is_own(act)}
    if shell.process is None:
        return set()
    for place in range(len(acts) - 1, -1, -1):
        act = acts[place]
        if act.process is not shell.process:
            continue
        # A signal that is handled in between may be a trap of a start-up file's.
        if not (isinstance(act.detail, ProcessHandler | ProcessExit) or _is_farewell(act)):
            break
        found.add(place)
    return found


class Shell:
    """Finds all of these acts but the signals at the end, among a step's acts that come one after the other.

    `process` is the shell, None where the step is none, or nothing was started yet.
    """

    def __init__(self, user_home: str) -> None:
        self.process: Process | None = None
        self._home = user_home
        self._files: set[str] | None = None
        self._began = self._again = self._users = False

    def is_own(self, act: Act) -> bool:
        """Whether an act is bash's own."""
        if self._files is None:
            self._look(act)
        if self.process is None:
            return False
        around = act.process is self.process and self._is_around_birth(act)
        reads = _reads(act, self.process, self._files or set())
        self._began = self._began or reads
        return not self._began or around or reads or (act.process is self.process and _is_farewell(act))

    def _look(self, act: Act) -> None:
        """Whether the step's own command, once it is started, is a shell which the supervisor started; and for which files."""
        parent = act.process.parent
        if not isinstance(act.detail, ProcessExec) or act.detail.error or not (parent is None or parent.ours):
            return
        words, self._files = act.detail.argv, set()
        if words[:1] == (_SHELL,) and words[1:2] == (_LOGIN,):
            self.process, self._files = act.process, {_LOGOUT, *(f"{self._home}/{name}" for name in _FILES)}
        elif words == (_SHELL, _INTERACTIVE):
            self.process, self._files = act.process, {f"{self._home}/{name}" for name in _OF_INTERACTIVE}
            self._users = True
        elif words[:1] == (_SHELL,) and words[2:3] == (_SOURCING,):
            self.process, self._files = act.process, set(words[3:4])

    def _is_around_birth(self, act: Act) -> bool:
        """How an interactive bash handles signals for a command that it starts: SIGTERM is ignored again once for each."""
        if isinstance(act.detail, ProcessCreate):
            self._again = True
        if not isinstance(act.detail, ProcessHandler):
            return False
        if self._users:
            return True
        handling = act.detail.signal, act.detail.action
        found = handling in _AROUND_BIRTHS or (self._again and handling == _AFTER_BIRTH)
        self._again = self._again and handling != _AFTER_BIRTH
        return found


def _reads(act: Act, shell: Process, files: set[str]) -> bool:
    detail = act.detail
    if act.process is not shell or not isinstance(detail, FileOpen | FileQuery | FileRead):
        return False
    return detail.path in files and not (isinstance(detail, FileOpen) and detail.access != "read")


def _is_farewell(act: Act) -> bool:
    return isinstance(act.detail, ConsoleWrite) and act.detail.head == _FAREWELL
