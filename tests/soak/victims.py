"""The processes of ours inside a sandbox: those that are not the package's."""

from __future__ import annotations

import os
from pathlib import Path

import docker
import psutil

from tests.integration.lifecycle import containers_of

_WAITING = 65534
"""The user of what waits in the package's container (`analyzer/sandbox/docker/cell.py`)."""


def victims(pid: int, client: docker.DockerClient | None) -> list[tuple[str, psutil.Process]]:
    """What may be killed of an analysis, each with a name for it."""
    try:
        found = [one for one in psutil.Process(pid).children(recursive=True) if _is_ours(one)]
        named = [(_name(one), one) for one in found]
    except psutil.Error:
        named = []
    if client is not None:
        named += [pair for container in containers_of(pid, client) for pair in _in_container(container)]
    return [(name, one) for name, one in named if name]


def _is_ours(process: psutil.Process) -> bool:
    """In the embedded sandbox, the package is two pid namespaces below; the first process there is bubblewrap's."""
    own, numbers = len(pid_numbers(os.getpid())), pid_numbers(process.pid)
    return len(numbers) < own + 2 or (len(numbers) == own + 2 and numbers[-1] == "1" and _name(process) == "bwrap")


def _in_container(container: docker.models.containers.Container) -> list[tuple[str, psutil.Process]]:
    first = container.attrs["State"]["Pid"]
    kind = container.name.rpartition("-")[2]
    if not first:
        return []
    try:
        root = psutil.Process(first)
        everything = [root, *root.children(recursive=True)]
        if kind == "package":
            everything = [one for one in everything if one.uids().real == _WAITING]
        elif kind == "supervisor":
            everything = [one for one in everything if one.uids().real == 0]
        return [(f"{kind}: {_name(one)}", one) for one in everything if _name(one)]
    except psutil.Error:
        return []


def pid_numbers(pid: int) -> list[str]:
    """A process's numbers in its pid namespace and all around that, the innermost last (proc(5), `status`, NSpid)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return []
    return next((line.split()[1:] for line in lines if line.startswith("NSpid:")), [])


def _name(process: psutil.Process) -> str:
    """Its program, and for one in Python which it is; empty for one that has ended."""
    try:
        words = process.cmdline()
        if not words or process.status() == psutil.STATUS_ZOMBIE:
            return ""
    except psutil.Error:
        return ""
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else ""
    return f"{Path(words[0]).name} {module}".strip()
