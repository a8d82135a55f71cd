"""The largest reports that a package can bring about: every list full, every text long and in need of escapes."""

from __future__ import annotations

from typing import Any

from analyzer import issues, taxonomy
from analyzer.issues import find
from analyzer.model.report import (
    Beacon,
    BehaviorReport,
    CodeLocation,
    Completeness,
    Connection,
    Coverage,
    DnsData,
    DnsQuery,
    FailedModule,
    Files,
    HttpExchange,
    MissingCommand,
    ModuleCoverage,
    Network,
    Package,
    PrecedingEvent,
    ProcessNode,
    ProtocolExchange,
    Report,
    ScriptCoverage,
    SilencedProbe,
    TlsFacts,
    TraceSource,
)
from tests.unit.render.sample import START, change, evidence, package_file, process, quiet_report

LETTERS = {
    "plain": "x",
    "escaped": "\x9b",
    "controls": "\x1b",
    "marked-up": "<",
    "quoted": "'",
    "wide": "\U00020000",
    "hidden": "\U000e0041",
    "deleted": "\x7f",
}
"""What texts are made of: each is a worst case of some format or of none."""


def largest_report(letter: str, rows: int = 5000, evidences: int = 100, texts: float = 1) -> Report:
    """As the pipeline makes it before it is fitted; `texts` makes those longer that nothing else bounds."""
    word, name, path = letter * 80, letter * 300, letter * 4000
    long = letter * int(1000 * texts)
    code = CodeLocation(distribution=word, module=name, file=path, line=2**31)
    act: dict[str, Any] = {
        "phase": "execute", "time": START, "pid": 2**31, "process": path[:255], "attribution": "dependency", "distribution": word,
        "location": code, "during": name,
    }  # fmt: skip
    source = TraceSource(file="steps/01-install.strace", line=2**31, text=long)
    before = [PrecedingEvent(time=START, pid=1, event="file.open", detail=long, location=code, source=source)] * 3
    proof = evidence(
        long,
        0.5,
        before=before,
        source=source,
        **{key: value for key, value in act.items() if key not in {"time", "pid"}},
    )
    found = [
        BehaviorReport(
            id=one.id, title=one.title, category=one.category, severity=one.severity, description=one.description,
            innocent=one.innocent, count=10**9, phases=["install", "import", "execute"], attribution=["package", "dependency"],
            witnesses=["syscall", "interpreter"], outcome="completed", attack=list(one.attack), mbc=list(one.mbc),
            aliases=list(one.aliases), evidence=[proof] * evidences,
        )
        for one in taxonomy.load()
    ]  # fmt: skip
    moved = change(path, target=path, process=path[:255], location=code, distribution=word, attribution="dependency")
    return quiet_report(
        package=Package(name=name, version=name, files=[package_file(name, at) for at in range(400)]),
        completeness=Completeness(
            status="incomplete", reasons=[long + str(at) for at in range(rows // 5)], events=10**9, dropped=10**9,
            silenced=[SilencedProbe(phase="import", pid=1, process=path, how="changed", what=long)] * (rows // 5),
            commands_missing=[MissingCommand(name=name, searches=1, phases=["import"], attribution=["package"], location=code)] * rows,
        ),
        coverage=Coverage(
            modules=ModuleCoverage(total=10**6, failed=[FailedModule(name=name, error=long, reason="raised", missing=word)] * rows),
            scripts=ScriptCoverage(total=10**6, failed=[name] * rows, cut=[name] * rows),
        ),
        behaviors=found,
        issues=find(found, issues.load()),
        network=_network(act, letter, rows),
        processes=[_tree(path, name, 40, 2) for _ in range(rows // 50)] + [_tree(path, name, 1, 200)] * (rows // 5),
        files=Files(created=[moved] * rows, modified=[moved] * rows, deleted=[moved] * rows, renamed=[moved] * rows),
    )  # fmt: skip


def _tree(path: str, name: str, depth: int, words: int) -> ProcessNode:
    argv = [path[:500]] * words
    node = process(2**31, argv, 1.0, program=path, directory=path, during=name)
    for _ in range(depth - 1):
        node = process(2**31, argv, 1.0, [node], program=path, directory=path, during=name)
    return node


def _network(act: dict[str, Any], letter: str, rows: int) -> Network:
    word, name, url = letter * 40, letter * 253, letter * 2048
    names = [name] * 20
    tls = TlsFacts(name=name, version=word, alpn=word, offered=[letter * 255] * 300, ja4=word, status="pinned")
    peer = {"address": "2001:db8::1", "port": 65535, "names": names}
    return Network(
        dns=[DnsQuery.model_validate(act | {"name": name, "type": word, "server": "192.0.2.1", "answers": [name] * 64, "decoded": name})] * rows,
        dns_data=[DnsData(domain=name, encoding="hex", format="text", names=1, size=1, data=letter * 4096)] * 200,
        connections=[
            Connection.model_validate(
                act | peer | {"transport": "tcp", "direction": "outgoing", "established": True, "sent_bytes": 1, "received_bytes": 1}
                | {"protocol": word, "head": letter * 512, "tls": tls}
            )
        ] * rows,
        http=[
            HttpExchange.model_validate(
                act | {"method": word, "url": url, "names": names, "version": word, "status": 200, "request_bytes": 1, "response_bytes": 1}
                | {"response_type": url[:1000], "mark": url[:1000], "tls": False, "headers": [letter * 400] * 40, "body": url}
            )
        ] * rows,
        exchanges=[
            ProtocolExchange.model_validate(act | {"protocol": word, "verb": word, "url": url, "names": names, "sent_bytes": 1, "tls": True})
        ] * rows,
        beacons=[
            Beacon.model_validate(act | {"kind": "http", "endpoint": name, "count": 9, "interval_seconds": 1, "jitter": 0.1, "last": START})
        ] * 200,
        cut=[letter * 200] * 5000,
    )  # fmt: skip
