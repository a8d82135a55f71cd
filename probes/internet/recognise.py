"""Tells from a connection's first bytes what is spoken on it.

The names are those of `NetworkStream` (analyzer/trace/packets/protocols.py), which tells the same of a whole head; `pop3`, `imap` and
`http2` are known here alone. Sources: RFC 9112, 9113 (HTTP), 8446 (TLS), 5321 (SMTP), 959 (FTP), 1939 (POP3), 9051 (IMAP),
4253 (SSH), 2812 (IRC), 854 (telnet), 1928 (SOCKS5), 1035 (DNS); the specifications of RESP, MQTT and SOCKS4; Stratum as
pools document it.
"""

from __future__ import annotations

import re
import struct
from enum import Enum
from typing import Final

LINE_LIMIT: Final = 16_384
"""The longest request line that is waited for, the same as what h11 takes by default."""

_POP3_PORTS: Final = frozenset({110, 995})
_DNS_PORTS: Final = frozenset({53, 853})
_REDIS_PORT: Final = 6379


class Spoken(Enum):
    """What the first bytes are."""

    UNDECIDED = "undecided"
    """More bytes can still decide it."""
    TLS = "tls"
    HTTP = "http"
    HTTP2 = "http2"
    SMTP = "smtp"
    FTP = "ftp"
    SSH = "ssh"
    IRC = "irc"
    REDIS = "redis"
    MQTT = "mqtt"
    STRATUM = "stratum"
    SOCKS = "socks"
    POP3 = "pop3"
    IMAP = "imap"
    TELNET = "telnet"
    DNS = "dns"
    OTHER = "other"


_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_STRATUM: Final = re.compile(rb'\{.{0,4000}?"method"\s{0,4}:\s{0,4}"(?:mining\.[a-z_]{1,30}|login|eth_submitLogin)"')
_REDIS_BEGUN: Final = re.compile(rb"\*[1-9][0-9]{0,6}\r\n\$[0-9]{1,9}\r\n")
_REDIS_INLINE: Final = re.compile(rb"(?i:PING|AUTH|SET|GET|INFO|CONFIG|SELECT|KEYS|FLUSHALL|SLAVEOF|SAVE|QUIT)\b")
_PASS: Final = re.compile(rb"PASS [^\r\n]{0,400}\r?\n")
_IRC: Final = rb"(?:CAP LS\b|NICK |USER [^ \r\n]+ [^ \r\n]+ [^ \r\n]+ :)"
_LINES: Final = tuple(
    (spoken, re.compile(pattern))
    for spoken, pattern in (
        (Spoken.HTTP2, rb"PRI \* HTTP/2\.0\r?\Z"),
        (Spoken.HTTP, rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} [^\x00-\x20\x7f]+ HTTP/1\.[0-9]\r?\Z"),
        (Spoken.SMTP, rb"(?i:EHLO|HELO|LHLO) "),
        (Spoken.IRC, _IRC),
        (Spoken.IMAP, rb"[A-Za-z0-9.]{1,20} (?i:CAPABILITY|STARTTLS|LOGIN .+|AUTHENTICATE .+|ID .+)\r?\Z"),
        (Spoken.FTP, rb"(?i:USER [^\r\n]{1,400}|AUTH (?:TLS|SSL)(?:-[CP])?)\r?\Z"),
        (Spoken.POP3, rb"(?i:CAPA|APOP .+)\r?\Z"),
    )
)


def recognise(data: bytes, port: int = 0) -> Spoken:
    """What is spoken, where the first bytes tell it; `port` decides between protocols that begin alike."""
    if not data:
        return Spoken.UNDECIDED
    if data[0] == 0x16:
        return _tls(data)
    if data[0] == 0 or port in _DNS_PORTS:
        found = _dns(data, port)
        if found is not Spoken.OTHER or data[0] == 0:
            return found
    if data[0] == 0x10:
        return _mqtt(data)
    if data[0] in {4, 5}:
        return _socks(data)
    if data[0] == 0xFF:
        return _telnet(data)
    return _text(data[:LINE_LIMIT], port)


def _tls(data: bytes) -> Spoken:
    """Record type 22, version 3.x, and a handshake message of type 1 (RFC 8446, sections 4 and 5.1)."""
    if len(data) >= 2 and data[1] != 3:
        return Spoken.OTHER
    if len(data) < 6:
        return Spoken.UNDECIDED
    return Spoken.TLS if data[5] == 1 else Spoken.OTHER


