"""Whether this host can run the tracer in the kernel, and if not, why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from analyzer.errors import SandboxError
from analyzer.resources import kernel_program
from analyzer.sandbox.checks import Check
from analyzer.sandbox.kernel.libbpf import library
from analyzer.sandbox.kernel.loader import KernelTracer

_TYPES: Final = Path("/sys/kernel/btf/vmlinux")
_STATUS: Final = Path("/proc/self/status")
_SYS_ADMIN: Final = 1 << 21
_BPF_AND_PERFMON: Final = 1 << 39 | 1 << 38
"""Capabilities that the kernel asks for, from linux/capability.h; CAP_SYS_ADMIN holds the other two."""


def kernel_tracer() -> Check:
    """Loads the programs, and unloads them again; takes a quarter of a second."""
    good = Check("kernel tracer", "ok", "loads", needed_for="tracing in the kernel; strace does without")
    weak = replace(good, status="weak")  # strace stands in
    if not _TYPES.is_file():
        return replace(weak, found="the kernel has no types (BTF)", remedy="a kernel with CONFIG_DEBUG_INFO_BTF")
    if not _allowed(_STATUS.read_text()):
        remedy = "run as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE"
        return replace(weak, found="no right to load programs", remedy=remedy)
    try:
        library()
        program = kernel_program()
    except SandboxError as error:
        found, _, remedy = str(error).partition(": ")
        return replace(weak, found=found, remedy=remedy)
    try:
        with KernelTracer(program, {}) as tracer:
            return replace(good, found=f"loads, without {', '.join(tracer.missing)}") if tracer.missing else good
    except SandboxError as error:
        return replace(weak, found=str(error), remedy="what its line says; until then, --tracer auto takes strace")


def _allowed(status: str) -> bool:
    line = next((line for line in status.splitlines() if line.startswith("CapEff:")), "CapEff: 0")
    effective = int(line.split()[1], 16)
    return bool(effective & _SYS_ADMIN) or effective & _BPF_AND_PERFMON == _BPF_AND_PERFMON
