"""Tracers: what records the package's system calls. A tracer is described to the supervisor by data, and parsed in `analyzer.trace`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from analyzer.errors import UsageError


class Tracer(ABC):
    """A way of recording system calls."""

    name: str

    @abstractmethod
    def plan(self) -> dict[str, Any]:
        """What the supervisor needs to start it; `name` says which it is."""


class Strace(Tracer):
    """strace with its seccomp filter: stops the package only at the calls that tell something."""

    name = "strace"

    def plan(self) -> dict[str, Any]:
        """The calls to trace, from `strace.yaml`."""
        return {"name": self.name, **_strace_data()}


class PlainStrace(Tracer):
    """strace at every call, as the yardstick of `make bench`."""

    name = "strace-plain"

    def plan(self) -> dict[str, Any]:
        """No data: it traces all."""
        return {"name": self.name}


class NoTracer(Tracer):
    """No tracer at all, as the yardstick of `make bench`. A report is never made of such a run."""

    name = "none"

    def plan(self) -> dict[str, Any]:
        """No data."""
        return {"name": self.name}


def choose(name: str) -> Tracer:
    """The tracer for the command line's word. Raises UsageError for one that this version does not have."""
    if name in {"auto", Strace.name}:
        return Strace()
    if name == "kernel":
        raise UsageError("--tracer kernel: this version has no kernel tracer; use --tracer strace or auto")
    raise UsageError(f"--tracer {name}: unknown; use auto, kernel or strace")


@cache
def _strace_data() -> dict[str, Any]:
    data = yaml.safe_load(files("analyzer.sandbox").joinpath("strace.yaml").read_text(encoding="utf-8"))
    groups: dict[str, list[str]] = data["calls"]
    installer = [call for group in data["installer_groups"] for call in groups[group]]
    return {
        "calls": sorted({call for calls in groups.values() for call in calls}),
        "installer_calls": sorted(set(installer)),
        "inject": data["inject"],
        "inject_in_container": data["inject_in_container"],
        "signals": data["signals"],
        "string_limit": data["string_limit"],
    }
