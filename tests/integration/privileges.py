"""What every process of a run may do, as /proc tells it while a package runs."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from analyzer.acquire import Cache, SimpleIndex
from analyzer.pipeline import Options, analyze
from analyzer.sandbox.interface import Manner
from tests.packages import make_wheel

_MODULE = """
import subprocess, sys
subprocess.run([sys.executable, "-c", "import time; time.sleep(6)", "MARK"])
"""
_SECONDS = 60.0
_CAPABILITIES = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
)  # fmt: skip
"""By their numbers (linux/capability.h)."""
_NAMESPACES = ("user", "net", "pid", "mnt", "ipc", "uts", "cgroup")


@dataclass(frozen=True)
class Privileges:
    """Of one process: which it is, the user as the host numbers it, capabilities, filters, and namespaces that are not the host's."""

    role: str
    user: int
    capabilities: frozenset[str]
    """Effective or permitted: what it has, or may take."""
    bounding: frozenset[str]
    """What a program that it executes could get from the program's file, if it might get new privileges at all."""
    new_privileges: bool
    seccomp: bool
    namespaces: frozenset[str]

    def row(self) -> str:
        """The row of the table in docs/security.md, without why."""
        who = "root" if self.user == 0 else "package" if self.role == "package" else str(self.user)
        return f"| {self.role} | {who} | {' '.join(sorted(self.capabilities)) or 'none'} | {' '.join(sorted(self.namespaces))} |"


def look(sandbox: str, tracer: str, folder: Path, cache_directory: Path) -> list[Privileges]:
    """Runs a package that waits, and looks at all processes of the run meanwhile."""
    mark = f"sleeper-{secrets.token_hex(8)}"
    wheel = make_wheel(folder, "sleeper", modules={"sleeper.py": _MODULE.replace("MARK", mark)})
    cache = Cache(cache_directory)
    options = Options(sandbox=sandbox, tracer=tracer, manner=Manner(callables=False))
    quiet: Callable[[str], None] = lambda stage: None  # noqa: E731
    run = threading.Thread(
        target=lambda: analyze(str(wheel), options, cache, SimpleIndex(cache), quiet, lambda analysis: None)
    )
    run.start()
    try:
        package: int | None = None
        while run.is_alive() and package is None:
            time.sleep(0.1)
            package = next((pid for pid in psutil.pids() if mark in _words(pid)), None)
        return [] if package is None else [found for pid in _beside(package) if (found := _of(pid, mark)) is not None]
    finally:
        run.join(_SECONDS)


def _beside(package: int) -> list[int]:
    """All processes in the same network, and those that started the embedded sandbox, which are not in it."""
    found = []
    network = os.readlink(f"/proc/{package}/ns/net")
    for pid in psutil.pids():
        try:
            if os.readlink(f"/proc/{pid}/ns/net") == network:
                found.append(pid)
        except OSError:
            continue
    return found


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return [""]


def _role(words: list[str], mark: str) -> str:
    if mark in words:
        return "package"
    program = words[0].rpartition("/")[2]
    if program == "strace":
        return "strace"
    if program == "bwrap":
        return "inner bubblewrap" if "--disable-userns" in words else "outer bubblewrap"
    if "hood.internet" in words:
        return "keeper of the simulated internet"
    if "internet" in words:
        return "simulated internet"
    if "hood" in words:
        return "supervisor"
    if words[0] == "cat" or (words[:2] == ["/bin/sh", "-c"] and words[2].startswith("until cat")):
        return "what waits"
    return "package"


def _of(pid: int, mark: str) -> Privileges | None:
    try:
        status = dict(
            line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
        )
        namespaces = frozenset(
            name
            for name in _NAMESPACES
            if os.readlink(f"/proc/{pid}/ns/{name}") != os.readlink(f"/proc/self/ns/{name}")
        )
    except OSError:
        return None
    role = _role(_words(pid), mark)
    inside = int(status["CapBnd"], 16) == 0  # as bubblewrap leaves it in the namespaces that it has made
    return Privileges(
        role="bubblewrap of a command" if role == "inner bubblewrap" and not inside else role,
        user=int(status["Uid"].split()[1]),
        capabilities=_names(status["CapEff"]) | _names(status["CapPrm"]) | _names(status["CapAmb"]),
        bounding=_names(status["CapBnd"]),
        new_privileges=status["NoNewPrivs"] == "0",
        seccomp=status["Seccomp"] == "2",
        namespaces=namespaces,
    )


def _names(mask: str) -> frozenset[str]:
    number = int(mask, 16)
    return frozenset(name for bit, name in enumerate(_CAPABILITIES) if number >> bit & 1)
