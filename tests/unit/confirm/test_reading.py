"""Documents of scanners: the format is told from what stands in it, and whatever is wrong is one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.confirm import Findings, read_findings
from analyzer.confirm import reading as module
from analyzer.confirm.reading import parse
from analyzer.errors import FindingsError

BANDIT: dict[str, Any] = {
    "errors": [{"filename": "pkg/b.py", "reason": "syntax error"}],
    "metrics": {},
    "results": [
        {
            "filename": "./pkg/a.py",
            "issue_cwe": {"id": 78, "link": "https://cwe.example/78"},
            "issue_severity": "HIGH",
            "issue_text": "subprocess call with shell=True",
            "line_number": 12,
            "line_range": [10, 11, 12],
            "test_id": "B602",
            "test_name": "subprocess_popen_with_shell_equals_true",
        }
    ],
}
GUARDDOG = {
    "package": "pkg",
    "issues": 3,
    "errors": {"steganography": "failed to run"},
    "results": {
        "exec-base64": [
            {"location": "setup.py:12", "code": "exec(...)", "message": "runs base64"},
            {"location": "pkg/a.py:3", "message": None},
        ],
        "typosquatting": "looks like flask",
        "shady-links": {},
        "release_zero": None,
    },
    "risks": [{"threat_rule": "exec-base64", "threat_identifies": "threat.runtime", "severity": "high"}],
    "path": "/tmp/x",
}
SEMGREP = {
    "paths": {"scanned": []},
    "errors": [],
    "results": [
        {
            "check_id": "python.lang.security.audit.eval-detected.eval-detected",
            "path": "pkg/a.py",
            "start": {"line": 4, "col": 1},
            "end": {"line": 5, "col": 3},
            "extra": {
                "message": "eval",
                "severity": "WARNING",
                "metadata": {"cwe": ["CWE-95: Eval"], "technology": "python"},
            },
        }
    ],
}
CAPSLOCK = {
    "capabilityInfo": [
        {
            "packageName": "pkg",
            "capability": "CAPABILITY_EXEC",
            "depPath": "pkg.a.run subprocess.run",
            "path": [
                {"name": "pkg.a.run"},
                {"name": "subprocess.run", "site": {"filename": "a.py", "line": "7", "column": "3"}},
            ],
            "capabilityType": "CAPABILITY_TYPE_DIRECT",
        }
    ]
}
TABLE = 'rule,file,line,message,function,behavior,colour\r\nmine,pkg/a.py,3,"a, b",Client.get,network.http.*,red\r\n'


def read(content: Any) -> Findings:
    return parse("found", content.encode() if isinstance(content, str) else json.dumps(content).encode())


def test_bandit() -> None:
    found = read(BANDIT)
    (one,) = found.findings
    assert found.format == "bandit"
    assert (one.tool, one.rule, one.severity, one.file) == ("Bandit", "B602", "high", "./pkg/a.py")
    assert (one.line, one.end_line, one.cwes, one.pointer) == (10, 12, ["CWE-78"], "/results/0")
    assert found.notes == ("Bandit did not read pkg/b.py: syntax error",)


def test_bandit_that_found_nothing() -> None:
    assert read({"errors": [], "results": [], "metrics": {}}).findings == ()


def test_a_range_of_bandits_that_is_no_statement_is_left() -> None:
    one = dict(BANDIT["results"][0], line_range=[1, 900], line_number=5)
    assert read({"results": [one]}).findings[0].end_line == 5


def test_guarddog() -> None:
    found = read(GUARDDOG)
    assert [(one.rule, one.file, one.line) for one in found.findings] == [
        ("exec-base64", "setup.py", 12),
        ("exec-base64", "pkg/a.py", 3),
        ("typosquatting", "", 0),
    ]
    assert found.findings[0].tags == ["threat.runtime"]
    assert found.findings[0].severity == "high"
    assert found.findings[2].message == "looks like flask"
    assert found.notes == ("GuardDog did not run steganography: failed to run",)


def test_guarddogs_verification_names_the_packages() -> None:
    found = read([{"dependency": "flask", "version": "1.0", "result": GUARDDOG}])
    assert {one.package for one in found.findings} == {"flask"}
    assert found.findings[0].pointer == "/0/result/results/exec-base64/0"


def test_guarddog_of_the_first_version() -> None:
    (one,) = read({"results": {"exec-base64": {"setup.py:3": "exec(x)"}}, "issues": 1}).findings
    assert (one.file, one.line) == ("setup.py", 3)


def test_semgreps_own_json() -> None:
    (one,) = read(SEMGREP).findings
    assert (one.tool, one.line, one.end_line, one.cwes) == ("Semgrep", 4, 5, ["CWE-95"])


@pytest.mark.parametrize("content", [CAPSLOCK, CAPSLOCK["capabilityInfo"]])
def test_capabilities(content: Any) -> None:
    (one,) = read(content).findings
    assert (one.rule, one.file, one.line, one.module, one.function) == ("CAPABILITY_EXEC", "a.py", 7, "pkg", "a.run")


def test_capabilities_without_a_way_point_at_the_package() -> None:
    (one,) = read([{"capability": "CAPABILITY_FILES", "packageName": "pkg.sub", "function": "pkg.sub.save"}]).findings
    assert (one.module, one.function, one.file) == ("pkg.sub", "save", "")


def test_a_table() -> None:
    found = read(TABLE)
    (one,) = found.findings
    assert (one.rule, one.file, one.line, one.message, one.function) == ("mine", "pkg/a.py", 3, "a, b", "Client.get")
    assert (one.behaviors, one.pointer) == (["network.http.*"], "row 2")
    assert found.notes == ("columns that mean nothing to fumehood: colour",)


@pytest.mark.parametrize(
    "text",
    [
        "Check-ID;Location;CWE\nx;pkg/a.py:7;78\n",
        "\ufefftest_id\tfilename\tline_number\tissue_cwe\nx\tpkg/a.py\t7\tCWE-078\n",
        "\n\nid|path|lineno|cwes\n\nx|pkg/a.py|7|CWE-78 CWE-78\n",
    ],
)
def test_columns_have_many_names_and_delimiters(text: str) -> None:
    (one,) = read(text).findings
    assert (one.rule, one.file, one.line, one.cwes) == ("x", "pkg/a.py", 7, ["CWE-78"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "it is empty"),
        ("  \n", "it is empty"),
        ("{", "no whole JSON"),
        ('{"results": NaN}', "no whole JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[1]", "no known scanner"),
        ("{}", "no known scanner"),
        ('{"version": "2.0.0", "runs": []}', "SARIF 2.0.0"),
        ('{"version": "2.1.0", "runs": [{}]}', "runs.0.tool"),
        (
            '{"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": [{"locations": 3}]}]}',
            "runs.0.results.0.locations",
        ),
        ('{"results": [{"test_id": "B1"}], "metrics": {}}', "results.0.filename"),
        ('{"results": {"a": 5}}', "results"),
        ("a,b\n1,2\n", "names no column"),
        ("rule,file\na,b,c\n", "row 2 has 3 cells"),
        ('rule,file\n"a,b\n', "row 2 is no CSV"),
        ("rule,behavior\nx,file.nothing\n", "row 2: there is no behavior 'file.nothing'"),
    ],
)
def test_what_is_wrong_is_one_line(content: str, words: str) -> None:
    with pytest.raises(FindingsError) as raised:
        read(content)
    message = str(raised.value)
    assert message.startswith("findings found: ")
    assert words in message
    assert "\n" not in message
    assert len(message) < 600


def test_a_file_that_is_not_there_or_no_text_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(FindingsError, match="cannot be read"):
        read_findings(tmp_path / "none.json")
    with pytest.raises(FindingsError, match="cannot be read"):
        read_findings(tmp_path)
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(FindingsError, match="not UTF-8"):
        read_findings(tmp_path / "image.png")


def test_sizes_and_counts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FINDINGS", 2)
    many = {"results": [BANDIT["results"][0]] * 3, "metrics": {}}
    for content in (many, "rule\n" + "x\n" * 3):
        with pytest.raises(FindingsError, match="more than 2"):
            read(content)
    monkeypatch.setattr(module, "_MAX_VALUES", 5)
    with pytest.raises(FindingsError, match="more than 5 values"):
        read(many)
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    with pytest.raises(FindingsError, match="larger than"):
        read(many)


def test_texts_are_bounded() -> None:
    long = dict(
        BANDIT["results"][0], issue_text="x" * 99_999, filename="y" * 99_999, line_number=10**30, line_range=None
    )
    (one,) = read({"results": [long]}).findings
    assert (len(one.message), len(one.file), one.line) == (2000, 500, 0)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["runs", "version", "results", "tool", "driver", "locations", "physicalLocation", "region", "startLine", "message", "text", "test_id",
         "filename", "capability", "path", "site", "check_id", "start", "risks", "errors", "rules", "dependency", "result", "artifactLocation",
         "uri", "index", "logicalLocations", "codeFlows", "threadFlows", "properties", "tags"]) | st.text(max_size=3), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@given(_JSON)
def test_any_json_is_read_or_refused(content: Any) -> None:
    _is_read_or_refused(json.dumps(content).encode())


@given(st.sampled_from(["runs", "results", "capabilityInfo"]), _JSON, _JSON)
def test_any_json_near_a_format_is_read_or_refused(key: str, content: Any, other: Any) -> None:
    run = {"tool": {"driver": {"name": "x", "rules": other}}, "results": content, "artifacts": other}
    _is_read_or_refused(
        json.dumps({"version": "2.1.0", "metrics": {}, key: [run] if key == "runs" else content}).encode()
    )


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _is_read_or_refused(data)


@given(st.text(max_size=200), st.text(alphabet='a,"\n\r;|\t:1 ', max_size=200))
def test_any_table_is_read_or_refused(line: str, rows: str) -> None:
    _is_read_or_refused(f"rule,file,line,{line}\n{rows}".encode("utf-8", "replace"))


def _is_read_or_refused(data: bytes) -> None:
    try:
        found = parse("found", data)
    except FindingsError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 1000
    else:
        assert all(one.pointer and one.line >= 0 for one in found.findings)
