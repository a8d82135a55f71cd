"""Reports to render: the parts of one, and one of a package that did nothing."""

from __future__ import annotations

from analyzer.model.event import PHASES
from analyzer.model.report import (
    BehaviorReport,
    CodeLocation,
    Completeness,
    Evidence,
    FileChange,
    Files,
    Network,
    Package,
    PackageFile,
    PhaseResult,
    ProcessNode,
    Report,
    SandboxFacts,
    TraceSource,
    Usage,
)

START = 1_760_000_000.0


def quiet_report(**changes: object) -> Report:
    """A package that did nothing."""
    fields: dict[str, object] = {
        "generator": "fumehood 0.1.0",
        "created": "2025-10-09T08:53:25Z",
        "package": Package(
            name="six", version="1.17.0", files=[package_file("six-1.17.0-py2.py3-none-any.whl", 11_050)]
        ),
        "sandbox": SandboxFacts(
            backend="docker",
            runtime="runc",
            tracer="strace",
            python="3.13.2",
            network="simulated",
            usage=Usage(peak_memory_bytes=48_300_000, cpu_seconds=0.72, max_processes=3),
        ),
        "completeness": Completeness(status="complete", events=1874, dropped=0),
        "phases": [
            PhaseResult(name=name, status="ok", duration_seconds=0.2 + at / 7) for at, name in enumerate(PHASES)
        ],
        "behaviors": [],
        "network": Network(),
        "processes": [],
        "files": Files(),
    }
    return Report.model_validate(fields | changes)


def package_file(filename: str, size: int, role: str = "target") -> PackageFile:
    return PackageFile.model_validate(
        {"filename": filename, "sha256": f"{size:064x}"[::-1], "size": size, "role": role}
    )


def evidence(detail: str, at: float, **changes: object) -> Evidence:
    fields: dict[str, object] = {
        "phase": "import",
        "time": START + at,
        "pid": 23,
        "process": "python3.13",
        "event": "file.open",
        "detail": detail,
        "location": None,
        "source": TraceSource(file="import/strace.23", line=int(at * 1000) + 1),
        "layer": "syscall",
        "outcome": "completed",
    }
    return Evidence.model_validate(fields | changes)


def location(file: str, line: int, distribution: str = "acme-telemetry") -> CodeLocation:
    module = file.removesuffix(".py").replace("/", ".")
    return CodeLocation(distribution=distribution, module=module, file=f"/site-packages/{file}", line=line)


def behavior(name: str, title: str, severity: str, evidences: list[Evidence], **changes: object) -> BehaviorReport:
    fields: dict[str, object] = {
        "id": name,
        "title": title,
        "category": name.split(".")[0],
        "severity": severity,
        "count": len(evidences),
        "phases": sorted({each.phase for each in evidences}, key=PHASES.index),
        "attribution": ["package"],
        "witnesses": sorted({each.layer for each in evidences}),
        "outcome": "completed",
        "evidence": evidences,
    }
    return BehaviorReport.model_validate(fields | changes)


def change(path: str, **changes: object) -> FileChange:
    """A path that the package left different, by the process of `evidence`."""
    fields: dict[str, object] = {
        "path": path,
        "type": "file",
        "phase": "import",
        "attribution": "package",
        "distribution": "acme-telemetry",
        "pid": 23,
        "process": "python3.13",
    }
    return FileChange.model_validate(fields | changes)


def process(
    pid: int, argv: list[str], at: float, children: list[ProcessNode] | None = None, **changes: object
) -> ProcessNode:
    fields: dict[str, object] = {
        "pid": pid,
        "program": argv[0].rsplit("/", 1)[-1],
        "argv": argv,
        "phase": "import",
        "started": START + at,
        "exit": "0",
        "attribution": "package",
        "children": children or [],
    }
    return ProcessNode.model_validate(fields | changes)
