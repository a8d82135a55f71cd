"""The simulated internet's record: exchanges that its services saw, and packets that its capture saw, to events.

Formats: `probes/internet/wire.py` for the exchanges, `probes/dissector/output.py` for the packets. Packets are the
truth about who talked to whom; the services add what only an endpoint of TLS and HTTP can know. What both tell is told once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

from analyzer.model.event import Detail
from analyzer.trace.logs.traffic import (
    EXCHANGE,
    OTHER,
    PACKET,
    CaptureEnd,
    DnsQuestion,
    DnsServed,
    Endpoint,
    ExchangeServed,
    Flow,
    Hello,
    HttpServed,
    Limit,
    PacketsEnd,
    PacketsLimit,
    PlainHttp,
    ServiceEnd,
    TcpServed,
    TlsServed,
    UdpServed,
)
from analyzer.trace.logs.wire import parse
from analyzer.trace.packets.exchanged import (
    exchange_detail,
    flow_detail,
    http_detail,
    plain_http_detail,
    question_detail,
    served_question_detail,
    stream_detail,
)
from analyzer.trace.packets.handshakes import Handshakes

_DNS_PORT = 53
_MOST_CUT = 100
_DETAIL = 200

Ends = tuple[Endpoint, Endpoint]
"""The package's side of a connection, and the peer."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A network detail with its time, the file and line that prove it, and the connection's ends."""

    time: float
    detail: Detail
    line: int
    exchange: bool
    ends: Ends


@dataclass(slots=True)
class NetworkRecord:
    """All that was read, and what is missing.

    `cut` is what the simulated internet says that it cut, could not understand, or gave up. `finished` and `served` tell that the last
    lines of the packets and of the exchanges are there.
    """

    seen: list[Seen] = field(default_factory=list)
    dropped: int = 0
    broken: int = 0
    reasons: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    finished: bool = False
    served: bool = False


def read(exchanges: Iterable[str], packets: Iterable[str]) -> NetworkRecord:
    """Both files of the record."""
    reader = _Reader()
    for number, line in reader.parsed(exchanges, EXCHANGE):
        reader.exchange(line, number)
    lines = list(reader.parsed(packets, PACKET))
    for number, line in sorted(lines, key=lambda item: not isinstance(item[1], Flow)):
        reader.packet(line, number)
    reader.settle()
    return reader.result


class Exchanges:
    """Lines of the services alone, as they come. Where packets show the same, these tell it in their place."""

    def __init__(self) -> None:
        self._reader = _Reader()
        self._lines = 0

    def take(self, lines: Sequence[str]) -> list[Seen]:
        """What the next lines tell."""
        for number, line in self._reader.parsed(lines, EXCHANGE, self._lines + 1):
            self._reader.exchange(line, number)
        self._lines += len(lines)
        return self._reader.told()


class _Reader:
    """What is known of each connection while the lines are read; `result` is what they came to."""

    def __init__(self) -> None:
        self.result = NetworkRecord()
        self._handshakes = Handshakes()
        self._plain: set[Ends] = set()  # requests told by the services, or made by the dialler
        self._called: set[Ends] = set()  # by the dialler
        self._acts: Counter[Ends] = Counter()
        self._streams: list[tuple[int, TcpServed | UdpServed]] = []
        self._questions: list[tuple[int, DnsServed]] = []
        self._asked: set[tuple[Ends, str, str]] = set()
        self._asking: set[Ends] = set()
        self._over_tcp: set[Ends] = set()

    def parsed(self, lines: Iterable[str], adapter: TypeAdapter[Any], first: int = 1) -> Iterator[tuple[int, Any]]:
        """The lines that can be read, with their numbers from the first one's on; the others are counted."""
        for number, line in enumerate(lines, first):
            content = parse(adapter, line)
            if content is not None:
                yield number, content
            elif parse(OTHER, line) is None:
                self.result.broken += 1

    def exchange(self, line: Any, number: int) -> None:
        """A line of the services."""
        if isinstance(line, HttpServed):
            if not line.tls:
                self._plain.add((line.client, line.server))
            self._tell(line.time, http_detail(line), number, (line.client, line.server))
        elif isinstance(line, ExchangeServed):
            self._acts[line.client, line.server] += 1
            self._tell(line.time, exchange_detail(line), number, (line.client, line.server))
        elif isinstance(line, TlsServed):
            self._handshakes.served(line, number)
        elif isinstance(line, TcpServed | UdpServed):
            self._streams.append((number, line))
        elif isinstance(line, DnsServed):
            self._questions.append((number, line))
        else:
            self._account(line)

    def packet(self, line: Any, number: int) -> None:
        """A line of the packets. All flows have to come before any other."""
        if isinstance(line, Flow):
            ends = (line.destination, line.source) if line.dialled else (line.source, line.destination)
            if line.dialled:
                self._plain.add((line.source, line.destination))
                self._called.add((line.source, line.destination))
            if line.transport == "tcp":
                self._over_tcp.add(ends)
            self._tell(line.first, flow_detail(line), number, ends, exchange=False)
        elif isinstance(line, DnsQuestion):
            self._question(line, number)
        elif isinstance(line, Hello):
            greeting = self._handshakes.greeted(line)
            if greeting is not None and (line.source, line.destination) not in self._called:
                self._tell(line.time, greeting, number, (line.source, line.destination), exchange=False)
        elif isinstance(line, PlainHttp):
            if (line.source, line.destination) not in self._plain:
                self._tell(line.time, plain_http_detail(line), number, (line.source, line.destination), exchange=False)
        else:
            self._account(line)

    def _question(self, line: DnsQuestion, number: int) -> None:
        ends = (line.source, line.destination)
        self._asked.add((ends, line.name.lower(), line.type))
        self._asking.add(ends)
        transport: Literal["udp", "tcp"] = "tcp" if ends in self._over_tcp else "udp"
        self._tell(line.time, question_detail(line, transport), number, ends, exchange=False)

    def settle(self) -> None:
        """What has to wait until everything else is told: what packets did not show, and what connections carried."""
        for served, number, greeting in self._handshakes.rest():
            self._tell(served.time, greeting, number, (served.client, served.server))
        for number, question in self._questions:
            ends = (question.client, question.server)
            self._asking.add(ends)
            if (ends, question.name.lower().rstrip("."), question.type) not in self._asked:
                self._tell(question.time, served_question_detail(question), number, ends)
        for number, stream in self._streams:
            ends = (stream.client, stream.server)
            detail = stream_detail(stream, self._acts[ends])
            told = ends in self._asking or detail.port == _DNS_PORT
            if not (told and detail.protocol == "dns" and not detail.tls):
                self._tell(stream.time, detail, number, ends)

    def told(self) -> list[Seen]:
        """What the lines so far came to, which is then kept no longer: nothing that comes later adds to it."""
        self.settle()
        seen, self.result.seen = self.result.seen, []
        self._handshakes, self._streams, self._questions = Handshakes(), [], []
        return seen

    def _tell(self, time: float, detail: Detail, number: int, ends: Ends, *, exchange: bool = True) -> None:
        self.result.seen.append(Seen(time, detail, number, exchange, ends))

    def _account(self, line: Any) -> None:
        result = self.result
        if isinstance(line, Limit):
            if line.lost:
                result.reasons.append(f"simulated internet: {line.detail[:_DETAIL]}")
            result.cut += [line.detail[:_DETAIL]] if len(result.cut) < _MOST_CUT else []
        elif isinstance(line, ServiceEnd):
            result.served = True
        elif isinstance(line, CaptureEnd):
            result.dropped += line.dropped
            if line.cut:
                result.reasons.append("the packet capture reached its size limit and was cut")
        elif isinstance(line, PacketsLimit):
            result.reasons.append(f"packets: {line.detail[:_DETAIL]}")
        elif isinstance(line, PacketsEnd):
            result.finished = True
            if line.undissected:
                result.reasons.append(f"{line.undissected} of {line.packets} packets could not be dissected")
