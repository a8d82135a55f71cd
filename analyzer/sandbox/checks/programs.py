"""What is installed: Python interpreters, the programs of `analyzer.sandbox.tools`, disk space."""

from __future__ import annotations

import shutil
import tempfile
from typing import Final

from analyzer.errors import SandboxError
from analyzer.sandbox.checks import Check, run
from analyzer.sandbox.tools import Tool, find_tool, parse_version

_DISK_BYTES: Final = 2 << 30
_PYTHONS: Final = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")


def pythons() -> Check:
    """Which interpreters a sandbox could use; Debian's own is the one that every embedded sandbox can show."""
    found: dict[str, str] = {}
    for name in ("/usr/bin/python3", *_PYTHONS):
        path = shutil.which(name)
        answer = run(path, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])") if path else None
        if path and answer and answer.returncode == 0 and parse_version(answer.stdout) >= (3, 11):
            found.setdefault(answer.stdout.strip(), path)
    listed = ", ".join(f"{version} ({path})" for version, path in found.items())
    if "/usr/bin/python3" in found.values():
        return Check("Python", "ok", listed, needed_for="both sandboxes")
    return Check(
        "Python",
        "weak" if found else "missing",
        listed or "no Python 3.11 or later",
        "apt-get install python3 python3-venv (Debian 12, Ubuntu 24.04 or later)",
        "embedded sandbox, which shows the package the host's own /usr",
    )


def free_disk() -> Check:
    """Whether a run's files have room."""
    directory = tempfile.gettempdir()
    free = shutil.disk_usage(directory).free
    found = f"{free / (1 << 30):.1f} GiB in {directory}"
    if free >= _DISK_BYTES:
        return Check("free disk", "ok", found, needed_for="both sandboxes")
    return Check("free disk", "weak", found, "free 2 GiB, or set TMPDIR to a larger disk", "both sandboxes")


def tool_check(tool: Tool) -> Check:
    """Whether a program is installed, and new enough."""
    try:
        path = find_tool(tool.name)
    except SandboxError:
        return Check(tool.name, "weak" if tool.optional else "missing", "not installed", tool.remedy, tool.needed_for)
    answer = run(path, tool.version_option)
    version = parse_version(answer.stdout + answer.stderr)
    found = f"{'.'.join(map(str, version)) or 'version unknown'} ({path})"
    if version and version < tool.minimum:
        wanted = ".".join(map(str, tool.minimum))
        return Check(tool.name, "weak", found, f"version {wanted} or later: {tool.remedy}", tool.needed_for)
    return Check(tool.name, "ok", found, needed_for=tool.needed_for)
