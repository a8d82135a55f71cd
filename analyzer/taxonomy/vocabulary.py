"""The ids of two public vocabularies, MITRE ATT&CK and the Malware Behavior Catalog, with their names.

The tables stand in `reference/attack.yaml` and `reference/mbc.yaml`, each with its source, version and date. They hold
every id that a behavior of ours may name; an id that is not there does not exist or was withdrawn by its publisher.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from analyzer.datafile import DataFile

Tactic = Literal[
    "reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation",
    "defense-evasion", "credential-access", "discovery", "lateral-movement", "collection", "command-and-control",
    "exfiltration", "impact",
]  # fmt: skip
"""Short names of the tactics of ATT&CK for Enterprise, version 18, as ATT&CK Navigator writes them."""

Objective = Literal[
    "anti-behavioral-analysis", "anti-static-analysis", "collection", "command-and-control", "credential-access",
    "defense-evasion", "discovery", "execution", "exfiltration", "impact", "lateral-movement", "persistence",
    "privilege-escalation", "communication", "cryptography", "data", "file-system", "hardware", "memory",
    "operating-system", "process",
]  # fmt: skip
"""Objectives and micro-objectives of the Malware Behavior Catalog, version 3."""


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique or sub-technique of ATT&CK. `name` is its own name, without that of the technique it belongs to."""

    id: str
    name: str
    tactics: tuple[Tactic, ...]

    @property
    def parent(self) -> str:
        """The id of the technique that this is a sub-technique of, or "" for a technique."""
        return _parent(self.id)


@dataclass(frozen=True, slots=True)
class MbcEntry:
    """A behavior, micro-behavior or method of the Malware Behavior Catalog. `name` is without that of its behavior."""

    id: str
    name: str
    objectives: tuple[Objective, ...]

    @property
    def parent(self) -> str:
        """The id of the behavior that this is a method of, or "" for a behavior."""
        return _parent(self.id)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _AttackRow(_Strict):
    name: Annotated[str, Field(min_length=1)]
    tactics: Annotated[tuple[Tactic, ...], Field(min_length=1)]


class _MbcRow(_Strict):
    name: Annotated[str, Field(min_length=1)]
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)]


class _Header(_Strict):
    title: str
    source: str
    version: str
    date: date
    licence: str
    note: str


class _AttackFile(_Header):
    entries: dict[Annotated[str, Field(pattern=r"^T\d{4}(\.\d{3})?$")], _AttackRow]


class _MbcFile(_Header):
    entries: dict[Annotated[str, Field(pattern=r"^[BCEF]\d{4}(\.\d{3}|\.m\d{2})?$")], _MbcRow]


@cache
def attack() -> Mapping[str, Technique]:
    """All active techniques and sub-techniques by id. Raises UsageError, naming the file, when the table is broken."""
    rows = _attack_file().entries
    return MappingProxyType({key: Technique(key, row.name, row.tactics) for key, row in rows.items()})


@cache
def mbc() -> Mapping[str, MbcEntry]:
    """All entries of the Malware Behavior Catalog by id. Raises UsageError, naming the file, when the table is broken."""
    rows = _mbc_file().entries
    return MappingProxyType({key: MbcEntry(key, row.name, row.objectives) for key, row in rows.items()})


def attack_version() -> str:
    """The version of ATT&CK that the table holds, such as "18". Raises UsageError as `attack` does."""
    return _attack_file().version


def mbc_version() -> str:
    """The version of the catalog that the table holds. Raises UsageError as `mbc` does."""
    return _mbc_file().version


@cache
def _attack_file() -> _AttackFile:
    return _read(_reference("attack.yaml"), _AttackFile)


@cache
def _mbc_file() -> _MbcFile:
    return _read(_reference("mbc.yaml"), _MbcFile)


def _reference(name: str) -> Traversable:
    return files("analyzer.taxonomy").joinpath("reference", name)


_File = TypeVar("_File", _AttackFile, _MbcFile)


def _read(path: Traversable, model: type[_File]) -> _File:
    file = DataFile(path, "vocabulary file", shipped=True)
    content = file.read(model)
    orphan = next((key for key in content.entries if _parent(key) and _parent(key) not in content.entries), None)
    if orphan is not None:
        raise file.error(("entries", orphan), f"{orphan} is there without {_parent(orphan)}: add it")
    return content


def _parent(identifier: str) -> str:
    stem, dot, _ = identifier.partition(".")
    return stem if dot else ""
