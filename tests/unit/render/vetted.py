"""A report with everything in it that a user of a rare component comes for: verdict, issues, project, content, prevalence."""

from __future__ import annotations

from analyzer.model.prevalence import PrevalenceLabel, Seen
from analyzer.model.report import (
    Anomaly,
    Content,
    ContentSecret,
    ContentUrl,
    CorpusUse,
    Evidence,
    Fact,
    IssueReport,
    LicenseFact,
    Prevalence,
    Project,
    Reason,
    Report,
    Suppressed,
    Verdict,
    Vulnerability,
)
from tests.unit.render.eventful import rich_report
from tests.unit.render.sample import evidence, location

OF = (16, 31, 44, 52)
"""Packages of a made corpus, by group."""


def prevalence(label: PrevalenceLabel, *seen: int, of: tuple[int, ...] = OF) -> Prevalence:
    """Numbers for Top 100, Top 1k, Top 10k and the community."""
    groups = ("top_100", "top_1k", "top_10k", "community")
    numbers = dict(zip(groups, (Seen(seen=one, of=all_) for one, all_ in zip(seen, of, strict=True)), strict=True))
    return Prevalence(label=label, **numbers)


def issue(name: str, title: str, severity: str, **changes: object) -> IssueReport:
    """An issue with a problem and steps of its own."""
    fields: dict[str, object] = {
        "id": name, "title": title, "category": name.split(".")[0], "severity": severity, "causes_risk": "unwanted contact",
        "problem": f"{title}. An honest package may do so too, but then its documentation says why.",
        "next_steps": ["Look at the places that are named.", "Ask the maintainers, or choose another package."], "evidence": [],
    }  # fmt: skip
    return IssueReport.model_validate(fields | changes)


def contacted(url: str, at: float) -> Evidence:
    """A request that was seen on the wire."""
    return evidence(
        f"GET {url}", at, event="network.http", layer="packet", location=location("acme_telemetry/_send.py", 88)
    )


def vetted_report(**changes: object) -> Report:
    """The eventful package as `fumehood vet` tells of it, with a corpus of 52 packages behind it."""
    base = rich_report()
    usual = [("rare", 0, 0, 0, 0), ("rare", 0, 0, 0, 1), ("uncommon", 0, 1, 1, 3), ("common", 12, 20, 30, 37)]
    told = [
        behavior.model_copy(update={"prevalence": prevalence(*usual[at % 4])})  # type: ignore[arg-type]
        if at < 8
        else behavior
        for at, behavior in enumerate(base.behaviors)
    ]
    fields: dict[str, object] = {
        "verdict": made_verdict(), "issues": made_issues(), "project": made_project(), "content": made_content(), "behaviors": told,
        "corpus": CorpusUse(packages=52, first="2025-09-02", last="2025-10-01"),
        "anomalies": [
            Anomaly(behavior="steal.ssh-key.read", kind="any", seen=0, of=52),
            Anomaly(behavior="autostart.interpreter.hook", kind="Topic :: System :: Monitoring", seen=0, of=14),
            Anomaly(behavior="autostart.interpreter.hook", kind="has scripts", seen=1, of=23),
        ],
    }  # fmt: skip
    return base.model_copy(update=fields | changes)


def made_verdict() -> Verdict:
    """A rejection with a reason of each kind, something suppressed and something expired."""
    reasons = [
        ("REJECT", "behavior", "steal.ssh-key.read", "Reads SSH keys", "critical", "reject steal.*: no package of ours has to know a key"),
        ("REJECT", "licence", "", "GPL-3.0-only of acme-core 0.9", None, 'reject licence GPL-*: "we ship closed source"'),
        ("REVIEW", "issue", "url.nonstandard-port", "Addresses with unusual ports", "medium", "warn severity medium or above"),
        ("REVIEW", "run", "", "The analysis is incomplete", None, 'incomplete = "review"'),
    ]  # fmt: skip
    shown = {"steal.ssh-key.read": "reads /home/user/.ssh/id_ed25519 at acme_telemetry/_collect.py:41"}
    return Verdict(
        decision="REJECT",
        policy="pyproject.toml",
        reasons=[
            Reason.model_validate(
                {"decision": decision, "kind": kind, "id": name, "title": title, "severity": severity, "rule": rule}
                | {"evidence": shown.get(name, "")}
            )
            for decision, kind, name, title, severity, rule in reasons
        ],
        suppressed=[
            Suppressed(
                kind="behavior", id="network.http.request", reason="the status page is ours", expires="2027-06-30"
            )
        ],
        expired=['acme-telemetry, file.rename: "looked at in spring", since 2025-06-30'],
    )


