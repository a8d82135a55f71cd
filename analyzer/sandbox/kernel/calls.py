"""The table of system calls that the programs in the kernel read: which are recorded, and what their arguments point at."""

from __future__ import annotations

import platform
import struct
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from analyzer.datafile import DataFile
from analyzer.errors import SandboxError, UsageError
from analyzer.trace.kernellog.tables import AARCH64, I386, X32, X86_64, call_names

if TYPE_CHECKING:
    from collections.abc import Collection

NUMBERS: Final = 1024
"""Entries of the table per width of calls, as in probes/kernel/calls.h."""

_WANTED, _CREATES, _EXECUTES = 1, 2, 4
_ENTRY: Final = struct.Struct("=6sBx6H")
_KINDS: Final = {
    "-": 0,
    "path": 1,
    "string_if": 2,
    "buffer_in": 3,
    "sockaddr_in": 4,
    "strings_in": 5,
    "struct_in": 6,
    "iovec_in": 7,
    "message_in": 8,
    "messages_in": 9,
    "buffer_out": 16,
    "sockaddr_out": 17,
    "struct_out": 18,
    "ints_out": 19,
    "iovec_out": 20,
    "message_out": 21,
    "messages_out": 22,
}
"""`enum argument_kind` of probes/kernel/calls.h."""

_TABLES: Final = {"x86_64": {X86_64: 0, X32: 0, I386: NUMBERS}, "aarch64": {AARCH64: 0}}
"""The ways of calling on each machine, each with where its calls begin in the table."""


class CallsFile(BaseModel):
    """The file calls.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    arguments: dict[str, str]
    creating: frozenset[str]
    executing: frozenset[str]


def entries(wanted: Collection[str], machine: str = "") -> dict[int, bytes]:
    """The table's entries for the calls wanted, by their index.

    Args:
        wanted: names of calls; one that this machine does not have is passed over, and a variant by width goes with the call it is one of.
        machine: as `uname -m` says it; empty: this machine.

    Raises:
        SandboxError: the machine is unknown.
        UsageError: the data is damaged.
    """
    machine = machine or platform.machine()
    if machine not in _TABLES:
        raise SandboxError(f"the kernel tracer does not know machine {machine}: x86_64 and aarch64 are known")
    return {
        start + number: _entry(name)
        for arch, start in _TABLES[machine].items()
        for number, name in call_names(arch).items()
        if name in wanted
    }


def _entry(name: str) -> bytes:
    data = _data()
    kinds, sizes = [], []
    for word in data.arguments.get(name, "").split():
        kind, _, size = word.partition(":")
        if kind not in _KINDS:
            raise UsageError(f"calls.yaml: {name}: {kind!r} is no kind of argument")
        kinds.append(_KINDS[kind])
        sizes.append(int(size or 0))
    use = _WANTED | (_CREATES if name in data.creating else 0) | (_EXECUTES if name in data.executing else 0)
    return _ENTRY.pack(bytes(kinds), use, *(sizes + [0] * 6)[:6])


@cache
def _data() -> CallsFile:
    return DataFile(files("analyzer.sandbox.kernel").joinpath("calls.yaml"), "table of calls").read(CallsFile)
