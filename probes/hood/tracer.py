"""The tracer's command line inside the sandbox. The plan says which tracer it is."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any


def command(tracer: dict[str, Any], log: Path, *, running_package_code: bool, in_container: bool) -> list[str]:
    """The words before a command that trace it into `log`; none when the plan asks for no tracer.

    Where only an installer that we brought runs on wheels, the calls that it makes by the thousand (opening and writing the files
    that the tree comparison shows anyway) are left out.
    """
    if tracer["name"] == "none":
        return []
    if tracer["name"] == "strace-plain":
        return ["strace", "-f", "-q", "-ttt", "-o", str(log)]
    calls = tracer["calls"] if running_package_code else tracer["installer_calls"]
    injected = tracer["inject"] + (tracer["inject_in_container"] if in_container else [])
    injections = [part for injection in injected for part in ("-e", f"inject={injection}")]
    cpus = sorted(os.sched_getaffinity(0))
    injections += ["-e", f"inject=sched_getaffinity:poke_exit=@arg3={_mask(cpus)}"]
    return [
        # On one processor, a stop costs a switch; on two it costs waking the other one up, which takes five times as long
        # in virtual machines. The package is still told of all processors.
        "taskset", "-c", str(secrets.choice(cpus)),
        "strace", "-f", "-q", "-y", "-ttt", "-T", "--seccomp-bpf", "--decode-pids=pidns", "-s", str(tracer["string_limit"]),
        "-e", "trace=" + ",".join(calls), "-e", "signal=" + ",".join(tracer["signals"]), *injections, "-o", str(log),
    ]  # fmt: skip


def _mask(cpus: list[int]) -> str:
    """Processors as sched_getaffinity(2) gives them: a bit for each, in little-endian words of 64, in hexadecimal."""
    words = max(cpus) // 64 + 1
    return sum(1 << cpu for cpu in cpus).to_bytes(words * 8, "little").hex()
