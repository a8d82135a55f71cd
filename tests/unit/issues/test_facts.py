"""What was read, as facts: where it stands, what it is, and who says so."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.issues import FINDING_KINDS
from analyzer.issues.facts import Read, facts
from analyzer.model.report import Completeness, Content, Fact, Project


def content(**parts: Any) -> Read:
    return Read(content=Content.model_validate({"files": 1, "bytes": 1} | parts))


def project(**parts: Any) -> Read:
    return Read(project=Project.model_validate(parts))


def licence(**changes: Any) -> dict[str, Any]:
    return {
        "distribution": "acme", "version": "1.0", "role": "target", "source": "License", "text": "GPLv3", "expression": "GPL-3.0-only",
        "kinds": ["copyleft"],
    } | changes  # fmt: skip


def told(kind: str, read: Read) -> list[Fact]:
    return list(facts([kind], read))  # type: ignore[list-item]


def test_where_nothing_was_read_there_are_no_facts() -> None:
    assert list(facts(FINDING_KINDS, Read())) == []


def test_an_address_stands_in_a_file() -> None:
    urls = [
        {
            "url": "http://a.tk:81/",
            "kinds": ["suspicious-tld", "nonstandard-port"],
            "file": "a.py",
            "line": 3,
            "count": 1200,
        },
        {"url": "http://b.tk/", "kinds": ["suspicious-tld"], "file": "b.py", "line": 4},
    ]
    read = content(urls=urls)
    assert told("url.nonstandard-port", read) == [
        Fact(source="content", detail="http://a.tk:81/ (1,200 times in all files)", file="a.py", line=3)
    ]
    assert [one.detail for one in told("url.suspicious-tld", read)][1] == "http://b.tk/"
    assert told("url.interesting-format", read) == []


def test_a_secret_is_told_by_what_may_be_shown_of_it() -> None:
    read = content(secrets=[{"service": "AWS", "shown": "AKIA… (20 characters)", "file": "s.py", "line": 1}])
    assert told("secret", read) == [Fact(source="content", detail="AWS: AKIA… (20 characters)", file="s.py", line=1)]


@pytest.mark.parametrize(
    ("changes", "source", "detail"),
    [
        ({}, "metadata", "GPL-3.0-only: acme 1.0, by License in its metadata, told as 'GPLv3'"),
        ({"expression": ""}, "metadata", "GPLv3: acme 1.0, by License in its metadata"),
        (
            {"text": "Permission\n is granted " + "x" * 4000},
            "metadata",
            f"GPL-3.0-only: acme 1.0, by License in its metadata, told as 'Permission is granted {'x' * 57}…'",
        ),
        (
            {"role": "dependency", "source": "file", "text": "GPL-3.0-only", "file": "x/COPYING"},
            "content",
            "GPL-3.0-only: acme 1.0, which the package needs, by its licence file",
        ),
    ],
)
def test_a_licence_says_whose_it_is_and_where_it_stands(changes: dict[str, Any], source: str, detail: str) -> None:
    (fact,) = told("license.copyleft", content(licenses=[licence(**changes), licence(kinds=["restricted"])]))
    assert (fact.source, fact.detail, fact.file) == (source, detail, changes.get("file", ""))


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        (
            {"aliases": ["CVE-1", "GHSA-1"], "summary": "Bad.", "fixed_in": ["1.1", "2.0"], "link": "https://osv.example/1"},
            "PYSEC-1 (CVE-1, GHSA-1): Bad.; fixed in 1.1, 2.0; https://osv.example/1",
        ),
        ({}, "PYSEC-1; no version without it is known"),
    ],
)  # fmt: skip
def test_a_vulnerability_says_in_which_version_it_is_fixed(changes: dict[str, Any], detail: str) -> None:
    (fact,) = told("project.vulnerable", project(vulnerabilities=[{"id": "PYSEC-1", "source": "index"} | changes]))
    assert (fact.source, fact.detail) == ("index", detail)


def test_each_reason_is_a_fact() -> None:
    assert [one.detail for one in told("project.rare", project(rare=["a", "b"]))] == ["a", "b"]
    cut = Completeness(status="incomplete", reasons=["a limit", "a probe"], events=1, dropped=0)
    assert [one.detail for one in told("run.incomplete", Read(completeness=cut))] == ["a limit", "a probe"]
    failed = Completeness(status="failed", events=0, dropped=0)
    assert [one.detail for one in told("run.incomplete", Read(completeness=failed))] == [
        "the run is failed, and does not say why"
    ]


def test_a_long_text_is_shortened() -> None:
    urls = [{"url": "http://a.tk/" + "x" * 5000, "kinds": ["suspicious-tld"], "file": "a.py", "line": 3}]
    (fact,) = told("url.suspicious-tld", content(urls=urls))
    assert len(fact.detail) == 1000
    assert fact.detail.endswith("x…")
