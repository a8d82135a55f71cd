"""What this machine has and lacks for the sandboxes: the checks behind `fumehood doctor`.

Each check stands alone, ends within seconds and reports instead of raising, so that one broken part of a machine does
not hide the others.
"""

from __future__ import annotations

import subprocess
from functools import partial
from typing import TYPE_CHECKING, Final

from analyzer.errors import FumehoodError
from analyzer.sandbox.bases import one_line
from analyzer.sandbox.checks import Check, hardening, kernel, programs, services
from analyzer.sandbox.checks.kernel_tracer import kernel_tracer
from analyzer.sandbox.docker.images import ENGINE_ERRORS
from analyzer.sandbox.tools import TOOLS, find_tool

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Check", "find_tool", "survey"]

_ERRORS: Final = (OSError, ValueError, subprocess.SubprocessError, FumehoodError, *ENGINE_ERRORS)


def survey(index_url: str | None = None) -> list[Check]:
    """Look at everything that a sandbox needs on this machine.

    Args:
        index_url: a package index that is asked for one answer; None: no network is used.
    """
    checks: list[tuple[str, Callable[[], Check]]] = [("Python", programs.pythons)]
    checks += [(tool.name, partial(programs.tool_check, tool)) for tool in TOOLS.values()]
    checks += [
        ("kernel", hardening.kernel_age),
        ("user namespaces", kernel.user_namespaces),
        ("bubblewrap start", kernel.bubblewrap_start),
        ("sealed network", kernel.sealed_network),
        ("seccomp", kernel.seccomp),
        ("ptrace", hardening.tracing_allowed),
        ("crash handler", hardening.crash_handler),
        ("cgroups", kernel.cgroups),
        ("Docker engine", services.engine),
        ("Docker images", services.images),
        ("free disk", programs.free_disk),
        ("kernel types (BTF)", kernel.btf),
        ("kernel tracer", kernel_tracer),
    ]
    if index_url is not None:
        checks.append(("package index", partial(services.index, index_url)))
    return [_guarded(name, check) for name, check in checks]


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except _ERRORS as error:
        return Check(name, "weak", f"could not be checked: {one_line([str(error)])}")