def made_issues() -> list[IssueReport]:
    """One with facts and evidence, one of the run alone, and ones of files, project and licences alone."""
    return [
        issue(
            "secret.service-token", "Access tokens of web services in the files", "high", causes_risk="credentials published",
            facts=[Fact(source="content", detail="AWS access key AKIA… (20 characters)", file="acme_telemetry/config.py", line=12)],
            prevalence=prevalence("rare", 0, 0, 0, 1),
        ),
        issue(
            "url.nonstandard-port", "Addresses with unusual ports", "medium",
            facts=[
                Fact(source="content", detail=f"http://collect{at}.acme.example:8081/v1", file="acme_telemetry/_send.py", line=80 + at)
                for at in range(11)
            ],
            evidence=[contacted("http://collect0.acme.example:8081/v1", 2.5)], prevalence=prevalence("common", 9, 17, 22, 25),
        ),
        issue(
            "license.copyleft", "Components with copyleft licences", "medium", causes_risk="obligations of copyleft",
            facts=[Fact(source="metadata", detail="acme-core 0.9: GPL-3.0-only (License-Expression)")],
        ),
        issue(
            "project.rare", "Seldom used component", "low", causes_risk="unnoticed malice",
            facts=[
                Fact(source="index", detail="3 releases, the first on 2025-08-30"),
                Fact(source="corpus", detail="no package of the corpus declares to need it"),
            ],
            prevalence=prevalence("no data", 0, 0, 0, 0, of=(2, 3, 3, 4)),
        ),
        issue("run.incomplete", "The analysis is incomplete", "low", facts=[Fact(source="run", detail="phase execute was stopped after 60 s")]),
    ]  # fmt: skip


def made_project() -> Project:
    """A young project that nobody needs, with two published weaknesses."""
    return Project(
        releases=3,
        first_upload="2025-08-30T11:12:13Z",
        upload="2025-10-01T08:00:00Z",
        yanked=True,
        rank_date="2025-10-01",
        dependents=0,
        vulnerabilities=[
            Vulnerability(
                id="GHSA-xxxx-yyyy-zzzz", aliases=["CVE-2025-12345", "PYSEC-2025-7"], fixed_in=["1.4.3", "1.5.0"], source="osv",
                summary="Tokens are written to the log in the clear", link="https://osv.example/vulnerability/GHSA-xxxx-yyyy-zzzz",
            ),
            Vulnerability(id="PYSEC-2025-9", source="index"),
        ],
        rare=["not among the 15,000 most downloaded projects of 2025-10-01", "3 releases in 32 days"],
        notes=["the time of 1 of 3 uploads is not known"],
    )  # fmt: skip


def made_content() -> Content:
    """What stands in the files: a token, addresses of each kind, licences of the target and of what it needs."""
    named = {"distribution": "acme-telemetry", "version": "1.4.2", "role": "target"}
    needed = {"distribution": "acme-core", "version": "0.9", "role": "dependency"}
    says = [
        named | {"source": "License-Expression", "text": "MIT", "expression": "MIT", "kinds": []},
        named | {"source": "file", "text": "MIT License", "expression": "MIT", "kinds": [], "file": "LICENSE"},
        needed | {"source": "classifier", "text": "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"}
        | {"expression": "GPL-3.0-only", "kinds": ["copyleft"]},
        needed | {"source": "License", "text": "ACME terms of use, hosted offers excluded", "expression": "", "kinds": ["restricted"]},
    ]  # fmt: skip
    return Content(
        files=84,
        bytes=1_204_118,
        unread=["acme_telemetry/data/model.bin: larger than 16 MiB"],
        secrets=[
            ContentSecret(service="AWS", shown="AKIA… (20 characters)", file="acme_telemetry/config.py", line=12),
            ContentSecret(service="Slack", shown="xoxb-… (57 characters)", file="acme_telemetry/notify.py", line=4),
        ],
        urls=[
            ContentUrl(url="http://collect.acme.example:8081/v1", kinds=["nonstandard-port"], file="acme_telemetry/_send.py", line=80, count=11),
            ContentUrl(url="https://acme.top.example/agent.exe", kinds=["suspicious-tld", "interesting-format"], file="README.md", line=3),
        ],
        licenses=[LicenseFact.model_validate(one) for one in says],
        kinds=["Topic :: System :: Monitoring", "has scripts"],
        requires=["acme-core", "requests"],
    )  # fmt: skip
