"""The ATT&CK Navigator layer and the MBC mapping of a report."""

from __future__ import annotations

import json

from analyzer.render.vocabularies import render_layer, render_mbc
from analyzer.taxonomy.vocabulary import attack, attack_version, mbc, mbc_version
from tests.unit.render.hostile import hostile_report
from tests.unit.render.sample import behavior, evidence, quiet_report

REPORT = quiet_report(
    behaviors=[
        behavior(
            "steal.ssh-key.read", "Reads SSH keys", "high", [evidence("x", 1)], attack=["T1552.004"], mbc=["C0051"]
        ),
        behavior(
            "file.rename", "Renames", "info", [evidence("y", 2)], attack=["T1552.004", "T9999"], mbc=["C0063", "B9999"]
        ),
    ]
)


def test_a_layer_has_the_techniques_in_each_of_their_tactics() -> None:
    layer = json.loads(render_layer(REPORT))
    assert layer["versions"] == {"attack": attack_version(), "navigator": "5.1.0", "layer": "4.5"}
    assert layer["domain"] == "enterprise-attack"
    assert layer["name"] == "six 1.17.0: observed"
    assert [(one["techniqueID"], one["tactic"]) for one in layer["techniques"]] == [
        ("T1552.004", tactic) for tactic in attack()["T1552.004"].tactics
    ]
    (one,) = layer["techniques"]
    assert one["score"] == 80
    assert one["comment"] == "Reads SSH keys (completed); Renames (completed)"
    assert one["metadata"] == [
        {"name": "steal.ssh-key.read", "value": "1 times"}, {"name": "file.rename", "value": "1 times"},
    ]  # fmt: skip


def test_the_mapping_names_entries_and_what_was_observed() -> None:
    document = json.loads(render_mbc(REPORT))
    assert document["catalog"] == {"name": "Malware Behavior Catalog", "version": mbc_version()}
    assert [one["id"] for one in document["entries"]] == ["C0051", "C0063"]
    assert [one["name"] for one in document["entries"]] == [mbc()["C0051"].name, mbc()["C0063"].name]
    assert document["entries"][0]["observed"] == [
        {
            "id": "steal.ssh-key.read", "title": "Reads SSH keys", "severity": "high", "count": 1, "outcome": "completed",
            "phases": ["import"],
        }
    ]  # fmt: skip


def test_a_report_without_behaviors_is_an_empty_layer() -> None:
    assert json.loads(render_layer(quiet_report()))["techniques"] == []
    assert json.loads(render_mbc(quiet_report()))["entries"] == []


def test_hostile_text_stays_text() -> None:
    for text in (render_layer(hostile_report()), render_mbc(hostile_report())):
        assert json.loads(text)
        assert text.isascii()
        assert not [character for character in text if not character.isprintable() and character != "\n"]
