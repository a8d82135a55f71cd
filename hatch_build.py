"""Compiles the kernel tracer's programs, and the clock that runs ahead, whenever hatchling builds a wheel or an editable install.

The programs are bytecode of the kernel's own virtual machine and the same for x86-64 and arm64, so one wheel serves all platforms. Without
clang the build goes on without them: strace does the tracing then, and `fumehood doctor` and the report say why. The clock is a library
of the building machine's kind, and bears that in its name; without gcc, or on another kind of machine, `--fast-clock` says what is missing.
"""

from __future__ import annotations

import platform
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OBJECT = "tracer.bpf.o"
CLOCK = "clock.so"
TIME_LIMIT = 300
"""Seconds; half a second is usual."""


class KernelProgram(BuildHookInterface[Any]):
    """The build hook that pyproject.toml names; `analyzer.resources` looks for the object where this puts it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile: for an editable install into the checkout, for a wheel (`version` standard) into the wheel."""
        if version == "editable":
            self._compile("kernel", Path(self.root, ".build", "kernel", OBJECT))
            self._compile("clock", Path(self.root, ".build", "clock", CLOCK))
            return
        # Removed when this process ends: the object has to stay until hatchling has packed it.
        self._scratch = tempfile.TemporaryDirectory(prefix="fumehood-kernel-", ignore_cleanup_errors=True)
        built = Path(self._scratch.name, OBJECT)
        if self._compile("kernel", built):
            build_data["force_include"][str(built)] = f"analyzer/_bundled/kernel/{OBJECT}"
        library = Path(self._scratch.name, CLOCK)
        if self._compile("clock", library):
            build_data["force_include"][str(library)] = f"analyzer/_bundled/clock/clock-{platform.machine()}.so"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the object that is in the wheel now."""
        if version != "editable":
            self._scratch.cleanup()

    def _compile(self, probe: str, out: Path) -> bool:
        command = ("sh", str(Path(self.root, "probes", probe, "build")), str(out))
        try:
            ended = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return self._warn(probe, str(error))
        if ended.returncode == 0:
            return True
        said = ended.stderr.splitlines() or [f"sh ended with {ended.returncode}"]
        return self._warn(probe, next((line for line in said if "error:" in line), said[-1]))

    def _warn(self, probe: str, reason: str) -> bool:
        missing = {"kernel": "its kernel tracer, strace takes its place", "clock": "what --fast-clock needs"}[probe]
        self.app.display_warning(f"fumehood is built without {missing}: {reason}")
        return False
