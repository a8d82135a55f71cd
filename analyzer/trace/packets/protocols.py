"""Which protocol a connection or datagram speaks, told by the first bytes that the package sent.

Not told: Tor, whose link handshake is TLS; MySQL and others where the server speaks first, which are silent here.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Literal

Transport = Literal["tcp", "udp"]

_POP3_PORTS = frozenset({110, 995})
"""Where `USER name` is POP3's (RFC 1939), which the vocabulary does not have, and not FTP's (RFC 959)."""

_DNS_HEADER = struct.Struct("!6H")
_STUN_COOKIE = b"\x21\x12\xa4\x42"
_MAX_SOCKS_METHODS = 16
_MAX_LABELS = 128

_LINES: tuple[tuple[str, Transport | None, str], ...] = (
    ("tls", "tcp", r"\x16\x03[\x00-\x04]..\x01"),
    ("http", "tcp", r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} [^\x00-\x20\x7f]{1,16384} HTTP/[0-9](?:\.[0-9])?\r?\n"),
    ("ssh", "tcp", r"SSH-[0-9]"),
    ("smtp", "tcp", r"(?i:EHLO|HELO|LHLO) "),
    ("irc", "tcp", r"(?:PASS [^\r\n]{0,400}\r?\n)?(?:CAP LS\b|NICK |USER [^ \r\n]+ [^ \r\n]+ [^ \r\n]+ :)"),
    ("ftp", "tcp", r"(?i:USER) [^\r\n]{1,400}\r?\n"),
    ("redis", "tcp", r"\*[1-9][0-9]{0,6}\r\n\$[0-9]{1,9}\r\n"),
    ("mqtt", "tcp", r"\x10[\x80-\xff]{0,3}[\x00-\x7f]\x00(?:\x04MQTT|\x06MQIsdp)"),
    ("amqp", "tcp", r"AMQP[\x00-\x03]"),
    ("stratum", "tcp", r'\{[^\x00]{0,4000}?"method"\s{0,4}:\s{0,4}"(?:mining\.[a-z_]{1,30}|login|eth_submitLogin)"'),
    ("bittorrent", "tcp", r"\x13BitTorrent protocol"),
    ("bittorrent", "udp", r"d1:[are].{0,1400}1:y1:[qre]|\x00\x00\x04\x17\x27\x10\x19\x80\x00\x00\x00\x00"),
    ("postgres", "tcp", r"\x00\x00..\x00\x03\x00[\x00-\x02]|\x00\x00\x00\x08\x04\xd2\x16[\x2e-\x30]"),
    ("smb", "tcp", r"\x00...[\xff\xfe]SMB"),
    ("ldap", None, r"\x30(?:[\x00-\x7f]|\x81.|\x82..|\x83...|\x84....)\x02[\x01-\x04].{1,4}?[\x42\x60\x63\x77]"),
    ("telnet", "tcp", r"\xff[\xfb-\xfe]."),
    ("socks", "tcp", r"\x04[\x01\x02]..[^\x00]...[^\x00]{0,255}\x00|\x04[\x01\x02]..\x00\x00\x00[^\x00]"),
)
"""What begins with a text or shape of fixed form.

Sources: RFC 8446 (tls), 9112 (http), 4253 (ssh), 5321 (smtp), 2812 (irc), 959 (ftp), 4511 (ldap), 854 (telnet); the
specifications of RESP, MQTT 3.1 to 5, AMQP 0-9-1 and 1.0, BitTorrent (BEP 3, 5, 15), PostgreSQL's frontend messages,
MS-SMB2 over TCP, SOCKS4 and 4a, and Stratum as pools document it.
"""

_PATTERNS = tuple((name, transport, re.compile(text.encode("latin-1"), re.DOTALL)) for name, transport, text in _LINES)


def recognise(head: bytes, transport: Transport, port: int) -> str:
    """The protocol's name as `NetworkStream` has it; "silent" for no bytes at all, "unknown" for any others."""
    if not head:
        return "silent"
    for name, only, pattern in _PATTERNS:
        if only in {None, transport} and pattern.match(head) and not (name == "ftp" and port in _POP3_PORTS):
            return name
    return next((name for name, only, test in _SHAPES if only in {None, transport} and test(head)), "unknown")


def is_hello(head: bytes) -> bool:
    """Whether these bytes are a TLS ClientHello."""
    return _PATTERNS[0][2].match(head) is not None


def _is_ntp(head: bytes) -> bool:
    """A client's request (RFC 5905, section 7.3): mode 3, versions 1 to 4, a stratum of at most 16, at least 48 bytes."""
    return len(head) >= 48 and head[0] & 7 == 3 and 1 <= head[0] >> 3 & 7 <= 4 and head[1] <= 16


def _is_stun(head: bytes) -> bool:
    """RFC 8489, section 5."""
    return len(head) >= 20 and head[0] < 0x40 and head[4:8] == _STUN_COOKIE and not head[3] & 3


def _is_socks5(head: bytes) -> bool:
    """The list of methods (RFC 1928, section 3), after which a client waits for the answer."""
    return len(head) > 2 and head[0] == 5 and 1 <= head[1] <= _MAX_SOCKS_METHODS and len(head) == 2 + head[1]


def _is_dns_stream(head: bytes) -> bool:
    """Messages behind their length (RFC 1035, section 4.2.2)."""
    return int.from_bytes(head[:2], "big") >= _DNS_HEADER.size and _is_dns(head[2:])


def _is_dns(head: bytes) -> bool:
    """A question: a standard query with one name, whole within these bytes (RFC 1035, section 4.1)."""
    if len(head) <= _DNS_HEADER.size:
        return False
    _, flags, questions, answers, authorities, additional = _DNS_HEADER.unpack_from(head)
    if flags & 0xF800 or questions != 1 or answers or authorities or additional > 2:
        return False
    place = _DNS_HEADER.size
    for _ in range(_MAX_LABELS):
        if place >= len(head) or head[place] > 63:
            return False
        if head[place] == 0:
            return len(head) >= place + 5
        place += head[place] + 1
    return False


_SHAPES: tuple[tuple[str, Transport | None, Callable[[bytes], bool]], ...] = (
    ("stun", None, _is_stun),
    ("ntp", "udp", _is_ntp),
    ("socks", "tcp", _is_socks5),
    ("dns", "udp", _is_dns),
    ("dns", "tcp", _is_dns_stream),
)
"""What only a closer look tells."""
