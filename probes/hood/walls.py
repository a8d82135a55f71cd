"""What is around a command of the package: namespaces of its own, or the container's ordinary user.

Both give the same to the package: an ordinary user without capabilities or new privileges, under a seccomp profile, unable to see
or signal what watches it. Both can end every process that the command left, which no package can prevent.
"""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any, Protocol

from hood import processes
from hood.plan import Plan

ENDED = "the sandbox around the command was ended from outside, and the command with it"
"""The reason for a command whose walls somebody else took away; the package cannot."""

_KILL_ROUNDS, _KILL_PAUSE = 200, 0.01

FIRST_TO_END = ("choom", "--adjust=200", "--")
"""Where memory ends, the kernel ends a process of the package, not the supervisor or the tracer. Desktops give users' programs the same."""


class Walls(Protocol):
    """The command lines that put a command behind walls, and the end of what is left behind them."""

    def command(self, argv: list[str], tracer: list[str], info_fd: int) -> list[str]:
        """The whole command line with the tracer in it; what it starts may write to `info_fd` what `end` is to know."""

    def inherited(self, info_fd: int) -> list[int]:
        """Descriptors that the command line needs, `info_fd` among them where it writes to it; open until `started`."""

    def started(self) -> None:
        """Closes what was opened for the command."""

    def end(self, tracer: int, info: bytes) -> None:
        """Ends every process of the package while the tracer, whose number it gets, goes on to finish its log.

        `info` is what came through the descriptor.
        """

    def end_rest(self) -> None:
        """Ends what is still there after the tracer."""


class Bubblewrap:
    """The tracer stays outside; bubblewrap makes user, pid, mount, ipc, uts and cgroup namespaces for the package.

    The package's processes cannot see the tracer (their TracerPid is 0), and die with their namespace's first process.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._profile: int | None = None

    def command(self, argv: list[str], tracer: list[str], info_fd: int, *more: str) -> list[str]:
        """Strace … bwrap … command; `more` are words for bubblewrap."""
        variables = [part for name, value in self._plan.environment.items() for part in ("--setenv", name, value)]
        seccomp: list[str] = []
        if self._plan.seccomp:
            self._profile = os.open(self._plan.seccomp, os.O_RDONLY | os.O_CLOEXEC)
            seccomp = ["--seccomp", str(self._profile)]
        nproc = f"--nproc={self._plan.limits.processes}"
        return [
            "prlimit", nproc, *tracer, *FIRST_TO_END, "bwrap", *self._plan.launcher_arguments, *seccomp,
            *more, "--info-fd", str(info_fd), "--clearenv", *variables, "--", *argv,
        ]  # fmt: skip

    def inherited(self, info_fd: int) -> list[int]:
        """Both of bubblewrap's, which closes them before the package starts."""
        return [info_fd] if self._profile is None else [info_fd, self._profile]

    def started(self) -> None:
        """Closes the profile."""
        if self._profile is not None:
            os.close(self._profile)
            self._profile = None

    def end(self, tracer: int, info: bytes) -> None:
        """Ends the first process of the package's pid namespace, and with it all others; before there is one, the launcher."""
        first = first_process(info)
        for pid in [first] if first is not None else processes.descendants(tracer):
            processes.kill(pid)

    def end_rest(self) -> None:
        """Nothing: the pid namespace died with its first process, and that with the tracer's end."""


class User:
    """Inside a container: the tracer runs as the container's root, and what it starts becomes the ordinary user at once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def command(self, argv: list[str], tracer: list[str], info_fd: int) -> list[str]:
        """Strace … setpriv … env -i … command; the environment given to `env` is of the launcher, not of the package.

        The number of processes is the container's limit: the kernel counts a user's on the whole machine, not in here.
        """
        del info_fd
        uid = self._plan.uid
        return [
            *tracer, *FIRST_TO_END, "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all",
            "--ambient-caps=-all", "--bounding-set=-all", "--no-new-privs",
            *as_users(self._plan, argv),
        ]  # fmt: skip

    def inherited(self, info_fd: int) -> list[int]:
        """None: nothing here would close it."""
        del info_fd
        return []

    def started(self) -> None:
        """Nothing to close."""

    def end(self, tracer: int, info: bytes) -> None:
        """Ends all processes of the user at once, so that none can make another in between.

        The supervisor becomes that user for the moment: a helper process might not be had while the package holds the
        limit of processes. Nobody can signal the first process of the container in that time, which ours is.
        """
        del tracer, info
        os.setresuid(self._plan.uid, self._plan.uid, 0)
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            os.setresuid(0, 0, 0)

    def end_rest(self) -> None:
        """Ends everything else in the container, and waits until it is gone."""
        for _ in range(_KILL_ROUNDS):
            try:
                os.kill(-1, signal.SIGKILL)
            except ProcessLookupError:
                return
            processes.reap()
            time.sleep(_KILL_PAUSE)


def as_users(plan: Plan, argv: list[str]) -> list[str]:
    """The command in the package's folder, with its environment and no other variable."""
    variables = [f"{name}={value}" for name, value in plan.environment.items()]
    return ["/usr/bin/env", "-i", "-C", plan.environment["PWD"], *variables, *argv]


def walls(plan: Plan) -> Walls:
    """The walls that the plan asks for, where the supervisor builds them."""
    return Bubblewrap(plan) if plan.launcher == "bubblewrap" else User(plan)


def facts(info: bytes) -> dict[str, Any]:
    """What bubblewrap tells through its descriptor (bwrap(1), --info-fd); empty before it is all there."""
    try:
        document = json.loads(info)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def first_process(info: bytes) -> int | None:
    """The first process of the package's namespace, by what bubblewrap told, while it lives."""
    pid = facts(info).get("child-pid")
    # The number may be another process's by now, but not another first process's: there is one at a time.
    return pid if isinstance(pid, int) and processes.is_first_of_namespace(pid) else None
