"""A report in which every text that a package can choose is an attack."""

from __future__ import annotations

from analyzer.model.report import (
    Anomaly,
    Beacon,
    CallableCoverage,
    CodeLocation,
    Completeness,
    Connection,
    Content,
    ContentSecret,
    ContentUrl,
    CorpusUse,
    Coverage,
    Direction,
    DnsData,
    DnsQuery,
    Evidence,
    Exploration,
    Fact,
    FailedModule,
    FileChange,
    Files,
    HttpExchange,
    IssueReport,
    LicenseFact,
    LimitUse,
    MissingCommand,
    ModuleCoverage,
    Network,
    Package,
    PhaseResult,
    ProcessNode,
    Project,
    ProtocolExchange,
    Reason,
    Report,
    ScriptCoverage,
    SilencedProbe,
    Skipped,
    Suppressed,
    TlsFacts,
    Verdict,
    Vulnerability,
)
from tests.unit.render.sample import START, behavior, change, evidence, package_file, process, quiet_report

PAYLOADS = (
    "\x1b[2J\x1b]0;owned\x07\x9b31m\r\n\x08\x7f",
    "<script>window.__owned=1;alert(1)</script>",
    '"><img src=x onerror="window.__owned=1">',
    "'><svg onload=window.__owned=1>",
    "</style><style>body{display:none}</style>",
    "</script><script>window.__owned=1</script>",
    "javascript:window.__owned=1",
    "<!--<script>",
    "]]>",
    "{{ 7*7 }}{% raw %}",
    "[bold red]markup[/] [link=file:///x]y[/link] :smile:",
    "[/]",
    "\x00nul",
    "\u202egnp.exe\u202c\u2066\u2069",
    "zero\u200bwidth\u200d\ufeff\u2060",
    "line\u2028para\u2029end\x85",
    "bad \udcff\udc80 bytes",
    "tag\U000e0041",
    "a,b'c`d$(id)\\n",
    "Z" + "\u0301" * 40,
    "x" * 100_000,
    "\u202e" * 5_000,
)
"""Texts that try to run, to move the cursor, to hide, to reorder, or to be too much."""


def hostile_report() -> Report:
    """Every text that a package can choose is an attack."""
    return quiet_report(
        package=Package(name=PAYLOADS[1], version=PAYLOADS[2], files=[package_file(text, 1) for text in PAYLOADS]),
        completeness=Completeness(
            status="incomplete",
            reasons=list(PAYLOADS),
            events=1,
            dropped=1,
            truncated=list(PAYLOADS),
            silenced=[
                SilencedProbe(phase="import", pid=1, process=text, how="changed", what=text) for text in PAYLOADS
            ],
            limits=[LimitUse(name="call_seconds", used=9, limit=2, unit="seconds", what=text) for text in PAYLOADS],
            commands_missing=[
                MissingCommand(name=text, searches=1, phases=["import"], attribution=["package"], distribution=text)
                for text in PAYLOADS
            ],
        ),
        coverage=Coverage(
            modules=ModuleCoverage(
                total=99,
                failed=[FailedModule(name=text, error=text, reason="raised", missing=text) for text in PAYLOADS],
                left_out=7,
            ),
            scripts=ScriptCoverage(total=99, failed=list(PAYLOADS), cut=list(PAYLOADS)),
            callables=CallableCoverage(found=9, skips=[Skipped(why=text, count=1) for text in PAYLOADS]),
        ),
        exploration=Exploration(opened="command", command=PAYLOADS[1], duration_seconds=1, exit=PAYLOADS[2]),
        directions=[
            Direction(asked=text, file=text, module=text, function=text, line=1, during=text, detail=text)
            for text in PAYLOADS
        ],
        phases=[PhaseResult(name="install", status="failed", duration_seconds=1, detail=text) for text in PAYLOADS[:4]],
        behaviors=[
            behavior(
                f"network.hostile.n{at}", text, "critical", [hostile_evidence(text)], category="network", aliases=[text]
            )
            for at, text in enumerate(PAYLOADS)
            if "\udcff" not in text
        ],
        issues=hostile_issues(),
        verdict=hostile_verdict(),
        project=hostile_project(),
        content=hostile_content(),
        anomalies=[Anomaly(behavior="network.hostile.n1", kind=text, seen=0, of=1) for text in PAYLOADS],
        corpus=CorpusUse(packages=1, first=PAYLOADS[1], last=PAYLOADS[2], missing=PAYLOADS[3]),
        network=hostile_network(),
        processes=[
            process(at, [text, text], 0.1, program=text, directory=text, during=f"call of {text}")
            for at, text in enumerate(PAYLOADS)
        ]
        + [deep_tree(60)],
        files=Files(
            created=[hostile_change(text) for text in PAYLOADS],
            modified=[hostile_change(text) for text in PAYLOADS],
            deleted=[hostile_change(text) for text in PAYLOADS],
            renamed=[hostile_change(text) for text in PAYLOADS],
        ),
    )


