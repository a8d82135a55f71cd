"""A report in the words of public vocabularies: a layer for MITRE's ATT&CK Navigator, and the mapping to the MBC.

Formats: layer format 4.5 of the Navigator (its repository, layers/LAYERFORMATv4_5.md); the Malware Behavior Catalog has
no file format for findings, so that mapping is a plain JSON document of ours.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from analyzer.model.report import SEVERITIES
from analyzer.render.text import safe_text
from analyzer.taxonomy.vocabulary import attack, attack_version, mbc, mbc_version

if TYPE_CHECKING:
    from analyzer.model.report import BehaviorReport, Report

_LAYER_FORMAT: Final = "4.5"
_COLORS: Final = ("#fff7e6", "#d94801")
_MAX_COMMENT: Final = 1000


def render_layer(report: Report) -> str:
    """The techniques of the report's behaviors as a Navigator layer.

    A technique's score is the highest severity of its behaviors, from 20 (info) to 100 (critical).
    """
    by_technique: dict[str, list[BehaviorReport]] = defaultdict(list)
    for behavior in report.behaviors:
        for identifier in behavior.attack:
            by_technique[identifier].append(behavior)
    known = attack()
    layer = {
        "name": f"{_title(report)}: observed",
        "versions": {"attack": attack_version(), "navigator": "5.1.0", "layer": _LAYER_FORMAT},
        "domain": "enterprise-attack",
        "description": f"Observed by {safe_text(report.generator, 80)}; the run is {report.completeness.status}.",
        "sorting": 3,
        "hideDisabled": False,
        "techniques": [
            _technique(identifier, tactic, by_technique[identifier])
            for identifier in sorted(by_technique)
            if identifier in known
            for tactic in known[identifier].tactics
        ],
        "gradient": {"colors": list(_COLORS), "minValue": 0, "maxValue": 100},
        "showTacticRowBackground": False,
    }
    return json.dumps(layer, indent=2) + "\n"


def _technique(identifier: str, tactic: str, behaviors: list[BehaviorReport]) -> dict[str, Any]:
    comment = "; ".join(f"{safe_text(behavior.title, 200)} ({behavior.outcome})" for behavior in behaviors)
    return {
        "techniqueID": identifier,
        "tactic": tactic,
        "score": 20 * (1 + max(SEVERITIES.index(behavior.severity) for behavior in behaviors)),
        "comment": comment[:_MAX_COMMENT],
        "enabled": True,
        "metadata": [{"name": behavior.id, "value": f"{behavior.count} times"} for behavior in behaviors],
        "showSubtechniques": "." in identifier,
    }


def render_mbc(report: Report) -> str:
    """The entries of the Malware Behavior Catalog that the report's behaviors map to, with those behaviors."""
    by_entry: dict[str, list[BehaviorReport]] = defaultdict(list)
    for behavior in report.behaviors:
        for identifier in behavior.mbc:
            by_entry[identifier].append(behavior)
    known = mbc()
    document = {
        "catalog": {"name": "Malware Behavior Catalog", "version": mbc_version()},
        "generator": safe_text(report.generator, 80),
        "package": {"name": safe_text(report.package.name, 200), "version": safe_text(report.package.version, 200)},
        "completeness": report.completeness.status,
        "entries": [
            {
                "id": identifier,
                "name": known[identifier].name,
                "behavior": known[known[identifier].parent].name
                if known[identifier].parent
                else known[identifier].name,
                "objectives": list(known[identifier].objectives),
                "observed": [
                    {
                        "id": behavior.id,
                        "title": safe_text(behavior.title, 200),
                        "severity": behavior.severity,
                        "count": behavior.count,
                        "outcome": behavior.outcome,
                        "phases": behavior.phases,
                    }
                    for behavior in by_entry[identifier]
                ],
            }
            for identifier in sorted(by_entry)
            if identifier in known
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _title(report: Report) -> str:
    return safe_text(f"{report.package.name} {report.package.version}", 120)
