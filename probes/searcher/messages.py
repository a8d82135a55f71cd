"""What the package sent, piece by piece, each with the line of the record that tells of it."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from searcher.bounds import Bounds
from searcher.hunting import Hit

Address = tuple[str, int]

_LINE: Final = 2 << 20
_HEADER: Final = 200
_KINDS: Final = (b'{"kind":"http"', b'{"kind":"exchange"', b'{"kind":"tcp"', b'{"kind":"udp"', b'{"kind":"dns"')
_PACKETS: Final = (b'{"kind":"dns"', b'{"kind":"payload"')


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands in the record and where it went; `host` is by what messages to one destination are told."""

    file: str
    line: int
    time: float
    url: str
    host: str
    transport: str
    server: Address
    client: Address
    stream: int = 0

    @property
    def ends(self) -> tuple[Address, Address]:
        """The connection."""
        return self.client, self.server


@dataclass(frozen=True, slots=True)
class Message:
    """Some of what was sent: `part` is path, query, header, body, stream, payload or name.

    `is_spare` says that it is the beginning of a connection of which other messages tell the content, as far as it was understood.
    `times` says when which of it came: the places in the data behind which a piece ends, and the piece's time.
    """

    place: Place
    part: str
    data: bytes
    is_spare: bool = False
    times: tuple[tuple[int, float], ...] = ()

    def place_of(self, hit: Hit) -> Place:
        """The place, with the time by which the bytes of a hit had come, or all bytes where it is not known which they are."""
        time = next((time for behind, time in self.times if behind >= (hit.end or len(self.data))), 0.0)
        return replace(self.place, time=time) if time else self.place


