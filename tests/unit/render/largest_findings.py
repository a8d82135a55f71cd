"""The most that files, an index, a policy and a corpus can put into a report: every list full, every text long."""

from __future__ import annotations

from analyzer.model.prevalence import Anomaly, CorpusUse
from analyzer.model.report import (
    Content,
    ContentSecret,
    ContentUrl,
    Fact,
    LicenseFact,
    Project,
    Reason,
    Report,
    Suppressed,
    Verdict,
    Vulnerability,
)
from tests.unit.render.vetted import prevalence

_SEEN = (10**9 - 1,) * 4
_OF = (10**9,) * 4
_KIND = "Topic :: Scientific/Engineering :: Artificial Intelligence"


def with_findings(report: Report, letter: str, rows: int = 5000) -> Report:
    """The report as it is before it is fitted, with so many rows in each list of what was read and asked."""
    name, path, long = letter * 300, letter * 4000, letter * 1000
    fact = Fact(source="content", detail=long, file=path, line=2**31)
    return report.model_copy(
        update={
            "issues": [one.model_copy(update={"facts": [fact] * 100}) for one in report.issues],
            "content": _content(name, path, long, rows),
            "project": _project(name, long, rows),
        }
    )


def with_judgement(report: Report, letter: str, reasons: int = 200) -> Report:
    """The report with what is added once it is fitted: prevalence, anomalies, and a verdict with so many reasons.

    Kinds are words of the corpus, rules and suppressions the user's own.
    """
    usual = prevalence("uncommon", *_SEEN, of=_OF)
    return report.model_copy(
        update={
            "behaviors": [one.model_copy(update={"prevalence": usual}) for one in report.behaviors],
            "issues": [one.model_copy(update={"prevalence": usual}) for one in report.issues],
            "anomalies": [Anomaly(behavior=one.id, kind=_KIND, seen=0, of=10**9) for one in report.behaviors] * 5,
            "corpus": CorpusUse(packages=10**9, first="2025-09-02", last="2025-10-01"),
            "verdict": _verdict(letter * 500, reasons),
        }
    )


def _content(name: str, path: str, long: str, rows: int) -> Content:
    named = {"distribution": name, "version": name, "role": "dependency", "source": "classifier", "text": long}
    licence = LicenseFact.model_validate(named | {"expression": long, "kinds": ["copyleft"], "file": path})
    return Content(
        files=10**9, bytes=10**15, unread=[path] * rows, kinds=[name] * 100, requires=[name] * rows, licenses=[licence] * rows,
        urls=[ContentUrl(url=long * 2, kinds=["suspicious-tld", "interesting-format"], file=path, line=2**31, count=10**9)] * rows,
        secrets=[ContentSecret(service=name, shown=name, file=path, line=2**31)] * rows,
    )  # fmt: skip


def _project(name: str, long: str, rows: int) -> Project:
    weakness = Vulnerability(
        id=name, aliases=[name] * 100, summary=long, fixed_in=[name] * 100, link=long * 2, source="osv"
    )
    return Project(
        releases=10**9, first_upload=name, upload=name, yanked=True, rank=10**9, rank_date=name, dependents=10**9,
        vulnerabilities=[weakness] * (rows // 5), rare=[long] * 100, notes=[long] * 100,
    )  # fmt: skip


def _verdict(text: str, reasons: int) -> Verdict:
    rule = "reject network.*: nothing of ours calls home"
    reason = Reason(decision="REJECT", kind="behavior", id="network.dns.query", title=text, rule=rule, evidence=text)
    taken = Suppressed(kind="behavior", id="network.dns.query", reason=rule, expires="2027-06-30")
    return Verdict(
        decision="REJECT",
        policy="pyproject.toml",
        reasons=[reason] * reasons,
        suppressed=[taken] * reasons,
        expired=[rule] * 100,
    )
