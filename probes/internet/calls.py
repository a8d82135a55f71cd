"""What is said to a server of the package: an answer to its greeting where it speaks first, else a request, in TLS if need be."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from typing import TYPE_CHECKING, Final

from internet.settings import DIAL_BYTES, DIAL_GREETING, DIAL_WAIT

if TYPE_CHECKING:
    import socket

REQUEST: Final = b"GET / HTTP/1.0\r\n\r\n"
_ANSWERS: Final = (
    (re.compile(rb"SSH-[12]"), b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"),
    (re.compile(rb"220[ -](?i:.*ftp)"), b"USER anonymous\r\nPASS anonymous@\r\nPWD\r\nQUIT\r\n"),
    (re.compile(rb"220[ -]"), b"EHLO localhost\r\nMAIL FROM:<postmaster@localhost>\r\nQUIT\r\n"),
    (re.compile(rb"\+OK"), b"CAPA\r\nQUIT\r\n"),
    (re.compile(rb"\* OK"), b"a1 CAPABILITY\r\na2 LOGOUT\r\n"),
    (re.compile(rb"RFB \d{3}\.\d{3}\n"), b"RFB 003.008\n"),
    (re.compile(rb"(?i:.*(?:login|user(?:name)?|password)\s*:)", re.DOTALL), b"admin\r\nadmin\r\nexit\r\n"),
)
"""By a greeting's beginning, what a client of that protocol says next (RFC 4253, 959, 5321, 1939, 9051, 6143)."""
_ALERT: Final = b"\x15\x03"


def answer_to(greeting: bytes) -> bytes:
    """What to say to a server that has said this, or nothing."""
    return next((said for pattern, said in _ANSWERS if pattern.match(greeting)), REQUEST)


def wants_tls(received: bytes) -> bool:
    """Whether a server that answered a plain request so may be one of TLS: it said nothing, or it sent an alert."""
    return not received or received.startswith(_ALERT)


async def ask(line: socket.socket) -> bytes:
    """Speak to a server over a connected socket; what it said, as far as DIAL_BYTES and the time go. Raises OSError."""
    loop = asyncio.get_running_loop()
    received = b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DIAL_GREETING):
            received = await loop.sock_recv(line, DIAL_BYTES)
            if not received:
                return b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DIAL_WAIT):
            await loop.sock_sendall(line, answer_to(received))
            while len(received) < DIAL_BYTES and (data := await loop.sock_recv(line, DIAL_BYTES - len(received))):
                received += data
    return received


async def ask_in_tls(line: socket.socket) -> bytes:
    """The same with a TLS handshake before, which takes any certificate; closes the socket. Raises OSError."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(
        sock=line, ssl=context, server_hostname="localhost", ssl_handshake_timeout=DIAL_WAIT
    )
    received = b""
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DIAL_WAIT):
                writer.write(REQUEST)
                await writer.drain()
                while len(received) < DIAL_BYTES and (data := await reader.read(DIAL_BYTES - len(received))):
                    received += data
    finally:
        writer.transport.abort()
    return received
