"""Numbers and their names: system calls from `syscalls.tsv`, constants from `constants.yaml`, which name their sources."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from analyzer.datafile import shipped_yaml

X86_64, I386, X32, AARCH64, ARM = range(1, 6)
"""Architectures of calls, as the log numbers them."""

FOREIGN: Final = {I386: "i386", X32: "x32", ARM: "arm"}
"""Those that are not a machine's own, with their names."""

_COLUMNS: Final = {X86_64: "x86_64", I386: "i386", X32: "x32", AARCH64: "aarch64"}
_LONG: Final = frozenset({X86_64, AARCH64})
_CACHED = 4096


def is_wide(arch: int) -> bool:
    """Whether pointers and lengths have 64 bits."""
    return arch in _LONG


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = files("analyzer.trace.kernellog").joinpath("syscalls.tsv").read_text(encoding="ascii")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return tuple(dict(zip(lines[0], line, strict=True)) for line in lines[1:])


@cache
def call_names(arch: int) -> dict[int, str]:
    """The names of an architecture's calls by number, a variant under the name of the call that it is the same as."""
    column = _COLUMNS.get(arch, "")
    return {
        int(row[column]): row["name"] if row["same as"] == "-" else row["same as"]
        for row in _rows()
        if row.get(column, "-") != "-"
    }


@cache
def call_numbers(machine: str) -> dict[str, int]:
    """The numbers of a machine's own calls by name; none for a machine that the table does not know."""
    return {row["name"]: int(row[machine]) for row in _rows() if row.get(machine, "-").isdigit()}


@cache
def constants(table: str) -> dict[str, int]:
    """A table of constants, in its order."""
    return _constants()[table]


@cache
def _constants() -> dict[str, dict[str, int]]:
    text = files("analyzer.trace.kernellog").joinpath("constants.yaml").read_text(encoding="ascii")
    tables: dict[str, str] = shipped_yaml(text)
    return {
        name: {key: int(number, 0) for key, _, number in (word.partition("=") for word in words.split())}
        for name, words in tables.items()
    }


@cache
def _by_number(table: str) -> dict[int, str]:
    return {number: name for name, number in constants(table).items()}


def of_machine(table: str, arch: int) -> str:
    """The table's variant for an architecture, where there is one."""
    variant = f"{table}_arm"
    return variant if arch in (AARCH64, ARM) and variant in _constants() else table


def named(table: str, number: int, *, otherwise: str | None = None) -> str:
    """The constant's name; a number without one is hexadecimal, as strace prints it, or what is asked for."""
    name = _by_number(table).get(number)
    if name is not None:
        return name
    return hexadecimal(number) if otherwise is None else otherwise


@lru_cache(_CACHED)
def flags(table: str, number: int, zero: str = "0") -> str:
    """The names of the flags that are set, joined by `|`, and what has no name hexadecimal."""
    words = []
    left = number
    for name, value in constants(table).items():
        if value and left & value == value:
            words.append(name)
            left &= ~value
    if left:
        words.append(hexadecimal(left))
    return "|".join(words) or zero


def hexadecimal(number: int) -> str:
    """As strace prints it: `0x1f`, and plain 0."""
    return f"{number:#x}" if number else "0"


def error_name(number: int) -> str:
    """An errno's name."""
    return named("errno", number, otherwise=f"errno {number}")


def signal_name(number: int) -> str:
    """A signal's name, or its number."""
    return named("signal", number, otherwise=str(number))
