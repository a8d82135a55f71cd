"""What was one thing when a call began and another when the kernel used it: memory that another thread changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from analyzer.trace.kernellog import programs
from analyzer.trace.kernellog.items import TcpState
from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.kernellog.records import SOCKADDR, STRING, STRING_AGAIN, Chunk
from analyzer.trace.kernellog.structures import sockaddr
from analyzer.trace.kernellog.values import text
from analyzer.trace.logs.addresses import address

_UNSPECIFIED = frozenset({"0.0.0.0", "::"})  # noqa: S104 an address that was asked for, not one that is listened on


def of(raw: Raw, program: Sequence[Chunk], states: Iterable[TcpState]) -> Iterator[tuple[str, str]]:
    """What was asked and what was found, for each string or address of a call that changed under it.

    An exec gets what the kernel ran, which has no second chance to be something else.
    """
    yield from _strings(raw)
    if program:
        yield from programs.settle(raw, program)
    if raw.name == "connect":
        yield from _connected(raw, states)


def _strings(raw: Raw) -> Iterator[tuple[str, str]]:
    """A string that was another one at the end; a call that wrote over its own argument is none of those told again."""
    asked = {index: data for index, kind, data in reversed(raw.before) if kind == STRING}
    for place, kind, found in raw.after:
        if kind == STRING_AGAIN and asked.get(place, found) != found:
            yield text(asked[place]), text(found)


def _connected(raw: Raw, states: Iterable[TcpState]) -> Iterator[tuple[str, str]]:
    """Another peer than the one asked for. For no address the kernel takes the machine's own."""
    data = raw.chunk(1, SOCKADDR)
    if data is None:
        return
    family, where, port = address(sockaddr(data))
    for state in states:
        if state.new != "SYN_SENT" or family not in {"AF_INET", "AF_INET6"}:
            continue
        same = where == state.address or where in _UNSPECIFIED
        if not same or port != state.port:
            yield f"{where} {port}", f"{state.address} {state.port}"
