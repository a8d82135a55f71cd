"""The report's network and process tree; the network without what installer and interpreter do by themselves."""

from __future__ import annotations

from analyzer.model.event import PACKAGES, Event, NetworkDns, NetworkFlow, NetworkHttp, NetworkTls
from analyzer.model.report import Connection, DnsQuery, HttpExchange, Network, ProcessNode
from analyzer.pipeline.during import During
from analyzer.trace.processes import Process
from analyzer.trace.timeline import SeenProcess, Timeline

_MAX_ROWS = 5000
_MAX_DEPTH = 64
_MAX_ARGUMENT = 500
_MAX_ARGUMENTS = 200


def network(timeline: Timeline) -> Network:
    """What went over the wire, at most 5,000 rows of each kind."""
    events = [event for event in timeline.events if event.layer == "packet" and event.attribution in PACKAGES]
    names: dict[str, list[str]] = {}
    tls: dict[tuple[str, int], str] = {}
    for event in events:
        if isinstance(event.detail, NetworkDns):
            for answer in event.detail.answers:
                known = names.setdefault(answer, [])
                if event.detail.name not in known:
                    known.append(event.detail.name)
        elif isinstance(event.detail, NetworkTls):
            tls.setdefault((event.detail.address, event.detail.port), event.detail.name)
    return Network(
        dns=[_dns(event, event.detail) for event in events if isinstance(event.detail, NetworkDns)][:_MAX_ROWS],
        connections=[
            _connection(event, event.detail, names, tls)
            for event in events
            if isinstance(event.detail, NetworkFlow)
            and not (event.detail.transport == "udp" and event.detail.port == 53)
        ][:_MAX_ROWS],
        http=[_http(event, event.detail) for event in events if isinstance(event.detail, NetworkHttp)][:_MAX_ROWS],
    )


def _dns(event: Event, detail: NetworkDns) -> DnsQuery:
    return DnsQuery(
        name=detail.name,
        type=detail.type,
        server=detail.server,
        answers=list(detail.answers),
        phase=event.phase,
        time=event.time,
    )


def _connection(
    event: Event, detail: NetworkFlow, names: dict[str, list[str]], tls: dict[tuple[str, int], str]
) -> Connection:
    return Connection(
        transport=detail.transport,
        address=detail.address,
        port=detail.port,
        names=names.get(detail.address, []),
        direction="incoming" if detail.incoming else "outgoing",
        established=detail.established,
        sent_bytes=detail.sent,
        received_bytes=detail.received,
        tls_name=tls.get((detail.address, detail.port), ""),
        phase=event.phase,
        time=event.time,
        process=event.process,
    )


def _http(event: Event, detail: NetworkHttp) -> HttpExchange:
    return HttpExchange(
        method=detail.method,
        url=detail.url,
        status=detail.status,
        request_bytes=detail.request_bytes,
        response_bytes=detail.response_bytes,
        tls=detail.tls,
        phase=event.phase,
        time=event.time,
    )


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
