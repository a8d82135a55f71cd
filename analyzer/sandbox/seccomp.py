"""The seccomp profile: one data file for both sandboxes, as Docker reads it and compiled for bubblewrap.

The file is Docker's format with `defaultAction` allow and a list of refusals. For bubblewrap it becomes classic BPF: the architecture is
checked first (a call through another one is refused), then each refused call, with a masked comparison of one argument where the
rule has one, and another argument that must not be zero where it names that. Offsets and opcodes: linux/seccomp.h and linux/bpf_common.h.
"""

from __future__ import annotations

import errno
import json
import platform
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from analyzer.errors import SandboxError
from analyzer.resources import images_directory
from analyzer.sandbox.tracer import Refusal

_LOAD, _JUMP_EQ, _JUMP_GE, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_ALLOW, _ERRNO, _SIGNAL = 0x7FFF0000, 0x00050000, 0x00030000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32_BIT = 0x40000000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_* by machine name, from linux/audit.h."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    number: int
    errno: int
    argument: int | None
    mask: int
    value: int
    nonzero: int | None = None


def profile(refusals: Iterable[Refusal] = ()) -> dict[str, Any]:
    """The profile in Docker's format, with more calls refused."""
    document: dict[str, Any] = json.loads((images_directory() / "seccomp.json").read_text(encoding="utf-8"))
    document["syscalls"] += [_rule(one) for one in refusals]
    return document


def _rule(refusal: Refusal) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "names": list(refusal.calls), "action": "SCMP_ACT_ERRNO", "errnoRet": getattr(errno, refusal.error)
    }  # fmt: skip
    if refusal.argument is not None:
        compared = {
            "index": refusal.argument,
            "value": refusal.mask,
            "valueTwo": refusal.value,
            "op": "SCMP_CMP_MASKED_EQ",
        }
        rule["args"] = [compared]
    return rule


def compile_profile(profile: dict[str, Any], numbers: dict[str, int], *, signalling: bool = False) -> bytes:
    """The profile as the array of `struct sock_filter` that bubblewrap takes.

    `numbers` gives each call's number on this machine. A call through another architecture fails, as in a kernel without that; where it
    is to be `signalling`, its caller gets SIGSYS, since strace does not see a call that fails by a profile. Raises SandboxError on a
    machine that the table does not know.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise SandboxError(f"no seccomp profile for machine {machine}: x86_64 and aarch64 are known")
    foreign = (_RETURN, 0, 0, _SIGNAL if signalling else _ERRNO | errno.ENOSYS)
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQ, 1, 0, _ARCHITECTURES[machine]),
        foreign,
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        program += [(_JUMP_GE, 0, 1, _X32_BIT), foreign]
    for refusal in _refusals(profile, numbers):
        program += _instructions(refusal)
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _instructions(refusal: _Refusal) -> list[tuple[int, int, int, int]]:
    answer = (_RETURN, 0, 0, _ERRNO | refusal.errno)
    if refusal.argument is None:
        return [(_JUMP_EQ, 0, 1, refusal.number), answer]
    present = [] if refusal.nonzero is None else _present(_ARGUMENTS + 8 * refusal.nonzero)
    return [
        (_JUMP_EQ, 0, 5 + len(present), refusal.number),
        (_LOAD, 0, 0, _ARGUMENTS + 8 * refusal.argument),  # the lower half: all that the kernel looks at of an int
        (_AND, 0, 0, refusal.mask),
        (_JUMP_EQ, 0, 1 + len(present), refusal.value),
        *present,
        answer,
        (_LOAD, 0, 0, _NUMBER),
    ]


def _present(argument: int) -> list[tuple[int, int, int, int]]:
    """Goes on where the argument at that offset is not zero, and over the next instruction where it is: a pointer, of two halves."""
    return [(_LOAD, 0, 0, argument), (_JUMP_EQ, 0, 2, 0), (_LOAD, 0, 0, argument + 4), (_JUMP_EQ, 1, 0, 0)]


def _refusals(profile: dict[str, Any], numbers: dict[str, int]) -> list[_Refusal]:
    found: list[_Refusal] = []
    for rule in profile["syscalls"]:
        argument, nonzero = [*rule.get("args", []), None, None][:2]
        found += [
            _Refusal(
                number=numbers[name],
                errno=rule["errnoRet"],
                argument=argument["index"] if argument else None,
                mask=argument["value"] if argument else 0,
                value=argument["valueTwo"] if argument else 0,
                nonzero=nonzero["index"] if nonzero else None,
            )
            for name in rule["names"]
            if name in numbers
        ]
    return found
