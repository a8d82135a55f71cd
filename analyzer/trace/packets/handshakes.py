"""TLS handshakes, from both accounts: the greeting that packets show, and what the simulated internet knows of how it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from analyzer.model.event import NetworkTls
from analyzer.trace.logs.traffic import Endpoint, Hello, TlsServed

_MAX_WORD: Final = 80
_PINNED: Final = "pinned"
"""How the simulated internet begins to tell that a client broke off over its certificate (`probes/internet/wire.py`)."""

_Key = tuple[Endpoint, Endpoint, str]


class Handshakes:
    """Brings the two together by the connection's ends and the name that was asked for.

    A client that is asked for other parameters greets a second time (RFC 8446, section 4.1.4); that is one handshake.
    """

    def __init__(self) -> None:
        self._served: dict[_Key, list[tuple[TlsServed, int]]] = defaultdict(list)
        self._told: set[_Key] = set()

    def served(self, line: TlsServed, number: int) -> None:
        """A handshake that the services took part in, with the number of its line."""
        self._served[line.client, line.server, line.sni].append((line, number))

    def greeted(self, line: Hello) -> NetworkTls | None:
        """A greeting in the packets. None for one that is part of a handshake that was told."""
        key = (line.source, line.destination, line.sni)
        waiting = self._served.get(key)
        if not waiting and key in self._told:
            return None
        self._told.add(key)
        return _detail(line.source, line.destination, line, waiting.pop(0)[0] if waiting else None)

    def rest(self) -> Iterator[tuple[TlsServed, int, NetworkTls]]:
        """The handshakes that no packet shows, such as those within a tunnel, with the numbers of their lines."""
        for key, lines in self._served.items():
            for line, number in lines:
                yield line, number, _detail(*key[:2], line, line)


def _detail(own: Endpoint, peer: Endpoint, greeting: Hello | TlsServed, end: TlsServed | None) -> NetworkTls:
    completed = end is not None and end.completed
    return NetworkTls(
        greeting.sni,
        *peer,
        alpn=greeting.alpn,
        trusted=completed,
        pinned=end is not None and not completed and end.detail.startswith(_PINNED),
        version=end.version[:_MAX_WORD] if end is not None else "",
        chosen=end.chosen[:_MAX_WORD] if end is not None else "",
        ja4=((end.ja4 if end is not None else "") or greeting.ja4)[:_MAX_WORD],
        hidden=end is not None and end.hidden,
        own_port=own[1],
    )
