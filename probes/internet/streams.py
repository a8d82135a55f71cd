"""TCP on any address and port: what the client says first decides what is spoken, inside TLS and tunnels again."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from typing import Final

from internet.addresses import plain
from internet.channel import Channel, TcpChannel, TlsChannel
from internet.conversation import Conversation, Services
from internet.hello import MESSAGE_LIMIT, ClientHello, handshake_message, parse_client_hello
from internet.recognise import Spoken, recognise
from internet.settings import BANNER_WAIT
from internet.web import serve_http
from internet.wire import BRIEF_HEAD, Dns, Tcp, Tls

_DNS_PORTS: Final = frozenset({53, 853})
_DEPTH: Final = 4
"""TLS in a tunnel in TLS … is followed this far."""
_BANNERS: Final = {
    21: b"220 FTP server ready\r\n",
    22: b"SSH-2.0-OpenSSH_9.2p1\r\n",
    25: b"220 mail.example.net ESMTP\r\n",
    110: b"+OK POP3 server ready\r\n",
    143: b"* OK IMAP4rev1 server ready\r\n",
    587: b"220 mail.example.net ESMTP\r\n",
}


class Streams:
    """Handles accepted connections; `handle` is what asyncio calls for each."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.tasks: set[asyncio.Task[None]] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until either side ends, and write the connection down."""
        task = asyncio.current_task()
        limits = self._services.limits
        if task is None or len(self.tasks) >= limits.connections:
            self._services.recorder.limit(
                f"more than {limits.connections} connections at once: some were closed unheard"
            )
            writer.transport.abort()
            return
        self.tasks.add(task)
        server: tuple[str, int] = writer.get_extra_info("sockname")[:2]
        client: tuple[str, int] = writer.get_extra_info("peername")[:2]
        talk = Conversation(
            (plain(client[0]), client[1]), (plain(server[0]), server[1]), time.time(), limits.head_bytes, server[1]
        )
        channel = TcpChannel(reader, writer, limits.idle_seconds)
        try:
            await self._converse(channel, b"", talk, 0, tls=False)
        except TimeoutError:
            self._services.recorder.limit(
                f"a connection to port {server[1]} was closed after {limits.idle_seconds:g} idle seconds"
            )
        except (OSError, EOFError, asyncio.CancelledError):
            # The client went away, TLS broke, or the run ends: the line below says what was heard until then.
            writer.transport.abort()
        finally:
            self._record(talk, channel)
            self.tasks.discard(task)
            writer.close()

    def _record(self, talk: Conversation, channel: TcpChannel) -> None:
        head = bytes(talk.head[:BRIEF_HEAD] if talk.told else talk.head)
        self._services.recorder.write(
            Tcp(
                talk.time,
                time.time(),
                talk.client,
                talk.server,
                channel.bytes_in,
                channel.bytes_out,
                talk.protocol,
                head,
            )
        )

    async def _converse(self, channel: Channel, first: bytes, talk: Conversation, depth: int, *, tls: bool) -> None:
        """Recognise what is spoken and speak it."""
        data, spoken = await self._listen(channel, first, talk)
        if spoken is Spoken.TLS and depth < _DEPTH:
            await self._tls(channel, data, talk, depth)
            return
        talk.heard(data)
        if spoken is Spoken.HTTP and depth < _DEPTH:
            _name(talk, "http", told=True)
            rest = await serve_http(channel, data, talk, self._services, tls=tls)
            if rest is not None:
                await self._converse(channel, rest, talk, depth + 1, tls=False)
        elif talk.port in _DNS_PORTS and data:
            _name(talk, "dns", told=True)
            await self._dns(channel, data, talk)
        else:
            if data:
                _name(talk, "unknown", told=False)
            while data:
                data = await channel.read()
                talk.heard(data)

    async def _listen(self, channel: Channel, data: bytes, talk: Conversation) -> tuple[bytes, Spoken]:
        """Read until it is clear what is spoken; greet first where a server is expected to."""
        banner = _BANNERS.get(talk.port, b"")
        while (spoken := recognise(data)) is Spoken.UNDECIDED:
            try:
                more = await channel.read(BANNER_WAIT if banner and not data else None)
            except TimeoutError:
                if not banner or data:
                    raise
                _name(talk, "banner", told=False)
                await channel.write(banner)
                banner = b""
                continue
            if not more:
                return data, Spoken.OTHER
            data += more
        return data, spoken

    async def _tls(self, channel: Channel, data: bytes, talk: Conversation, depth: int) -> None:
        """Finish a handshake with a certificate for the name asked for, and go on inside."""
        _name(talk, "tls", told=False)
        start, hello, detail, version = time.time(), ClientHello("", ()), "", ""
        try:
            data, hello = await self._hello(channel, data)
            inner = TlsChannel(channel, self._services.authority.context(hello.sni, talk.server[0]), data)
            version = await inner.handshake()
        except (ssl.SSLError, ValueError, TimeoutError, OSError) as error:
            detail = str(getattr(error, "reason", None) or error) or type(error).__name__
        finally:  # also when the run ends during the handshake
            completed = bool(version)
            self._services.recorder.write(
                Tls(start, talk.client, talk.server, hello.sni, hello.alpn, version, completed, detail)
            )
        if completed:
            await self._converse(inner, b"", talk, depth + 1, tls=True)
        else:
            talk.heard(data)

    async def _hello(self, channel: Channel, data: bytes) -> tuple[bytes, ClientHello]:
        """Read on until the ClientHello is whole; raises ValueError when it never is, or is malformed."""
        while (body := handshake_message(data)) is None:
            more = await channel.read()
            if not more or len(data) > 2 * MESSAGE_LIMIT:
                raise ValueError("the client broke off in its first message")
            data += more
        return data, parse_client_hello(body)

    async def _dns(self, channel: Channel, data: bytes, talk: Conversation) -> None:
        """DNS messages, each behind its length in two bytes (RFC 1035, section 4.2.2)."""
        while True:
            size = int.from_bytes(data[:2], "big")
            if len(data) < 2 or len(data) < 2 + size:
                more = await channel.read()
                if not more:
                    return
                talk.heard(more)
                data += more
                continue
            message, data = data[2 : 2 + size], data[2 + size :]
            reply = self._services.resolver.reply(message)
            if reply.malformed:
                self._services.recorder.limit(f"malformed: {reply.malformed}")
            for asked in reply.questions:
                self._services.recorder.write(
                    Dns(time.time(), "tcp", talk.client, talk.server, asked.name, asked.type, asked.answers)
                )
            if reply.data:
                await channel.write(len(reply.data).to_bytes(2, "big") + reply.data)

    async def finish(self) -> None:
        """Break off what is still open, and wait until it is written down."""
        for task in self.tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.gather(*self.tasks, return_exceptions=True)


def _name(talk: Conversation, protocol: str, *, told: bool) -> None:
    """Name the connection by what was spoken first and outermost; what is inside only tells whether lines tell it."""
    talk.told = told
    if talk.protocol == "silent":
        talk.protocol = protocol
