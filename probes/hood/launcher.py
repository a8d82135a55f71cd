"""How a command of the package is started: inside namespaces of its own, or as the container's ordinary user.

Both give the same to the package: an ordinary user without capabilities or new privileges, under a seccomp profile, unable to see
or signal what watches it. Both can end every process that the command left, which no package can prevent.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Protocol

from hood.plan import Plan


class Launcher(Protocol):
    """Starts a command for the package and ends what is left of it."""

    def command(self, argv: list[str], environment: dict[str, str], tracer: list[str], info_fd: int) -> list[str]:
        """The whole command line with the tracer in it; `info_fd` is an inherited descriptor that the launcher may write to."""

    def kill_all(self, info: bytes) -> None:
        """Ends every process of the package; `info` is what came through the descriptor."""


class Bubblewrap:
    """The tracer stays outside; bubblewrap makes user, pid, mount, ipc, uts and cgroup namespaces for the package.

    The package's processes cannot see the tracer (their TracerPid is 0), and die with their namespace's first process.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def command(self, argv: list[str], environment: dict[str, str], tracer: list[str], info_fd: int) -> list[str]:
        """strace … bwrap … command."""
        variables = [part for name, value in environment.items() for part in ("--setenv", name, value)]
        return [
            *tracer, "bwrap", *self._plan.launcher_arguments,
            "--info-fd", str(info_fd), "--clearenv", *variables, "--", *argv,
        ]  # fmt: skip

    def kill_all(self, info: bytes) -> None:
        """Ends the first process of the package's pid namespace, and with it all others."""
        pid = _child_pid(info)
        if pid is not None:
            _kill(pid)


class User:
    """Inside a container: the tracer runs as the container's root, and starts the command as the ordinary user."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def command(self, argv: list[str], environment: dict[str, str], tracer: list[str], info_fd: int) -> list[str]:
        """strace -u user env -i … command; `env` is of the launcher, not of the package."""
        del info_fd
        variables = [f"{name}={value}" for name, value in environment.items()]
        prefix = [*tracer, "-u", self._plan.user] if tracer else ["setpriv", *_as_user(self._plan.uid)]
        return [*prefix, "/usr/bin/env", "-i", "-C", environment["PWD"], *variables, *argv]

    def kill_all(self, info: bytes) -> None:
        """Ends all processes of the user at once, from a child that is that user."""
        del info
        child = os.fork()
        if child == 0:
            os.setgroups([])
            os.setresgid(self._plan.uid, self._plan.uid, self._plan.uid)
            os.setresuid(self._plan.uid, self._plan.uid, self._plan.uid)
            try:
                os.kill(-1, signal.SIGKILL)
            finally:
                os._exit(0)
        os.waitpid(child, 0)


def launcher(plan: Plan) -> Launcher:
    """The launcher that the plan asks for."""
    return Bubblewrap(plan) if plan.launcher == "bubblewrap" else User(plan)


def _as_user(uid: int) -> list[str]:
    return [f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all", "--no-new-privs"]


def _child_pid(info: bytes) -> int | None:
    try:
        document = json.loads(info)
    except ValueError:
        return None
    pid = document.get("child-pid") if isinstance(document, dict) else None
    return pid if isinstance(pid, int) and Path(f"/proc/{pid}").exists() else None


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
