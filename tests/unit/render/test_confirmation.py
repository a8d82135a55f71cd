"""A confirmation in every format: all of it is there, none of its text does anything, and SARIF stays the scanner's."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from rich.console import Console

from analyzer.confirm import Findings, confirmation, load_mapping
from analyzer.confirm.reading import parse
from analyzer.errors import UsageError
from analyzer.model.confirmation import Confirmation
from analyzer.render.confirmation import CONFIRMATION_RENDERERS, find_confirmation_renderer
from analyzer.render.terminal.confirmation import show_confirmation
from tests.unit.confirm.making import FILE, direction, finding, report, seen, shell

HOSTILE = "\x1b[31m<script>alert(1)</script> ![x](https://evil.example) | @all \u202e\r\n| x | `"

LOG: dict[str, Any] = {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "Bandit", "rules": [{"id": "B602"}]}, "extensions": [{"name": "own"}]},
            "properties": {"kept": 1},
            "results": [
                {
                    "ruleId": "B602",
                    "level": "error",
                    "message": {"text": "shell=True", "markdown": "`shell=True`"},
                    "locations": [
                        {"physicalLocation": {"artifactLocation": {"uri": FILE}, "region": {"startLine": 10}}}
                    ],
                    "properties": {"kept": 2},
                    "partialFingerprints": {"a/v1": "b"},
                },
                {"ruleId": "B602", "kind": "pass", "message": {"text": "nothing"}},
                {"ruleId": "B105", "message": {"text": "a password"}, "relatedLocations": None, "properties": None},
            ],
        },
        {"tool": {"driver": {"name": "Other", "rules": []}}, "results": None},
    ],
}


def made(**changes: object) -> Confirmation:
    asked = (finding(**changes), finding(rule="B105", message="a password"), finding(line=99, end_line=99))
    of = report(
        [shell(seen(10), seen(10, detail="sh -c id"))], [direction(), direction("nothing", line=99, end_line=99)]
    )
    return confirmation(Findings("found.json", "bandit", asked, ("a note",)), load_mapping(), of, [FILE])


def hostile() -> Confirmation:
    texts = {
        "rule": HOSTILE,
        "message": HOSTILE,
        "severity": HOSTILE,
        "file": HOSTILE,
        "function": HOSTILE,
        "tags": [HOSTILE],
    }
    asked = (finding(tool=HOSTILE, behaviors=["execution.shell.run"], **texts), finding(tool=HOSTILE, **texts))
    attack = seen(10, during=HOSTILE).model_copy(update={"detail": HOSTILE})
    of = report([shell(attack)], [direction("line", file=HOSTILE, during=HOSTILE)])
    return confirmation(Findings(HOSTILE, "csv", asked, (HOSTILE,)), load_mapping(), of)


def sarif(confirmed: Confirmation, document: bytes = b"") -> Any:
    return json.loads(CONFIRMATION_RENDERERS["sarif"].render(confirmed, document))


def test_json_is_the_documents_own_keys() -> None:
    confirmed = made()
    assert Confirmation.model_validate_json(CONFIRMATION_RENDERERS["json"].render(confirmed, b"")) == confirmed


def test_an_unknown_format_names_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="json, markdown, sarif, table"):
        find_confirmation_renderer("html")


def test_the_table_tells_answers_reasons_and_evidence() -> None:
    text = CONFIRMATION_RENDERERS["table"].render(made(), b"")
    assert text.startswith("six 1.17.0 · 1 CONFIRMED · 1 not triggered · 1 not observable")
    for words in (
        "! a note",
        "Bandit B602 (high)",
        "subprocess call with shell=True",
        "→ Seen at this line",
        "- sh -c ls",
        "Nothing of the",
    ):
        assert words in text
    assert "A password that stands in the code" in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_table_fits_any_width(width: int) -> None:
    console = Console(width=width, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(show_confirmation(made()))
        console.print(show_confirmation(hostile()))
    assert max(map(len, capture.get().splitlines())) <= width


def test_long_lists_are_cut_and_said_so() -> None:
    asked = tuple(finding(line=number + 1, end_line=number + 1) for number in range(100))
    cut = confirmation(Findings("x", "bandit", asked), load_mapping(), report([shell(seen(10))]), [FILE])
    assert "… and 39 more findings" in CONFIRMATION_RENDERERS["table"].render(cut, b"")
    assert "… and 39 more" in CONFIRMATION_RENDERERS["markdown"].render(cut, b"")


@pytest.mark.parametrize("name", ["table", "markdown", "json", "sarif"])
def test_hostile_text_does_nothing(name: str) -> None:
    text = CONFIRMATION_RENDERERS[name].render(hostile(), b"")
    assert not {"\x1b", "\u202e", "\r"} & set(text)


def test_markdown_has_a_row_for_each_finding_and_no_live_text() -> None:
    rows = [
        line
        for line in CONFIRMATION_RENDERERS["markdown"].render(made(), b"").splitlines()
        if line.startswith("| Bandit")
    ]
    assert len(rows) == 2
    text = CONFIRMATION_RENDERERS["markdown"].render(hostile(), b"")
    assert all(line.count("|") in (4, 5) for line in text.splitlines() if line.startswith("|"))
    outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert "<script>" not in outside
    assert "](" not in outside


def test_the_scanners_log_is_kept_and_has_the_answers_in() -> None:
    document = json.dumps(LOG).encode()
    found = parse("log.sarif", document)
    of = report([shell(seen(10), seen(11))], [direction()])
    log = sarif(confirmation(found, load_mapping(), of, [FILE]), found.document)
    run, other = log["runs"]
    first, passed, last = run["results"]
    assert (first["level"], first["partialFingerprints"], first["properties"]["kept"]) == ("error", {"a/v1": "b"}, 2)
    assert first["message"]["text"].startswith("shell=True (fumehood: confirmed")
    assert first["message"]["markdown"].startswith("`shell=True` (fumehood: confirmed")
    assert first["properties"]["fumehood"]["answer"] == "confirmed"
    assert [one["name"] for one in run["tool"]["extensions"]] == ["own", "fumehood"]
    (taxon,) = first["taxa"]
    component = run["tool"]["extensions"][taxon["toolComponent"]["index"]]
    assert component["taxa"][taxon["index"]]["id"] == taxon["id"] == "execution.shell.run"
    assert first["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == FILE
    assert passed == LOG["runs"][0]["results"][1]
    assert last["properties"]["fumehood"]["answer"] == "not observable"
    assert "taxa" not in last
    assert run["properties"]["kept"] == 1
    assert run["properties"]["fumehood"]["completeness"] == "complete"
    assert other["results"] is None


def test_one_result_may_stand_for_several_findings() -> None:
    text = "On package: six version: 1\nruns base64 in file pkg/a.py:10\nruns base64 in file pkg/none.py:1"
    tool = {"driver": {"name": "GuardDog-pypi"}}
    document = json.dumps(
        {
            "version": "2.1.0",
            "runs": [{"tool": tool, "results": [{"ruleId": "exec-base64", "message": {"text": text}}]}],
        }
    )
    found = parse("log.sarif", document.encode())
    of = report([shell(seen(10), name="execution.code.base64")])
    (result,) = sarif(confirmation(found, load_mapping(), of, [FILE]), found.document)["runs"][0]["results"]
    answers = result["properties"]["fumehood"]
    assert answers["answer"] == "confirmed"
    assert [one["answer"] for one in answers["all"]] == ["confirmed", "not observable"]


def test_a_log_is_made_where_there_was_none() -> None:
    log = sarif(made())
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["B602", "B105"]
    assert [one["properties"]["fumehood"]["answer"] for one in run["results"]] == [
        "confirmed",
        "not observable",
        "not triggered",
    ]
    assert run["results"][0]["level"] == "error"
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 10


def test_sarif_is_valid_by_its_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from pathlib import Path

    path = Path(__file__).parents[2] / "data" / "schemas" / "sarif-2.1.0.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    log = {**LOG, "runs": [LOG["runs"][0]]}
    found = parse(
        "log.sarif", json.dumps(log).replace('"relatedLocations": null, "properties": null', '"level": "none"').encode()
    )
    answered = confirmation(found, load_mapping(), report([shell(seen(10), seen(10))], [direction()]), [FILE])
    for log in (sarif(made()), sarif(hostile()), sarif(answered, found.document)):
        assert [f"{list(one.path)}: {one.message[:200]}" for one in validator.iter_errors(log)] == []
