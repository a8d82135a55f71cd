"""Plans for the supervisor's tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hood.plan import Limits, Plan

PHASES = ("install", "startup", "import", "execute")


def limits(**changes: Any) -> Limits:
    """Limits that no test reaches, but for the changes."""
    values: dict[str, Any] = {
        "phase_seconds": dict.fromkeys(PHASES, 60.0), "subject_seconds": 60.0, "call_seconds": 60.0, "linger_seconds": 0.2, "cpu_seconds": 60,
        "output_bytes": 1 << 20, "trace_bytes": 1 << 20, "probe_bytes": 1 << 20, "file_bytes": 1 << 30, "processes": 100,
        "tree_entries": 1000, "files": 1000,
    }  # fmt: skip
    return Limits(**{**values, **changes})


def plan(record: Path, **changes: Any) -> Plan:
    """A plan without a tracer for a record, but for the changes."""
    values: dict[str, Any] = {
        "launcher": "bubblewrap", "launcher_arguments": ["--unshare-all"], "owned": False, "internet": False,
        "tracer": {"name": "none"}, "python": "/usr/bin/python3", "uv": "/opt/uv/uv", "installer": "uv", "record": record,
        "home": "/home/alex", "user": "alex", "uid": 1000, "name": "thing", "target": "/srv/packages/thing.whl", "project": "",
        "driver": "", "callables": True,
        "compiled": True, "environment": {"PATH": "/usr/bin:/bin", "PWD": "/"}, "decoys": [], "limits": limits(),
        "drop_to": None, "seccomp": None, "control": None, "fast_clock": False, "moments": [],
    }  # fmt: skip
    return Plan(**{**values, **changes})