def _dns(data: bytes, port: int) -> Spoken:
    """A query behind its length (RFC 1035, sections 4.1.1 and 4.2.2); on a port for DNS whatever has a length that fits."""
    if len(data) >= 2 and int.from_bytes(data[:2], "big") < 12:
        return Spoken.OTHER
    if len(data) < 14:
        return Spoken.UNDECIDED if data[0] == 0 or port in _DNS_PORTS else Spoken.OTHER
    return Spoken.DNS if is_query(data[2:]) or (data[0] == 0 and port in _DNS_PORTS) else Spoken.OTHER


def is_query(message: bytes) -> bool:
    """Whether a DNS message's header is that of a standard query with one question (RFC 1035, section 4.1.1)."""
    if len(message) < 12:
        return False
    flags, questions, answers, authorities, additional = struct.unpack_from("!5H", message, 2)
    return not flags & 0xF800 and questions == 1 and not answers and not authorities and additional <= 2


def _mqtt(data: bytes) -> Spoken:
    """CONNECT: its type, a length of one to four bytes, and the protocol's name behind that name's length."""
    at = 1
    while at < 5 and at < len(data) and data[at] & 0x80:
        at += 1
    name = data[at + 1 :]
    for known in (b"\x00\x04MQTT", b"\x00\x06MQIsdp"):
        if name.startswith(known):
            return Spoken.MQTT
        if known.startswith(name):
            return Spoken.UNDECIDED
    return Spoken.OTHER


def _socks(data: bytes) -> Spoken:
    """Version 4: a command of 1 or 2, port, address, user and a zero byte. Version 5: as many methods as are announced."""
    if data[0] == 5:
        if len(data) < 2 or len(data) < 2 + data[1]:
            return Spoken.UNDECIDED if len(data) < 2 or 1 <= data[1] <= 16 else Spoken.OTHER
        return Spoken.SOCKS if 1 <= data[1] <= 16 else Spoken.OTHER
    if len(data) >= 2 and data[1] not in {1, 2}:
        return Spoken.OTHER
    if b"\0" in data[8:264]:
        return Spoken.SOCKS
    return Spoken.UNDECIDED if len(data) < 264 else Spoken.OTHER


def _telnet(data: bytes) -> Spoken:
    """WILL, WONT, DO or DONT, and an option."""
    if len(data) >= 2 and not 0xFB <= data[1] <= 0xFE:
        return Spoken.OTHER
    return Spoken.TELNET if len(data) >= 3 else Spoken.UNDECIDED


def _text(head: bytes, port: int) -> Spoken:
    """Protocols of lines. What has control characters in its first line is none."""
    if head.startswith(b"SSH-"):
        return Spoken.SSH
    line, ended, _ = head.partition(b"\n")
    if _CONTROL.search(line):
        return Spoken.OTHER
    if not ended:
        return Spoken.UNDECIDED if len(head) < LINE_LIMIT else Spoken.OTHER
    if head[:1] == b"*":
        return _redis(head)
    if _PASS.match(head):
        return _after_password(head[_PASS.match(head).end() :])  # type: ignore[union-attr]
    return _line(line, port)


def _redis(head: bytes) -> Spoken:
    """An array of strings, of which the first's length is there."""
    if _REDIS_BEGUN.match(head):
        return Spoken.REDIS
    return Spoken.UNDECIDED if head.count(b"\n") < 2 and len(head) < 32 else Spoken.OTHER


def _after_password(rest: bytes) -> Spoken:
    """IRC's registration may begin with a password."""
    if b"\n" not in rest:
        return Spoken.UNDECIDED if len(rest) < 512 else Spoken.OTHER
    return Spoken.IRC if re.match(_IRC, rest) else Spoken.OTHER


def _line(line: bytes, port: int) -> Spoken:
    if _STRATUM.match(line):
        return Spoken.STRATUM
    if port == _REDIS_PORT and _REDIS_INLINE.match(line):
        return Spoken.REDIS
    for spoken, pattern in _LINES:
        if pattern.match(line):
            return Spoken.POP3 if spoken is Spoken.FTP and port in _POP3_PORTS else spoken
    return Spoken.OTHER
