from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analyzer.errors import UsageError
from analyzer.taxonomy import load, vocabulary
from analyzer.taxonomy.vocabulary import MbcEntry, Technique, attack, attack_version, mbc

HEADER = 'title: t\nsource: s\nversion: "1"\ndate: 2026-01-01\nlicence: l\nnote: n\nentries:\n'


def test_attack_has_the_numbers_that_its_version_is_published_with() -> None:
    assert attack_version() == "18"
    assert sum(1 for technique in attack().values() if not technique.parent) == 216
    assert sum(1 for technique in attack().values() if technique.parent) == 475


@pytest.mark.parametrize(
    ("identifier", "name", "tactics"),
    [
        ("T1059", "Command and Scripting Interpreter", ("execution",)),
        ("T1059.006", "Python", ("execution",)),
        ("T1546.018", "Python Startup Hooks", ("persistence", "privilege-escalation")),
        ("T1496.001", "Compute Hijacking", ("impact",)),
    ],
)
def test_known_techniques(identifier: str, name: str, tactics: tuple[vocabulary.Tactic, ...]) -> None:
    assert attack()[identifier] == Technique(identifier, name, tactics)


@pytest.mark.parametrize("identifier", ["T1043", "T1064", "T1053.001", "T1574.002", "T9999"])
def test_withdrawn_and_invented_techniques_are_not_there(identifier: str) -> None:
    assert identifier not in attack()


@pytest.mark.parametrize(
    ("identifier", "name", "objectives"),
    [
        ("B0001.038", "Check Processes", ("anti-behavioral-analysis",)),
        ("C0001.001", "Set Socket Config", ("communication",)),
        ("E1083.m02", "Filter by Extension", ("discovery",)),
        ("B0028", "Cryptocurrency", ("collection", "credential-access")),
    ],
)
def test_known_entries_of_the_catalog(identifier: str, name: str, objectives: tuple[vocabulary.Objective, ...]) -> None:
    assert mbc()[identifier] == MbcEntry(identifier, name, objectives)


def test_every_part_has_its_whole() -> None:
    assert attack()["T1059.004"].parent == "T1059"
    assert mbc()["E1083.m02"].parent == "E1083"
    assert mbc()["E1083"].parent == ""
    assert not [t.id for t in attack().values() if t.parent and t.parent not in attack()]
    assert not [e.id for e in mbc().values() if e.parent and e.parent not in mbc()]


def test_every_id_that_a_behavior_names_exists() -> None:
    assert [(b.id, i) for b in load() for i in b.attack if i not in attack()] == []
    assert [(b.id, i) for b in load() for i in b.mbc if i not in mbc()] == []


def test_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        attack()["T0000"] = attack()["T1059"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        mbc()["B0001"].name = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    "text",
    [
        "entries: [",
        "title: t\n",
        HEADER + "  X1: {name: a, tactics: [execution]}\n",
        HEADER + "  T1000: {name: a, tactics: [magic]}\n",
        HEADER + "  T1000: {name: a, tactics: []}\n",
        HEADER + "  T1000: {name: a, tactics: [execution], more: 1}\n",
        HEADER + "  T1000.001: {name: a, tactics: [execution]}\n",
    ],
)
def test_a_broken_table_is_one_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "attack.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"^vocabulary file [^\n]*attack\.yaml[^\n]+$"):
        vocabulary._read(path, vocabulary._AttackFile)


def test_a_missing_table_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^vocabulary file [^\n]*mbc\.yaml cannot be read: "):
        vocabulary._read(tmp_path / "mbc.yaml", vocabulary._MbcFile)
