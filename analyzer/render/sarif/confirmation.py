"""SARIF 2.1.0 with the answers in: the scanner's log as it was, or one made of the findings where they came in another format.

To each result that was answered are added: the answer in words at the end of its message, all of it as the property `fumehood` (3.8), the
behaviors as `taxa` (3.27.8) of the extension `fumehood` (3.18.3), and where they were seen as `relatedLocations` (3.27.22). Level and kind
stay the scanner's: that a run did not show a thing does not prove that it cannot happen.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from analyzer.confirm.spot import installed
from analyzer.model.confirmation import ANSWERS
from analyzer.render.sarif.parts import SCHEMA, message, physical, relative_uri
from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from analyzer.model.confirmation import Answer, Confirmation, Finding
    from analyzer.model.report import Evidence

_NAME: Final = "fumehood"
_LEVELS: Final = {
    "error": ("critical", "high", "error"),
    "warning": ("medium", "moderate", "warning"),
    "note": ("low", "info", "note", "inventory", "experiment"),
}


def with_answers(confirmation: Confirmation, document: bytes = b"") -> str:
    """The log as JSON. `document` is the SARIF that was read, or empty."""
    log = json.loads(document.decode("utf-8-sig")) if document else _log(confirmation)
    places = _read_places(confirmation) if document else _numbers(confirmation)
    answers: dict[tuple[int, int], list[Answer]] = {}
    for one, place in zip(confirmation.answers, places, strict=True):
        answers.setdefault(place, []).append(one)
    for number, run in enumerate(log["runs"]):
        of_run = {result: found for (at, result), found in answers.items() if at == number}
        _answer_run(run, of_run, confirmation)
    return json.dumps(log, indent=2) + "\n"


def _answer_run(run: dict[str, Any], answers: dict[int, list[Answer]], confirmation: Confirmation) -> None:
    """Puts the answers into a run, and what they refer to into its tool."""
    ids = sorted({one for found in answers.values() for answer in found for one in answer.seen})
    extensions = run["tool"].get("extensions") or []
    generator, _, version = confirmation.package.generator.partition(" ")
    component: dict[str, Any] = {"name": generator or _NAME, "taxa": [{"id": one} for one in ids]}
    run["tool"]["extensions"] = [*extensions, component | ({"version": version} if version else {})]
    properties = run.get("properties") or {}
    run["properties"] = properties | {_NAME: _circumstances(confirmation)}
    for number, found in answers.items():
        _answer_result(run["results"][number], found, ids, len(extensions))


def _circumstances(confirmation: Confirmation) -> dict[str, Any]:
    package, status = confirmation.package, confirmation.completeness
    return {
        "package": f"{package.name} {package.version}".strip(),
        "created": package.created,
        "completeness": status.status,
        "reasons": list(status.reasons),
    }


def _answer_result(result: dict[str, Any], found: list[Answer], ids: list[str], component: int) -> None:
    """One result may stand for several findings: the first of the strongest answer is told in the message."""
    best = min(found, key=lambda one: ANSWERS.index(one.answer))
    said = result.get("message") or {}
    words = f"{_NAME}: {best.answer}, {best.why.rstrip('.')}."
    if said.get("text"):
        said = said | {"text": f"{said['text']} ({message(words)['text']})"}
    if said.get("markdown"):
        said = said | {"markdown": f"{said['markdown']} ({message(words)['text']})"}
    result["message"] = said
    properties = result.get("properties") or {}
    told = [_told(one) for one in found]
    result["properties"] = properties | {_NAME: told[found.index(best)] | ({"all": told} if len(told) > 1 else {})}
    seen = sorted({one for answer in found for one in answer.seen if answer.answer == "confirmed"})
    taxa = [{"id": one, "index": ids.index(one), "toolComponent": {"index": component}} for one in seen]
    related = [_related(one) for answer in found for one in answer.evidence]
    for key, more in (("taxa", taxa), ("relatedLocations", [one for one in related if one])):
        if more:
            result[key] = _distinct([*(result.get(key) or []), *more])


def _distinct(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each once, as the standard asks of both lists."""
    return list({json.dumps(one, sort_keys=True): one for one in items}.values())


def _told(one: Answer) -> dict[str, Any]:
    """An answer as a property: everything but the finding, which the result is."""
    return one.model_dump(mode="json", exclude={"finding", "evidence"}) | {
        "evidence": [safe_text(each.detail, 300) for each in one.evidence]
    }


def _related(one: Evidence) -> dict[str, Any]:
    """Where a behavior was seen; empty where its place is not known, or is no file of a package's."""
    uri = relative_uri(installed(one.location.file)) if one.location is not None else ""
    if one.location is None or not uri:
        return {}
    return physical(uri, one.location.line) | {"message": message(one.detail, 300)}


def _read_places(confirmation: Confirmation) -> list[tuple[int, int]]:
    """Run and result of each finding in the log that it was read from: "/runs/0/results/3"."""
    pointers = (one.finding.pointer.split("/") for one in confirmation.answers)
    return [(int(run), int(result)) for _, _, run, _, result in pointers]


def _numbers(confirmation: Confirmation) -> list[tuple[int, int]]:
    """Run and result of each finding in a log that is made: a run a scanner."""
    runs: dict[str, int] = {}
    counts: dict[str, int] = {}
    numbers = []
    for one in confirmation.answers:
        tool = one.finding.tool
        run = runs.setdefault(tool, len(runs))
        numbers.append((run, counts.get(tool, 0)))
        counts[tool] = counts.get(tool, 0) + 1
    return numbers


def _log(confirmation: Confirmation) -> dict[str, Any]:
    """A log of the findings alone."""
    runs: dict[str, dict[str, Any]] = {}
    known: dict[tuple[str, str], int] = {}
    for one in confirmation.answers:
        finding = one.finding
        driver = {"name": finding.tool or "scanner", "rules": []}
        run = runs.setdefault(finding.tool, {"tool": {"driver": driver}, "results": []})
        rules = run["tool"]["driver"]["rules"]
        identifier = safe_text(finding.rule, 250) or "finding"
        index = known.setdefault((finding.tool, identifier), len(rules))
        if index == len(rules):
            rules.append(
                {"id": identifier, "properties": {"tags": list(dict.fromkeys([*finding.tags, *finding.cwes]))}}
            )
        run["results"].append(_result(finding, identifier, index))
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": list(runs.values())}


def _result(finding: Finding, rule: str, index: int) -> dict[str, Any]:
    level = next((level for level, words in _LEVELS.items() if finding.severity.lower() in words), "warning")
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": index,
        "level": level,
        "message": message(finding.message or rule),
    }
    uri = relative_uri(finding.file.removeprefix("./").lstrip("/"))
    location: dict[str, Any] = physical(uri, finding.line) if uri else {}
    name = f"{finding.module}.{finding.function}".strip(".")
    if name:
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    return result | ({"locations": [location]} if location else {})
