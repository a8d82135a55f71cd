"""What the searcher found of planted secrets in what was sent, as events. Format: `probes/searcher/output.py`.

Each belongs to the message in which it was: the event of the line that tells of that message says which process and which line of
code sent it, or the call that sent these bytes of it, where the kernel's log has the connection.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from analyzer.model.event import Event, NetworkSecret, Phase, Source
from analyzer.trace.logs.wire import Count, Time, parse
from analyzer.trace.packets.network import Seen
from analyzer.trace.packets.peers import Peers
from analyzer.trace.timeline import Timeline, of_phase

_MAX_LINES = 5000
"""More than the searcher writes."""

_TOLD = 200
_SPLIT = "split"
_PARTS = {
    "name": ("name asked for", "names asked for"),
    "header": ("headers", "headers of several messages"),
    "body": ("body", "bodies of several messages"),
    "stream": ("data", "data of several connections"),
    "payload": ("data", "data of several messages"),
}
"""Where it stood, in one message and in several together."""

_Text = Annotated[str, Field(max_length=20_000)]
_Port = Annotated[int, Field(ge=0, lt=65_536)]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Found(_Line):
    """A value in a message."""

    kind: Literal["found"]
    time: Time
    secret: _Text
    path: _Text
    encodings: Annotated[tuple[_Text, ...], Field(max_length=32)] = ()
    part: _Text
    share: Annotated[int, Field(ge=0, le=100)]
    url: _Text
    transport: Literal["tcp", "udp", "icmp", "other"]
    address: _Text
    port: _Port
    client: tuple[_Text, _Port]
    file: Literal["exchanges", "packets"]
    line: Count


class Told(_Line):
    """What was searched less closely (`note`), or not at all (`limit`)."""

    kind: Literal["note", "limit"]
    detail: _Text


class _Edge(_Line):
    kind: Literal["begin", "end"]


_LINE = TypeAdapter[Any](Annotated[Found | Told | _Edge, Field(discriminator="kind")])


def add_secrets(
    timeline: Timeline, lines: Iterable[str], steps: Sequence[tuple[float, Phase, int]], peers: Peers
) -> None:
    """Adds the hits, behind the network's events, and what was not searched. Steps are (begin, phase, number)."""
    senders = _Senders(timeline.events, steps, peers)
    broken, ended = 0, False
    for number, line in _parsed(lines):
        if line is None:
            broken += 1
        elif isinstance(line, Found):
            timeline.events.append(senders.event(line, number))
        elif isinstance(line, Told):
            told = f"search for planted secrets: {line.detail[:_TOLD]}"
            (timeline.reasons if line.kind == "limit" else timeline.cut).append(told)
        else:
            ended = ended or line.kind == "end"
    if broken:
        timeline.reasons.append(f"{broken} lines of the search for planted secrets could not be read")
    if not ended:
        timeline.reasons.append("what was sent was not searched for planted secrets to its end")


def _parsed(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(islice(lines, _MAX_LINES), 1):
        yield number, parse(_LINE, line)


class _Senders:
    """The network's events by the line of the record that they are made of, and by the ends of their connections."""

    def __init__(self, events: Iterable[Event], steps: Sequence[tuple[float, Phase, int]], peers: Peers) -> None:
        self._steps = steps
        self._peers = peers
        self._lines: dict[tuple[str, int], Event] = {}
        self._ends: dict[tuple[str, int, int], Event] = {}
        for event in events:
            if event.layer == "packet":
                self._lines.setdefault((event.source.file, event.source.line), event)
                peer = getattr(event.detail, "address", ""), getattr(event.detail, "port", 0)
                self._ends.setdefault((*peer, getattr(event.detail, "own_port", 0)), event)

    def event(self, found: Found, number: int) -> Event:
        """The event of a hit, in the name of who sent the message."""
        detail = NetworkSecret(
            secret=found.secret,
            path=found.path,
            variable=found.path.removeprefix("$") if found.path.startswith("$") else "",
            encodings=found.encodings,
            part=found.part,
            share=found.share,
            how=_how(found),
            url=found.url,
            transport=found.transport,
            address=found.address,
            port=found.port,
        )
        source = Source("internet/secrets.jsonl", number)
        message = self._lines.get((f"internet/{found.file}.jsonl", found.line))
        message = message or self._ends.get((found.address, found.port, found.client[1]))
        if message is None:
            place = bisect_right([begin for begin, _, _ in self._steps], found.time) - 1
            phase, step = self._steps[max(place, 0)][1:] if self._steps else ("install", 0)
            return replace(of_phase(phase, found.time, "packet", detail, source), step=step)
        ends = found.client, (found.address, found.port)
        call = self._peers.sender(Seen(found.time, detail, number, exchange=True, ends=ends))
        if call is not None and call.location is not None:
            message = replace(
                message, pid=call.pid, process=call.process, attribution=call.attribution, location=call.location
            )
        return replace(message, time=max(found.time, message.time), detail=detail, source=source)


def _how(found: Found) -> str:
    """Part, encodings and share in words that follow "in the"."""
    encodings = [name for name in found.encodings if name != _SPLIT]
    one, several = _PARTS.get(found.part, (found.part, f"{found.part} of several messages"))
    words = [several if len(encodings) < len(found.encodings) else one]
    if encodings:
        words.append("as " + " of ".join(encodings))
    if found.share < 100:
        words.append(f"({found.share} percent of it)")
    return " ".join(words)
