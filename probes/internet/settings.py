"""The fixed numbers of the simulated internet: its addresses, its listener, and how much it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LISTENER_PORT: Final = 47823
"""Where the transparent listeners stand, for TCP and UDP; no service of IANA's list."""

OWN_ADDRESS: Final = "192.168.1.23"
"""The address that the package's machine has."""

OWN_ADDRESS6: Final = "fd2e:7c51:9a04::23"
"""Its IPv6 address: unique local, so that `getaddrinfo` prefers IPv4 (RFC 6724), as in most homes and offices."""

DNS_SERVER: Final = "192.168.1.1"
"""The name server that the sandbox's resolv.conf names; any other address answers as well."""

MARK: Final = 0x2F1
"""SO_MARK of packets that the simulated internet sends: they are never handed back to its own listeners."""

BANNER_WAIT: Final = 0.3
"""Seconds of silence after which a server-speaks-first protocol is assumed on a port known for one."""

DIAL_INTERVAL: Final = 0.05
"""Seconds between two looks for sockets that have begun to listen."""

DIAL_GREETING: Final = 0.15
"""Seconds that a dialled server has to speak first."""

DIAL_WAIT: Final = 0.5
"""Seconds that a dialled server has to answer."""

DIAL_BYTES: Final = 4096
"""How much of a dialled server's answer is read."""

DRAIN_SECONDS: Final = 0.3
"""The longest that an orderly end waits for what is still on its way."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept before it is cut; each cut is told in the log. Sizes are bytes, times seconds."""

    connections: int = 4000
    """TCP connections at once; fewer where the process may not open that many descriptors."""
    connection_bytes: int = 4 << 30
    """What one connection may send."""
    connection_seconds: float = 1800.0
    """How long one connection may last."""
    write_seconds: float = 15.0
    """How long a client may leave unread what it was sent."""
    head_bytes: int = 65_536
    """The first bytes of a connection or datagram that are kept."""
    body_bytes: int = 65_536
    """The first bytes of an HTTP request's body that are kept."""
    log_bytes: int = 64 << 20
    """The whole log."""
    sent_bytes: int = 64 << 20
    """What the package sent, in the clear, as it is kept for the search."""
    sent_stream_bytes: int = 8 << 20
    """The same, of one connection."""
    capture_bytes: int = 64 << 20
    """The packet capture."""
    idle_seconds: float = 60.0
    """How long a connection may say nothing."""
    dials: int = 256
    """Listening sockets that are dialled."""
    dials_at_once: int = 16
    """Dials under way at the same time."""
