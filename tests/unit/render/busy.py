"""A package that does thousands of different things, as an ordinary large one does: no text is long, no list is full."""

from __future__ import annotations

from typing import Any

from analyzer import issues, taxonomy
from analyzer.issues import find
from analyzer.model.event import PHASES
from analyzer.model.network import Connection, DnsQuery, HttpExchange
from analyzer.model.report import BehaviorReport, Evidence, Files, Network, Package, ProcessNode, Report
from tests.unit.render.sample import START, change, evidence, location, package_file, process, quiet_report
from tests.unit.render.vetted import OF, prevalence

EVENTS = 5000
PROCESSES = 160
ROWS = 700


def busy_report(events: int = EVENTS) -> Report:
    """So many pieces of evidence, spread over all behaviors, processes and phases; with traffic, files, issues and prevalence."""
    entries = taxonomy.load()
    found = []
    for at, one in enumerate(entries):
        seen = [_evidence(number, one.category) for number in range(at, events, len(entries))]
        found.append(
            BehaviorReport(
                id=one.id, title=one.title, category=one.category, severity=one.severity, description=one.description,
                innocent=one.innocent, count=len(seen), phases=sorted({each.phase for each in seen}, key=PHASES.index),
                attribution=["package"], witnesses=["syscall", "interpreter"], outcome="completed", attack=list(one.attack),
                mbc=list(one.mbc), prevalence=prevalence("uncommon", 1, 2, at % 44, at % 52, of=OF), evidence=seen,
            )
        )  # fmt: skip
    return quiet_report(
        package=Package(name="acme-telemetry", version="1.4.2", files=[package_file("acme_telemetry-1.4.2.tar.gz", 48_211)]),
        behaviors=found, issues=find(found, issues.load()), network=_network(), processes=_processes(),
        files=Files(
            created=[change(f"/home/user/.cache/acme/part-{at}.bin", pid=_pid(at), sha256=f"{at:064x}") for at in range(ROWS)],
            modified=[change(f"/home/user/project/src/module_{at}.py", pid=_pid(at)) for at in range(ROWS // 4)],
        ),
    )  # fmt: skip


def _pid(at: int) -> int:
    return 100 + at % PROCESSES


def _evidence(at: int, category: str) -> Evidence:
    """An act of a process while that lives."""
    number = at % PROCESSES * 4 // PROCESSES
    time = number * 12.5 + at * 37 % 100 / 100 * (1 + _pid(at) % 9)
    code = location(f"acme_telemetry/part_{at % 60}/module_{at % 400}.py", at % 900)
    return evidence(
        f"{category} of /home/user/project/data/{at}/table-{at * 7919 % 10007}.parquet", time, pid=_pid(at), location=code,
        phase=PHASES[number], during=f"call of acme_telemetry.part_{at % 60}:Client.method_{at}", distribution="acme-telemetry",
        source={"file": "steps/05-execute.strace", "line": at, "text": f'openat(AT_FDCWD, "/home/user/project/data/{at}", O_RDONLY|O_CLOEXEC) = {at % 90}'},
    )  # fmt: skip


def _act(at: int) -> dict[str, Any]:
    return {
        "phase": PHASES[at % 4], "time": START + at / 20, "pid": _pid(at), "process": "python3.13", "distribution": "acme-telemetry",
        "location": location("acme_telemetry/_send.py", at), "during": f"call of acme_telemetry:Client.method_{at}",
    }  # fmt: skip


def _network() -> Network:
    host = [f"node-{at}.acme.example" for at in range(ROWS)]
    peer: dict[str, Any] = {
        "transport": "tcp",
        "port": 443,
        "direction": "outgoing",
        "established": True,
        "protocol": "http",
    }
    answer: dict[str, Any] = {
        "method": "POST",
        "status": 200,
        "request_bytes": 840,
        "response_bytes": 2100,
        "version": "1.1",
        "tls": True,
    }
    return Network(
        dns=[
            DnsQuery.model_validate(_act(at) | {"name": host[at], "type": "A", "server": "192.0.2.53", "answers": ["203.0.113.7"]})
            for at in range(ROWS)
        ],
        connections=[
            Connection.model_validate(
                _act(at) | peer | {"address": f"203.0.113.{at % 250}", "names": [host[at]], "sent_bytes": at, "received_bytes": 2 * at}
                | {"head": "POST /v1/batch HTTP/1.1\r\nHost: acme\r\n", "duration_seconds": 0.2}
            )
            for at in range(ROWS)
        ],
        http=[
            HttpExchange.model_validate(
                _act(at) | answer | {"url": f"https://{host[at]}/v1/batch/{at}", "headers": ["content-type: application/json", "x-id: 1"]}
                | {"body": f'{{"batch": {at}, "host": "workstation"}}', "response_type": "application/json"}
            )
            for at in range(ROWS)
        ],
    )  # fmt: skip


def _processes() -> list[ProcessNode]:
    """A root for each phase, each with its part of the processes, every fifth of which started one more."""
    roots = []
    for number, phase in enumerate(PHASES):
        made: list[ProcessNode] = []
        for pid in range(100 + number * PROCESSES // 4, 100 + (number + 1) * PROCESSES // 4):
            argv = [
                "/home/user/project/.venv/bin/python",
                "-m",
                f"acme_telemetry.part_{pid % 60}",
                "--worker",
                str(pid),
            ]
            below = [made.pop()] if made and pid % 5 == 4 else []
            made.append(process(pid, argv, number * 12.5, below, phase=phase, duration_seconds=1 + pid % 9))
        roots.append(
            process(
                10 + number, ["python", "driver.py", phase], number * 12.5, made, phase=phase, duration_seconds=12.0
            )
        )
    return roots