def hostile_issues() -> list[IssueReport]:
    """Every fact of an issue is an attack; the words about it are ours, but a report may come from a stranger."""
    return [
        IssueReport(
            id=f"hostile.issue.n{at}", title=text, category="hostile", severity="high", causes_risk=text, problem=text,
            next_steps=[text], evidence=[hostile_evidence(text)],
            facts=[Fact(source="content", detail=text, file=text, line=1), Fact(source="osv", detail=text)],
        )
        for at, text in enumerate(PAYLOADS)
        if "\udcff" not in text
    ]  # fmt: skip


def hostile_verdict() -> Verdict:
    """What a policy says of findings repeats what a package wrote."""
    return Verdict(
        decision="REJECT",
        policy=PAYLOADS[1],
        reasons=[
            Reason(decision="REJECT", kind="behavior", id="network.hostile.n1", title=text, rule=text, evidence=text)
            for text in PAYLOADS
        ],
        suppressed=[
            Suppressed(kind="behavior", id="network.hostile.n1", reason=text, expires=PAYLOADS[3]) for text in PAYLOADS
        ],
        expired=list(PAYLOADS),
    )


def hostile_project() -> Project:
    """An index and a list of vulnerabilities may say anything."""
    return Project(
        first_upload=PAYLOADS[1],
        upload=PAYLOADS[2],
        rank=1,
        rank_date=PAYLOADS[3],
        vulnerabilities=[
            Vulnerability(id=text, aliases=[text] * 9, summary=text, fixed_in=[text] * 9, link=text, source="osv")
            for text in PAYLOADS
        ],
        rare=list(PAYLOADS),
        notes=list(PAYLOADS),
    )


def hostile_content() -> Content:
    """The files of a package are its own."""
    return Content(
        files=1,
        bytes=1,
        unread=list(PAYLOADS),
        urls=[ContentUrl(url=text, kinds=["suspicious-tld"], file=text, line=1) for text in PAYLOADS],
        secrets=[ContentSecret(service=text, shown=text, file=text, line=1) for text in PAYLOADS],
        licenses=[
            LicenseFact(
                distribution=text, version=text, role="dependency", source="file", text=text, expression=text, kinds=["copyleft"],
                file=text,
            )
            for text in PAYLOADS
        ],
        kinds=list(PAYLOADS),
        requires=list(PAYLOADS),
    )  # fmt: skip


def hostile_evidence(text: str) -> Evidence:
    code = CodeLocation(distribution=text, module=text, file=text, line=1)
    return evidence(text, 0.5, process=text, location=code, during=f"import of {text}", distribution=text)


def hostile_change(text: str) -> FileChange:
    code = CodeLocation(distribution=text, module=text, file=text, line=1)
    return change(text, target=text, process=text, location=code, distribution=text, attribution="dependency")


def hostile_network() -> Network:
    """Every text of a package's traffic is an attack."""
    return Network(
        dns=[
            DnsQuery.model_validate(
                hostile_act(text) | {"name": text, "type": text, "server": text, "answers": [text], "decoded": text}
            )
            for text in PAYLOADS
        ],
        dns_data=[DnsData(domain=text, encoding="hex", format="text", names=1, size=1, data=text) for text in PAYLOADS],
        connections=[hostile_connection(text) for text in PAYLOADS],
        http=[hostile_exchange(text) for text in PAYLOADS],
        exchanges=[
            ProtocolExchange.model_validate(
                hostile_act(text)
                | {"protocol": text, "verb": text, "url": text, "names": [text], "sent_bytes": 1, "tls": True}
            )
            for text in PAYLOADS
        ],
        beacons=[
            Beacon.model_validate(
                hostile_act(text)
                | {"kind": "http", "endpoint": text, "count": 9, "interval_seconds": 1, "jitter": 0.1, "last": START}
            )
            for text in PAYLOADS
        ],
        cut=list(PAYLOADS),
    )


def hostile_act(text: str) -> dict[str, object]:
    """What all rows of the network have."""
    code = CodeLocation(distribution=text, module=text, file=text, line=1)
    return {
        "phase": "import", "time": START, "pid": 1, "process": text, "attribution": "dependency", "distribution": text,
        "location": code, "during": f"import of {text}",
    }  # fmt: skip


def hostile_exchange(text: str) -> HttpExchange:
    return HttpExchange.model_validate(
        hostile_act(text)
        | {"method": text, "url": text, "names": [text], "version": text, "status": 200, "request_bytes": 1}
        | {"response_bytes": 1, "response_type": text, "mark": text, "tls": False, "headers": [text], "body": text}
    )


def hostile_connection(text: str) -> Connection:
    tls = TlsFacts(name=text, version=text, alpn=text, offered=[text], ja4=text, status="pinned")
    return Connection.model_validate(
        hostile_act(text)
        | {"transport": "tcp", "address": text, "port": 443, "names": [text, text], "direction": "outgoing"}
        | {"established": True, "protocol": text, "sent_bytes": 1, "received_bytes": 1, "head": text, "tls": tls}
    )


def deep_tree(depth: int) -> ProcessNode:
    """A chain of processes, each the parent of the next."""
    node = process(1000 + depth, ["true"], 1.0)
    for pid in range(999 + depth, 1000, -1):
        node = process(pid, ["sh", "-c", f"level {pid}"], 1.0, [node])
    return node
