"""The network's part of the terminal summary: names, what was asked of whom, connections, and what came at regular intervals.

Equal acts are one row, with how often they were done and the bytes of all.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.text import Text

from analyzer.render.terminal.layout import DIM, heading, labelled, words
from analyzer.render.text import safe_text
from analyzer.render.units import bytes_text, host_text, plural, seconds_text
from analyzer.render.wording import place, tls_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeVar

    from rich.console import RenderableType

    from analyzer.model.report import Beacon, Connection, DnsData, DnsQuery, HttpExchange, Network, ProtocolExchange

    Item = TypeVar("Item")

ROWS: Final = 8
"""Lines of one kind; the JSON and HTML reports have more."""

_NAMES: Final = 2
_ANSWERS: Final = 3
_TYPES: Final = 4


class _Row(NamedTuple):
    """What is said of an act: a label, what was done, and where in the code. Equal ones are one."""

    label: str
    text: str
    at: str


def network_seen(network: Network) -> list[RenderableType]:
    """Everything that was seen on the wire, in short; nothing where the network was not used."""
    counts = [
        plural(len(network.dns) + network.left_out.dns, "DNS query", "DNS queries"),
        plural(len(network.connections) + network.left_out.connections, "connection"),
        plural(len(network.http) + network.left_out.http, "HTTP exchange"),
    ]
    others = len(network.exchanges) + network.left_out.exchanges
    counts += [plural(others, "other exchange")] if others else []
    if not (network.dns or network.connections or network.http or network.exchanges or network.cut):
        return []
    rows: list[RenderableType] = [heading("Network", ", ".join(counts))]
    rows += _rows(network.beacons, _beacon, None, "beacons")
    rows += _rows(network.dns_data, _data, None, "domains with data in their names")
    rows += _rows(_by_name(network.dns), _name, None, "names")
    rows += _rows(network.http, _http, _http_bytes, "HTTP exchanges")
    rows += _rows(network.exchanges, _exchange, lambda one: (one.sent_bytes, 0), "other exchanges")
    rows += _rows(network.connections, _connection, _connection_bytes, "connections")
    rows += [labelled("noted", safe_text(text, 200)) for text in network.cut[:ROWS]]
    return rows


def _rows(
    items: Sequence[Item], row: Callable[[Item], _Row], size: Callable[[Item], tuple[int, int]] | None, noun: str
) -> Iterable[RenderableType]:
    """Items as lines, equal ones as one, and how many more rows there are."""
    counts: Counter[_Row] = Counter()
    sent: Counter[_Row] = Counter()
    received: Counter[_Row] = Counter()
    for item in items:
        told = row(item)
        counts[told] += 1
        if size is not None:
            out, back = size(item)
            sent[told] += out
            received[told] += back
    for told in list(counts)[:ROWS]:
        text = told.text + _bytes(sent[told], received[told])
        text += f" ({counts[told]:,} times)" if counts[told] > 1 else ""
        yield labelled(told.label, Text.assemble(text, (f" ({told.at})" if told.at else "", DIM)))
    if len(counts) > ROWS:
        yield labelled("", Text(f"… and {len(counts) - ROWS:,} more {noun}", style=DIM))


def _bytes(sent: int, received: int) -> str:
    parts = [f"sent {bytes_text(sent)}"] if sent else []
    parts += [f"received {bytes_text(received)}"] if received else []
    return "".join(f", {part}" for part in parts)


def _by_name(queries: Iterable[DnsQuery]) -> list[list[DnsQuery]]:
    """The questions for each name by each line of code: most programs ask for both kinds of address."""
    groups: dict[tuple[str, str, str], list[DnsQuery]] = {}
    for query in queries:
        groups.setdefault((query.name, query.transport, place(query.location)), []).append(query)
    return list(groups.values())


def _name(queries: list[DnsQuery]) -> _Row:
    first = queries[0]
    types = list(dict.fromkeys(query.type for query in queries))
    found = list(dict.fromkeys(answer for query in queries for answer in query.answers))
    answers = [safe_text(answer, 80) for answer in found[:_ANSWERS]]
    if len(found) > len(answers):
        answers.append(f"… and {len(found) - len(answers):,} more")
    over = f" over {first.transport.upper()}" if first.transport in {"tls", "https"} else ""
    asked = f"{safe_text(first.name, 120)} {', '.join(map(words, types[:_TYPES]))}{over}"
    times = f" ({len(queries):,} queries)" if len(queries) > len(types) else ""
    return _Row("asked", f"{asked}: {', '.join(answers) or 'no answer'}{times}", place(first.location))


def _data(data: DnsData) -> _Row:
    what = "text" if data.format == "text" else safe_text(data.format, 20)
    text = f"{plural(data.names, 'name')} below {safe_text(data.domain, 120)} carried {bytes_text(data.size)} of {what} in {data.encoding}"
    return _Row("hidden", text + (f": {safe_text(data.data, 160)}" if data.format == "text" else ""), "")


def _http(exchange: HttpExchange) -> _Row:
    names = f" ({_names(exchange.names)})" if exchange.names else ""
    answer = f"{exchange.status} {safe_text(exchange.response_type.partition(';')[0], 60)}".strip()
    text = (
        f"{words(exchange.method)} {safe_text(exchange.url, 200)}{names}: {answer if exchange.status else 'no answer'}"
    )
    return _Row("http", text, place(exchange.location))


def _http_bytes(exchange: HttpExchange) -> tuple[int, int]:
    return exchange.request_bytes, exchange.response_bytes


def _exchange(exchange: ProtocolExchange) -> _Row:
    names = f" ({_names(exchange.names)})" if exchange.names else ""
    secured = " in TLS" if exchange.tls else ""
    text = f"{words(exchange.verb)} {safe_text(exchange.url, 200)}{names}{secured}"
    return _Row(safe_text(exchange.protocol, 9), text, place(exchange.location))


def _connection(connection: Connection) -> _Row:
    way = "to" if connection.direction == "outgoing" else "from"
    text = f"{way} {safe_text(host_text(connection.address, connection.port), 80)}"
    tls = connection.tls
    names = [*connection.names[:_NAMES], tls.name if tls is not None else ""]
    text += f" ({_names(names)})" if any(names) else ""
    told = [
        safe_text(connection.protocol, 20) if connection.protocol not in {"", "tls", "unknown", "silent"} else "",
        "" if connection.protocol != "silent" else "nothing said",
        tls_words(tls) if tls is not None else "",
        "" if connection.established else "not established",
    ]
    text += "".join(f", {part}" for part in told if part)
    return _Row(words(connection.transport), text, place(connection.location))


def _connection_bytes(connection: Connection) -> tuple[int, int]:
    return connection.sent_bytes, connection.received_bytes


def _beacon(beacon: Beacon) -> _Row:
    text = f"{safe_text(beacon.endpoint, 160)} {beacon.count:,} times, every {seconds_text(beacon.interval_seconds)}"
    return _Row("beacon", f"{text} (±{beacon.jitter:.0%})", place(beacon.location))


def _names(names: Iterable[str]) -> str:
    return ", ".join(safe_text(name, 120) for name in dict.fromkeys(names) if name)
