"""A report in which every text that a package can choose is an attack."""

from __future__ import annotations

from analyzer.model.report import (
    CallableCoverage,
    CodeLocation,
    Completeness,
    Connection,
    Coverage,
    DnsQuery,
    Evidence,
    FailedModule,
    FileChange,
    Files,
    HttpExchange,
    LimitUse,
    MissingCommand,
    ModuleCoverage,
    Network,
    Package,
    PhaseResult,
    ProcessNode,
    Report,
    ScriptCoverage,
    SilencedProbe,
    Skipped,
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
        phases=[PhaseResult(name="install", status="failed", duration_seconds=1, detail=text) for text in PAYLOADS[:4]],
        behaviors=[
            behavior(
                f"network.hostile.n{at}", text, "critical", [hostile_evidence(text)], category="network", aliases=[text]
            )
            for at, text in enumerate(PAYLOADS)
            if "\udcff" not in text
        ],
        network=Network(
            dns=[
                DnsQuery(name=text, type="A", server="192.0.2.53", answers=["203.0.113.7"], phase="import", time=START)
                for text in PAYLOADS
            ],
            connections=[hostile_connection(text) for text in PAYLOADS],
            http=[
                HttpExchange(
                    method=text,
                    url=text,
                    status=200,
                    request_bytes=1,
                    response_bytes=1,
                    tls=False,
                    phase="import",
                    time=START,
                )
                for text in PAYLOADS
            ],
        ),
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


def hostile_evidence(text: str) -> Evidence:
    code = CodeLocation(distribution=text, module=text, file=text, line=1)
    return evidence(text, 0.5, process=text, location=code, during=f"import of {text}", distribution=text)


def hostile_change(text: str) -> FileChange:
    code = CodeLocation(distribution=text, module=text, file=text, line=1)
    return change(text, target=text, process=text, location=code, distribution=text, attribution="dependency")


def hostile_connection(text: str) -> Connection:
    return Connection(
        transport="tcp",
        address="203.0.113.7",
        port=443,
        names=[text, text],
        direction="outgoing",
        established=True,
        sent_bytes=1,
        received_bytes=1,
        tls_name=text,
        phase="import",
        time=START,
        process=text,
    )


def deep_tree(depth: int) -> ProcessNode:
    """A chain of processes, each the parent of the next."""
    node = process(1000 + depth, ["true"], 1.0)
    for pid in range(999 + depth, 1000, -1):
        node = process(pid, ["sh", "-c", f"level {pid}"], 1.0, [node])
    return node
