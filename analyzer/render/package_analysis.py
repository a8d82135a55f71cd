"""The report in the form of the results of OpenSSF's package-analysis: its dynamic analysis record with a summary for each phase.

The keys are those of its Go structs `DynamicAnalysisRecord` and `StraceSummary` (pkg/api/analysisrun/result.go). Its phases are install,
import and execute: what was seen at the bare start of an interpreter is told with the import. What has no counterpart is in
docs/formats.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from analyzer.render.selection import walk
from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from analyzer.model.report import Evidence, FileChange, ProcessNode, Report

_PHASES: Final = {"install": "install", "startup": "import", "import": "import", "execute": "execute"}
_STATUSES: Final = {"ok": "completed", "failed": "error_analysis", "timeout": "error_timeout"}
_SEVERITY: Final = ("completed", "error_analysis", "error_timeout")
_OTHERS: Final = frozenset({"installer", "interpreter"})
_ACTIONS: Final = {"read": "Read", "write": "Write", "create": "Write", "modify": "Write", "delete": "Delete"}
"""What the last word of a behavior's id says of the files in its evidence."""
_TEXT: Final = 4096
"""Characters of one text: what package-analysis keeps of an output."""


def render_package_analysis(report: Report) -> str:
    """The report as one dynamic analysis record."""
    package = report.package
    record = {
        "Package": {
            "Ecosystem": package.ecosystem,
            "Name": safe_text(package.name, _TEXT),
            "Version": safe_text(package.version, _TEXT),
        },
        "CreatedTimestamp": _seconds(report.created),
        "Analysis": _analysis(report),
    }
    return json.dumps(record, indent=2) + "\n"


def _analysis(report: Report) -> dict[str, Any]:
    status: dict[str, str] = {}
    for phase in report.phases:
        if phase.status != "skipped":  # which is no result there either
            told, name = _STATUSES[phase.status], _PHASES[phase.name]
            status[name] = max(told, status.get(name, told), key=_SEVERITY.index)
    files, sockets = _files(report), _sockets(report)
    commands, names = _commands(report), _names(report)
    return {
        phase: {
            "Status": said,
            "Stdout": None,
            "Stderr": None,
            "Files": files.get(phase, []),
            "Sockets": sockets.get(phase, []),
            "Commands": commands.get(phase, []),
            "DNS": names.get(phase, []),
        }
        for phase, said in status.items()
    }


def _files(report: Report) -> dict[str, list[dict[str, Any]]]:
    """What was read, as far as it is evidence of a behavior, and what was left different."""
    found: dict[str, dict[str, dict[str, Any]]] = {}

    def mark(phase: str, path: str, what: str) -> None:
        shown = safe_text(path, _TEXT)
        one = found.setdefault(_PHASES[phase], {}).setdefault(
            shown, {"Path": shown, "Read": False, "Write": False, "Delete": False}
        )
        one[what] = True

    for behavior in report.behaviors:
        what = _ACTIONS.get(behavior.id.rpartition(".")[2])
        for evidence in behavior.evidence if what is not None else ():
            if what is not None and (path := _path(evidence)):
                mark(evidence.phase, path, what)
    files = report.files
    for change in (*files.created, *files.modified):
        mark(change.phase, change.path, "Write")
    for change in files.deleted:
        mark(change.phase, change.path, "Delete")
    for change in files.renamed:
        mark(change.phase, change.path, "Delete")
        mark(change.phase, _new_name(change), "Write")
    return {phase: [paths[path] for path in paths if not _is_told(path, paths)] for phase, paths in found.items()}


def _is_told(path: str, paths: Iterable[str]) -> bool:
    """Whether a path below the home, of which a call inside Python told, is among the paths that the kernel told."""
    return path.startswith("~/") and any(other.startswith("/") and other.endswith(path[1:]) for other in paths)


def _new_name(change: FileChange) -> str:
    return change.target or change.path


def _path(evidence: Evidence) -> str:
    """The path that a piece of evidence is about; "" for what is about anything else, or failed."""
    if not evidence.event.startswith("file.") or evidence.outcome != "completed":
        return ""
    detail, target = evidence.detail, evidence.target
    if target.startswith("~/") and detail.startswith("/") and detail.endswith(target[1:]):
        return detail
    path = target or detail
    return path if path.startswith(("/", "~/")) else ""


def _sockets(report: Report) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, dict[tuple[str, int], dict[str, Any]]] = {}
    for one in report.network.connections:
        if one.direction != "outgoing" or one.attribution in _OTHERS:
            continue
        address = safe_text(one.address, 200)
        row = found.setdefault(_PHASES[one.phase], {}).setdefault(
            (address, one.port), {"Address": address, "Port": one.port, "Hostnames": []}
        )
        row["Hostnames"] += [
            name for name in (safe_text(name, 300) for name in one.names) if name not in row["Hostnames"]
        ]
    return {phase: list(rows.values()) for phase, rows in found.items()}


def _commands(report: Report) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for node in _packages_own(report):
        words = [safe_text(word, _TEXT) for word in node.argv]
        found.setdefault(_PHASES[node.phase], []).append({"Command": words, "Environment": []})
    return found


def _packages_own(report: Report) -> Iterator[ProcessNode]:
    return (node for node in walk(report.processes) if node.attribution not in _OTHERS and node.argv)


def _names(report: Report) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for one in report.network.dns:
        if one.attribution in _OTHERS:
            continue
        kinds = found.setdefault(_PHASES[one.phase], {}).setdefault(safe_text(one.name, 300), [])
        if (kind := safe_text(one.type, 60)) not in kinds:
            kinds.append(kind)
    return {
        phase: [{"Class": "IN", "Queries": [{"Hostname": name, "Types": kinds} for name, kinds in names.items()]}]
        for phase, names in found.items()
    }


def _seconds(created: str) -> int:
    """Seconds since the epoch; 0 for a text that is no time."""
    try:
        moment = datetime.fromisoformat(created)
        return int(moment.timestamp()) if moment.tzinfo else int(moment.replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return 0
