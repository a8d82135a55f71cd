"""Compiles the kernel tracer's programs whenever hatchling builds a wheel or an editable install.

The object is bytecode of the kernel's own virtual machine and the same for x86-64 and arm64, so one wheel serves all platforms. Without
clang the build goes on without the object: strace does the tracing then, and `fumehood doctor` and the report say why.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OBJECT = "tracer.bpf.o"
TIME_LIMIT = 300
"""Seconds; half a second is usual."""


class KernelProgram(BuildHookInterface[Any]):
    """The build hook that pyproject.toml names; `analyzer.resources` looks for the object where this puts it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile: for an editable install into the checkout, for a wheel (`version` standard) into the wheel."""
        if version == "editable":
            self._compile(Path(self.root, ".build", "kernel", OBJECT))
            return
        # Removed when this process ends: the object has to stay until hatchling has packed it.
        self._scratch = tempfile.TemporaryDirectory(prefix="fumehood-kernel-", ignore_cleanup_errors=True)
        built = Path(self._scratch.name, OBJECT)
        if self._compile(built):
            build_data["force_include"][str(built)] = f"analyzer/_bundled/kernel/{OBJECT}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the object that is in the wheel now."""
        if version != "editable":
            self._scratch.cleanup()

    def _compile(self, out: Path) -> bool:
        command = ("sh", str(Path(self.root, "probes", "kernel", "build")), str(out))
        try:
            ended = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return self._warn(str(error))
        if ended.returncode == 0:
            return True
        said = ended.stderr.splitlines() or [f"sh ended with {ended.returncode}"]
        return self._warn(next((line for line in said if "error:" in line), said[-1]))

    def _warn(self, reason: str) -> bool:
        self.app.display_warning(f"fumehood is built without its kernel tracer, strace takes its place: {reason}")
        return False
