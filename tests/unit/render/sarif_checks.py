"""What a SARIF log has to be: valid by the schema, and as GitHub's code scanning takes it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = Path(__file__).parents[2] / "data" / "schemas" / "sarif-2.1.0.json"
ESCAPED = re.compile(r"\\.|\{\{|\}\}", re.DOTALL)


@cache
def validator() -> Any:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())


def checked(text: str) -> dict[str, Any]:
    """The only run of a log, after everything that can be said of any."""
    document = json.loads(text)
    error = next(validator().iter_errors(document), None)
    assert error is None, f"{list(error.path)}: {error.message[:300]}"
    assert text.isascii()
    (run,) = document["runs"]
    assert len(run["results"]) <= 5000
    rules = run["tool"]["driver"]["rules"]
    assert len({one["id"] for one in rules}) == len(rules)
    for one in rules:
        _check_rule(one)
    for one in run["results"]:
        _check_result(one, rules)
    marks = [(one["ruleId"], one["partialFingerprints"]["primaryLocationLineHash"]) for one in run["results"]]
    assert len(set(marks)) == len(marks)
    return run


def _check_rule(rule: dict[str, Any]) -> None:
    assert 0 < len(rule["name"]) <= 255
    assert 0 < len(rule["id"]) <= 300
    for key in ("shortDescription", "fullDescription", "help"):
        assert 0 < len(rule[key]["text"]) <= 1024 + 30
    tags = rule["properties"]["tags"]
    assert tags[0] == "security"
    assert len(tags) <= 10
    assert 0.0 <= float(rule["properties"]["security-severity"]) <= 10.0


def _check_result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in {"error", "warning", "note"}
    assert 1 <= len(result["locations"]) <= 10
    flows = [step["location"] for flow in result.get("codeFlows", []) for step in flow["threadFlows"][0]["locations"]]
    assert len(flows) < 1000
    for one in (*result["locations"], *result.get("relatedLocations", []), *flows):
        place = one["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~%-]+(/[A-Za-z0-9._~%-]+)*", uri)
        assert not {"..", "."} & set(uri.split("/"))
        assert place["region"]["startLine"] >= 1
    for message in [result["message"], *(one["message"] for one in flows)]:
        plain = ESCAPED.sub("", message["text"])
        assert not re.search(r"[\[\]{}]", plain), plain
        assert message["text"].isprintable()
