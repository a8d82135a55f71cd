"""SARIF as scanners write it: rules and what they are filed under, places in all their forms, and what is no finding."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analyzer.confirm import Findings
from analyzer.confirm.reading import parse


def log(*results: dict[str, Any], **run: Any) -> Findings:
    whole = {"tool": {"driver": {"name": "CodeQL", "rules": RULES}}, "results": list(results)} | run
    return parse("log.sarif", json.dumps({"version": "2.1.0", "runs": [whole]}).encode())


RULES = [
    {
        "id": "py/command-line-injection",
        "name": "py/command-line-injection",
        "shortDescription": {"text": "Uncontrolled command line"},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security", "external/cwe/cwe-078"], "security-severity": "9.8"},
        "messageStrings": {"default": {"text": "This depends on {0}, {1}, {7}."}},
        "relationships": [{"target": {"id": "89", "toolComponent": {"name": "CWE"}}}],
    }
]


def at(uri: str, line: int = 3, **more: Any) -> dict[str, Any]:
    region = {"startLine": line, "endLine": line + 1}
    return {"physicalLocation": {"artifactLocation": {"uri": uri} | more, "region": region}}


def result(**changes: Any) -> dict[str, Any]:
    return {
        "ruleId": "py/command-line-injection",
        "message": {"text": "found"},
        "locations": [at("src/pkg/a.py")],
    } | changes


def test_a_result_with_its_rule() -> None:
    (one,) = log(result()).findings
    assert (one.tool, one.rule, one.severity, one.message) == ("CodeQL", "py/command-line-injection", "error", "found")
    assert (one.file, one.line, one.end_line, one.pointer) == ("src/pkg/a.py", 3, 4, "/runs/0/results/0")
    assert one.cwes == ["CWE-78", "CWE-89"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ruleId": "py/command-line-injection"},
        {"ruleId": "py/command-line-injection/variant"},
        {"ruleId": None, "ruleIndex": 0},
        {"ruleId": None, "rule": {"index": 0}},
        {"ruleId": None, "rule": {"id": "py/command-line-injection", "toolComponent": {"index": 0}}},
    ],
)
def test_the_rule_is_found_by_any_reference(changes: dict[str, Any]) -> None:
    for tool in (
        {"driver": {"name": "x", "rules": RULES}},
        {"driver": {"name": "x"}, "extensions": [{"name": "queries", "rules": RULES}]},
    ):
        if "ruleIndex" in changes and "extensions" in tool:
            continue
        reference = changes.get("rule", {}) | {"toolComponent": {"index": 0}}
        more = changes | ({"rule": reference} if "extensions" in tool and "rule" in changes else {})
        (one,) = log(result(**more), tool=tool).findings
        assert one.rule.startswith("py/command-line-injection")
        assert "CWE-78" in one.cwes


def test_a_message_of_the_rules_own_has_its_arguments() -> None:
    (one,) = log(result(message={"id": "default", "arguments": ["a", "b{0}"]})).findings
    assert one.message == "This depends on a, b{0}, {7}."


@pytest.mark.parametrize(
    ("location", "file"),
    [
        (at("file:///tmp/x/pkg%20one/a.py"), "/tmp/x/pkg one/a.py"),
        (at("a.py", uriBaseId="SRC"), "/work/src/a.py"),
        (at("a.py", uriBaseId="NONE"), "a.py"),
        (at("a.py", uriBaseId="RING"), "a.py"),
        ({"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 3}}}, "pkg/indexed.py"),
        ({"physicalLocation": {"artifactLocation": {"index": 99}}}, ""),
    ],
)
def test_places_in_all_their_forms(location: dict[str, Any], file: str) -> None:
    bases = {
        "ROOT": {"uri": "file:///work/"},
        "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
        "RING": {"uri": "", "uriBaseId": "RING"},
    }
    (one,) = log(
        result(locations=[location]), originalUriBaseIds=bases, artifacts=[{"location": {"uri": "pkg/indexed.py"}}]
    ).findings
    assert one.file == file


def test_a_place_without_lines_is_the_file() -> None:
    (one,) = log(
        result(locations=[{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"charOffset": 9}}}])
    ).findings
    assert (one.file, one.line, one.end_line) == ("a.py", 0, 0)


def test_names_of_functions_and_modules() -> None:
    member = {"fullyQualifiedName": "pkg.a.Client.get", "kind": "member"}
    (one,) = log(result(locations=[at("src/pkg/a.py") | {"logicalLocations": [member]}])).findings
    assert (one.module, one.function) == ("pkg.a", "Client.get")
    (two,) = log(
        result(locations=[{"logicalLocations": [{"index": 0}]}]),
        logicalLocations=[{"fullyQualifiedName": "pkg.b", "kind": "module"}],
    ).findings
    assert (two.module, two.function, two.file) == ("pkg.b", "", "")


def test_a_way_through_the_code_ends_where_the_finding_is() -> None:
    flow = {"threadFlows": [{"locations": [{"location": at("src/in.py", 1)}, {"location": at("src/out.py", 9)}]}]}
    (one,) = log(result(locations=[], codeFlows=[flow])).findings
    assert (one.file, one.line) == ("src/out.py", 9)
    (two,) = log(result(codeFlows=[flow])).findings
    assert two.file == "src/pkg/a.py"


def test_what_is_no_finding_is_told() -> None:
    found = log(result(kind="pass"), result(baselineState="absent"), result(kind="review"))
    assert [one.pointer for one in found.findings] == ["/runs/0/results/2"]
    assert found.notes == ("2 results say that nothing was found there, and are passed over",)


def test_parts_in_other_files_are_told() -> None:
    found = log(externalPropertyFileReferences={"results": [{"location": {"uri": "more.sarif"}}]})
    assert found.notes == ("parts of it are in other files, which are not read",)


def test_nulls_of_careless_writers_are_nothing() -> None:
    found = log(result(codeFlows=None, taxa=None, properties={"tags": None}), artifacts=None)
    assert len(found.findings) == 1
    assert log(results=None).findings == ()


def test_guarddogs_places_stand_in_the_message() -> None:
    tool = {"driver": {"name": "GuardDog-pypi", "rules": []}}
    text = "On package: flask version: 1.0\nruns base64 in file setup.py:3\nruns base64 in file flask/a.py:9"
    code, metadata = log(
        result(message={"text": text}, locations=[at("requirements.txt", 1)]),
        result(message={"text": "looks like flask"}),
        tool=tool,
    ).findings[1:]
    assert (code.file, code.line, code.package, code.pointer) == ("flask/a.py", 9, "flask", "/runs/0/results/0")
    assert (metadata.file, metadata.message) == ("", "looks like flask")


def test_the_document_is_kept_for_the_answers() -> None:
    assert json.loads(log(result()).document)["version"] == "2.1.0"
