from __future__ import annotations

from analyzer.model.report import Fact
from analyzer.render.grounds import evidence_heading, fact_place, facts_by_source, kind_words
from tests.unit.render.sample import evidence
from tests.unit.render.vetted import contacted, issue


def test_facts_are_told_by_source_the_files_first() -> None:
    facts = [Fact(source=source, detail=source) for source in ("run", "osv", "content", "osv")]
    told = [
        (words, [one.detail for one in some]) for words, some in facts_by_source(issue("a.b", "A", "low", facts=facts))
    ]
    assert told == [
        ("In the files", ["content"]), ("From the list of vulnerabilities", ["osv", "osv"]), ("From the run itself", ["run"]),
    ]  # fmt: skip


def test_a_place_has_a_line_only_where_there_is_one() -> None:
    assert fact_place(Fact(source="content", detail="x", file="six.py", line=12)) == "six.py:12"
    assert fact_place(Fact(source="content", detail="x", file="LICENSE")) == "LICENSE"
    assert fact_place(Fact(source="index", detail="x", line=3)) == ""
    assert fact_place(Fact(source="content", detail="x", file="a\nb", line=1)) == r"a\nb:1"


def test_contact_is_told_apart_from_what_else_was_observed() -> None:
    assert evidence_heading(issue("a.b", "A", "low", evidence=[contacted("http://a.example:81/", 1)])) == "Contacted"
    mixed = [contacted("http://a.example:81/", 1), evidence("reads /k", 2)]
    assert evidence_heading(issue("a.b", "A", "low", evidence=mixed)) == "Observed"
    left = evidence("a secret was sent", 2, event="network.secret")
    assert evidence_heading(issue("a.b", "A", "low", evidence=[left])) == "Observed"


def test_kinds_are_words() -> None:
    assert kind_words("suspicious-tld") == "suspicious top-level domain"
    assert kind_words("of a later version\x1b") == r"of a later version\x1b"
