"""What was one thing when a call began and another when the kernel used it: memory that another thread changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.trace.kernellog.items import TcpState
from analyzer.trace.kernellog.raw import Raw
from analyzer.trace.kernellog.records import SOCKADDR, STRING, STRING_AGAIN, Chunk
from analyzer.trace.kernellog.structures import sockaddr
from analyzer.trace.sockets import address

_UNSPECIFIED = frozenset({"0.0.0.0", "::"})  # noqa: S104 an address that was asked for, not one that is listened on


def of(raw: Raw, program: Iterable[Chunk], states: Iterable[TcpState]) -> Iterator[tuple[str, str]]:
    """What was asked and what was found, for each string or address of a call that changed under it."""
    yield from _strings(raw)
    if raw.name == "execve":
        yield from _program(raw, program)
    if raw.name == "connect":
        yield from _connected(raw, states)


def correct(raw: Raw, program: Iterable[Chunk]) -> None:
    """Gives an execve the program that the kernel ran, in the place of the one that stood there when the call began."""
    found = next((data for index, type_, data in program if index == 0 and type_ == STRING), None)
    if raw.name == "execve" and found is not None:
        raw.before = [(0, STRING, found), *(chunk for chunk in raw.before if chunk[:2] != (0, STRING))]


def _strings(raw: Raw) -> Iterator[tuple[str, str]]:
    """A string that was another one at the end; a call that wrote over its own argument is none of those told again."""
    for place, type_, found in raw.after:
        if type_ != STRING_AGAIN:
            continue
        for index, kind, asked in raw.before:
            if index == place and kind == STRING and asked != found:
                yield _text(asked), _text(found)


def _program(raw: Raw, program: Iterable[Chunk]) -> Iterator[tuple[str, str]]:
    asked = raw.chunk(0, STRING)
    found = next((data for index, type_, data in program if index == 0 and type_ == STRING), None)
    if asked is not None and found is not None and asked != found and not raw.cut:
        yield _text(asked), _text(found)


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


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