@dataclass(slots=True)
class _Log:
    """What a log's lines come to: the place of each stream with how telling its line is, and what no stream keeps."""

    streams: dict[int, Place] = field(default_factory=dict)
    telling: dict[int, tuple[bool, int]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    names: list[Message] = field(default_factory=list)
    broken: int = 0


def collect(folder: Path, bounds: Bounds, say: Callable[[str], None]) -> list[Message]:
    """All messages of a run, in no order. `say` is told what is left out. Raises OSError for a file that cannot be read."""
    log, packets = _Log(), _Log()
    for number, line in _lines(folder / "exchanges.jsonl", _KINDS, bounds, log, say):
        _exchange(log, number, line)
    for number, line in _lines(folder / "packets.jsonl", _PACKETS, bounds, packets, say):
        _packet(packets, number, line)
    if log.broken + packets.broken:
        say(f"{log.broken + packets.broken} lines of what was sent could not be read and were not searched")
    asked = {(name.place.client, name.data) for name in packets.names}
    names = [name for name in log.names if (name.place.client, name.data) not in asked]
    kept = list(_kept(folder / "sent.bin", log.streams, bounds, say))
    told = {place.ends for place in log.streams.values()}
    heads = [replace(one, is_spare=one.part == "stream" and one.place.ends in told) for one in log.messages]
    return [*packets.names, *names, *packets.messages, *heads, *kept]


def _lines(
    path: Path, kinds: tuple[bytes, ...], bounds: Bounds, log: _Log, say: Callable[[str], None]
) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.exists():
        return
    number = 0
    with path.open("rb") as file:
        while line := file.readline(_LINE):
            number += 1
            if number > bounds.lines:
                say(f"only the first {bounds.lines} lines of {path.name} were searched")
                return
            if not line.startswith(kinds):
                continue
            try:
                shape = json.loads(line)
            except (ValueError, RecursionError):
                log.broken += 1
                continue
            yield number, shape


def _exchange(log: _Log, number: int, line: dict[str, Any]) -> None:
    """Raises nothing: a line that is not of the format is counted."""
    try:
        kind = line["kind"]
        place = _place("exchanges", number, line, "udp" if kind in {"udp", "dns"} else "tcp")
        if kind == "dns":
            _name(log, place, line)
        elif kind == "http":
            _http(log, place, line)
        elif place.stream:
            _stream(log, place, line)
        elif kind != "exchange":
            log.messages.append(Message(place, "payload" if kind == "udp" else "stream", b64decode(line["head"])))
    except (KeyError, ValueError, TypeError, AttributeError):
        log.broken += 1


def _packet(log: _Log, number: int, line: dict[str, Any]) -> None:
    try:
        line = {**line, "client": line["source"], "server": line["destination"]}
        place = _place("packets", number, line, str(line.get("transport", "udp")))
        if line["kind"] == "dns":
            _name(log, place, line)
        elif not place.server[0].startswith("127.") and place.server[0] != "::1":
            log.messages.append(Message(place, "payload", b64decode(line["head"])))
    except (KeyError, ValueError, TypeError, AttributeError):
        log.broken += 1


def _place(file: str, number: int, line: dict[str, Any], transport: str) -> Place:
    server, client = _address(line["server"]), _address(line["client"])
    url = str(line.get("url") or f"{transport}://{_shown(server)}:{server[1]}".removesuffix(":0"))
    host = str(line.get("host") or server[0])
    stream = line.get("stream", 0)
    time = float(line.get("end", line["time"]))
    return Place(file, number, time, url, host, transport, server, client, stream if isinstance(stream, int) else 0)


def _address(value: Any) -> Address:
    host, port = value
    return str(host), int(port)


def _shown(address: Address) -> str:
    """Its host as URLs have it."""
    return f"[{address[0]}]" if ":" in address[0] else address[0]


def _name(log: _Log, place: Place, line: dict[str, Any]) -> None:
    name = str(line["name"])
    place = replace(place, url=f"dns://{_shown(place.server)}/{name}", stream=0)
    log.names.append(Message(place, "name", name.encode("utf-8", "surrogateescape")))


def _http(log: _Log, place: Place, line: dict[str, Any]) -> None:
    if place.stream:
        log.streams[place.stream] = place
        return
    headers = "\n".join(f"{name}: {value}" for name, value in line["headers"])
    log.messages += _target(place, str(line["path"]).encode("latin-1", "replace"))
    log.messages.append(Message(place, "header", headers.encode("latin-1", "replace")))
    log.messages.append(Message(place, "body", b64decode(line["body_head"])))


def _stream(log: _Log, place: Place, line: dict[str, Any]) -> None:
    """An act that sent something tells most of a stream, and one with a longer URL more; the connection's own line tells least."""
    known = log.streams.get(place.stream)
    telling = (bool(line.get("request_bytes")), place.url.count("/"))
    if known is None:
        log.streams[place.stream], log.telling[place.stream] = place, telling
    elif line["kind"] == "tcp":
        log.streams[place.stream] = replace(known, time=max(known.time, place.time))
    elif telling > log.telling.get(place.stream, (False, 0)):
        log.streams[place.stream], log.telling[place.stream] = place, telling


def _target(place: Place, target: bytes) -> Iterator[Message]:
    path, _, query = target.partition(b"?")
    yield Message(place, "path", path)
    yield Message(place, "query", query)


def _kept(path: Path, streams: dict[int, Place], bounds: Bounds, say: Callable[[str], None]) -> Iterator[Message]:
    """The pieces of `sent.bin`, put together by stream and part."""
    parts: dict[tuple[int, str], tuple[bytearray, list[tuple[int, float]]]] = {}
    for stream, part, time, data in _pieces(path, bounds, say):
        kept, times = parts.setdefault((stream, part), (bytearray(), []))
        kept += data + b"\n" if part == "header" else data
        times.append((len(kept), time))
    for (stream, part), (kept, times) in parts.items():
        data = bytes(kept)
        place = streams.get(stream) or Place("exchanges", 0, 0.0, "", "", "tcp", ("", 0), ("", 0), stream)
        if part == "start":
            yield from _target(place, data.partition(b" ")[2])
        else:
            yield Message(place, part, data, times=tuple(times))


def _pieces(path: Path, bounds: Bounds, say: Callable[[str], None]) -> Iterator[tuple[int, str, float, bytes]]:
    if not path.exists():
        return
    left = bounds.sent
    with path.open("rb") as file:
        while header := file.readline(_HEADER):
            try:
                shape = json.loads(header)
                stream, part, size = int(shape["stream"]), str(shape["part"]), int(shape["size"])
                time = float(shape.get("time", 0.0))
            except (ValueError, KeyError, TypeError, RecursionError):
                say(f"{path.name} is not of its format: what follows was not searched")
                return
            left -= size
            if size < 0 or left < 0:
                say(f"only the first {bounds.sent >> 20} MiB of {path.name} were searched")
                return
            yield stream, part, time, file.read(size)
