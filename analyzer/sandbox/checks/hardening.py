"""How well this machine holds what a package might try against it: the kernel's age, who may trace, and what handles a crash."""

from __future__ import annotations

import os
import re
import resource
from dataclasses import replace
from pathlib import Path
from typing import Final

from analyzer.sandbox.checks import Check

OLDEST_KERNEL: Final = (5, 10)
"""The oldest line of kernels that still gets fixes (kernel.org, "Longterm"), and has all that both sandboxes are made of."""

_SETTINGS: Final = Path("/proc/sys")
_NUMBER: Final = re.compile(r"(\d{1,4})\.(\d{1,4})")
_ADMINISTRATORS, _NOBODY = 2, 3
"""Values of kernel.yama.ptrace_scope (Documentation/admin-guide/LSM/Yama.rst)."""


def kernel_age() -> Check:
    """Whether the kernel, which is the wall between a package and the machine, still gets fixes."""
    release = os.uname().release
    good = Check("kernel", "ok", release, needed_for="keeping a package inside either sandbox")
    match = _NUMBER.match(release)
    if match is not None and (int(match[1]), int(match[2])) >= OLDEST_KERNEL:
        return good
    wanted = ".".join(map(str, OLDEST_KERNEL))
    return replace(good, status="weak", remedy=f"Linux {wanted} or later, with its distribution's fixes")


def tracing_allowed() -> Check:
    """Whether the security module Yama lets strace trace what it started."""
    good = Check("ptrace", "ok", "allowed", needed_for="tracer strace")
    path = _SETTINGS / "kernel/yama/ptrace_scope"
    scope = int(path.read_text()) if path.is_file() else 0
    if scope >= _NOBODY:
        remedy = (
            "--tracer kernel, as root; or start without kernel.yama.ptrace_scope=3, which only a restart takes back"
        )
        return replace(good, status="weak", found="forbidden for everybody (Yama)", remedy=remedy)
    if scope == _ADMINISTRATORS:
        remedy = "--tracer kernel, --sandbox docker, or sysctl kernel.yama.ptrace_scope=1"
        return replace(good, status="weak", found="for administrators only (Yama)", remedy=remedy)
    return good


def crash_handler() -> Check:
    """Whether a crash in the embedded sandbox would start a program of the host, which a limit of one byte on cores prevents (core(5))."""
    good = Check("crash handler", "ok", "no crash of a package starts one", needed_for="the embedded sandbox")
    pattern = (_SETTINGS / "kernel/core_pattern").read_text().strip()
    if pattern.startswith(("|", "@")) and resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        remedy = "raise the hard limit on core files (ulimit -Hc) to 1 or more, or sysctl kernel.core_pattern=core"
        return replace(
            good, status="weak", found=f"a crash of a package starts {pattern[1:].split(' ')[0]}", remedy=remedy
        )
    return good
