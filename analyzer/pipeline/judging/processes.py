"""The report's process trees."""

from __future__ import annotations

from analyzer.model.report import ProcessNode
from analyzer.pipeline.judging.during import During
from analyzer.trace.calls.processes import Process
from analyzer.trace.timeline import SeenProcess, Timeline

_MAX_ROWS = 5000
_MAX_DEPTH = 64
_MAX_ARGUMENT = 500
_MAX_ARGUMENTS = 200


def processes(timeline: Timeline, during: During) -> tuple[list[ProcessNode], int]:
    """The process trees of all phases, at most 5,000 processes, and how many are left out.

    Below 64 levels, a process hangs on its ancestor there.
    """
    children: dict[Process | None, list[SeenProcess]] = {}
    depth: dict[Process, int] = {}
    place: dict[Process, Process] = {}
    for seen in timeline.processes[:_MAX_ROWS]:
        process = seen.process
        parent = process.parent if process.parent is not None and not process.parent.ours else None
        parent = place.get(parent, parent) if parent is not None else None
        depth[process] = depth.get(parent, 0) + 1 if parent is not None else 0
        place[process] = parent if parent is not None and depth[process] >= _MAX_DEPTH else process
        children.setdefault(parent, []).append(seen)
    nodes = [_node(seen, children, during) for seen in children.get(None, [])]
    return nodes, max(len(timeline.processes) - _MAX_ROWS, 0)


def _node(seen: SeenProcess, children: dict[Process | None, list[SeenProcess]], during: During) -> ProcessNode:
    process = seen.process
    return ProcessNode(
        pid=process.pid,
        program=process.program,
        argv=[word[:_MAX_ARGUMENT] for word in process.argv[:_MAX_ARGUMENTS]],
        directory=process.home[:_MAX_ARGUMENT],
        phase=seen.phase,
        during=during.at(seen.step, process.started),
        started=process.started,
        duration_seconds=round(process.ended - process.started, 3) if process.ended >= process.started > 0 else None,
        exit=process.exit.removeprefix("status "),
        attribution=seen.attribution,
        author=seen.author,
        children=[_node(child, children, during) for child in children.get(process, [])],
    )
