"""The table of system calls that the programs in the kernel read: which are recorded, and what their arguments point at."""

from __future__ import annotations

import platform
import struct
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from analyzer.datafile import DataFile
from analyzer.errors import SandboxError, UsageError
from analyzer.trace.kernellog.tables import AARCH64, I386, X32, X86_64, call_names

if TYPE_CHECKING:
    from collections.abc import Collection

NUMBERS: Final = 1024
"""Entries of the table per width of calls, as in probes/kernel/calls.h."""

_WANTED, _CREATES, _EXECUTES, _WANTED_QUIETLY, _OPENS, _MOVES = 1, 2, 4, 8, 16, 32
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
    "lock_in": 10,
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
    opening: frozenset[str]
    moving: frozenset[str]


class CallGroups(BaseModel):
    """Groups of calls, as strace.yaml and wanted.yaml have them; what else stands there is for others."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    calls: dict[str, tuple[str, ...]]
    installer_groups: frozenset[str] = frozenset()


class Recorded(NamedTuple):
    """Names of the calls that are recorded."""

    wanted: frozenset[str]
    """Of a package's command."""
    quiet: frozenset[str]
    """While a trusted installer runs on wheels: what it opens and writes is in the tree anyway."""


@cache
def recorded() -> Recorded:
    """What the tracer in the kernel records: the calls of strace.yaml, and those of wanted.yaml. Raises UsageError for damaged data."""
    groups = DataFile(files("analyzer.sandbox").joinpath("strace.yaml"), "calls of strace", shipped=True).read(
        CallGroups
    )
    more = DataFile(files("analyzer.sandbox.kernel").joinpath("wanted.yaml"), "calls of the kernel", shipped=True).read(
        CallGroups
    )
    both = [*groups.calls.items(), *more.calls.items()]
    return Recorded(
        frozenset(name for _, names in both for name in names),
        frozenset(name for group, names in both for name in names if group in groups.installer_groups),
    )


def entries(wanted: Collection[str], quiet_wanted: Collection[str] = (), *, machine: str = "") -> dict[int, bytes]:
    """The table's entries for the calls wanted, by their index.

    Args:
        wanted: names of calls; one that this machine does not have is passed over, and a variant by width goes with the call it is one of.
        quiet_wanted: those that are recorded of a sandbox that is watched as quiet.
        machine: as `uname -m` says it; empty: this machine.

    Raises:
        SandboxError: the machine is unknown.
        UsageError: the data is damaged.
    """
    machine = machine or platform.machine()
    if machine not in _TABLES:
        raise SandboxError(f"the kernel tracer does not know machine {machine}: x86_64 and aarch64 are known")
    return {
        start + number: _entry(name, (name in wanted) * _WANTED | (name in quiet_wanted) * _WANTED_QUIETLY)
        for arch, start in _TABLES[machine].items()
        for number, name in call_names(arch).items()
        if name in wanted or name in quiet_wanted
    }


def _entry(name: str, use: int) -> bytes:
    data = _data()
    kinds, sizes = [], []
    for word in data.arguments.get(name, "").split():
        kind, _, size = word.partition(":")
        if kind not in _KINDS:
            raise UsageError(f"calls.yaml: {name}: {kind!r} is no kind of argument")
        kinds.append(_KINDS[kind])
        sizes.append(int(size or 0))
    use |= (_CREATES if name in data.creating else 0) | (_EXECUTES if name in data.executing else 0)
    use |= (_OPENS if name in data.opening else 0) | (_MOVES if name in data.moving else 0)
    return _ENTRY.pack(bytes(kinds), use, *(sizes + [0] * 6)[:6])


@cache
def _data() -> CallsFile:
    return DataFile(files("analyzer.sandbox.kernel").joinpath("calls.yaml"), "table of calls", shipped=True).read(
        CallsFile
    )
