"""WebSocket (RFC 6455): the upgrade out of HTTP/1.1, and each message answered and written down."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import TYPE_CHECKING, Final

import h11

from internet.wire import Exchange as Line

if TYPE_CHECKING:
    from wsproto.connection import Connection
    from wsproto.events import Event

    from internet.channel import Channel
    from internet.conversation import Conversation, Services
    from internet.exchange import Exchange

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""Section 1.3."""
_ECHO_BYTES: Final = 65_536


def wants_websocket(exchange: Exchange) -> bool:
    """Whether a request asks to go over to WebSocket."""
    return (
        exchange.method == "GET"
        and "websocket" in exchange.header("upgrade").lower()
        and "upgrade" in exchange.header("connection").lower()
        and bool(exchange.header("sec-websocket-key"))
    )


def upgrade(connection: h11.Connection, exchange: Exchange) -> bytes:
    """The response that goes over. Of the protocols offered the first is taken, of the extensions none."""
    digest = hashlib.sha1(
        exchange.header("sec-websocket-key").encode("latin-1") + _GUID, usedforsecurity=False
    ).digest()
    headers = [
        ("Upgrade", "websocket"), ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", base64.b64encode(digest).decode("ascii")),
    ]  # fmt: skip
    offered = exchange.header("sec-websocket-protocol").partition(",")[0].strip()
    if offered:
        headers.append(("Sec-WebSocket-Protocol", offered))
    answer = h11.InformationalResponse(status_code=101, headers=headers, reason=b"Switching Protocols")
    return connection.send(answer) or b""


async def serve_websocket(
    channel: Channel, first: bytes, exchange: Exchange, talk: Conversation, services: Services
) -> None:
    """Answer messages until either side ends. Raises what the channel raises."""
    await _Messages(channel, exchange, talk, services).serve(first)


class _Messages:
    """One connection's messages."""

    def __init__(self, channel: Channel, exchange: Exchange, talk: Conversation, services: Services) -> None:
        from wsproto.connection import Connection, ConnectionType

        self._connection: Connection = Connection(ConnectionType.SERVER)
        self._channel = channel
        self._talk = talk
        self._services = services
        self._tls = exchange.url.startswith("https")
        self._url = "ws" + exchange.url.removeprefix("http")
        self._stream = services.sent.open()
        self._message = bytearray()
        self._size = 0

    async def serve(self, data: bytes) -> None:
        from wsproto.connection import ConnectionState
        from wsproto.utilities import LocalProtocolError, RemoteProtocolError

        try:
            while True:
                if data:
                    self._connection.receive_data(data)
                for event in self._connection.events():
                    await self._handle(event)
                if self._connection.state is ConnectionState.CLOSED:
                    return
                data = await self._channel.read()
                if not data:
                    return
        except (RemoteProtocolError, LocalProtocolError) as error:
            self._services.recorder.note(f"malformed WebSocket: {str(error)[:200]}")
        finally:
            if self._size:  # a message that broke off
                self._record("message")

    async def _handle(self, event: Event) -> None:
        from wsproto.connection import ConnectionState
        from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
        from wsproto.utilities import RemoteProtocolError

        if isinstance(event, Ping):
            await self._channel.write(self._connection.send(event.response()))
        elif isinstance(event, CloseConnection):
            broken = self._connection.state is ConnectionState.OPEN  # of the parser's making: the client closed nothing
            if not broken:
                self._record("close", str(event.reason or "").encode("utf-8", "replace"))
            await self._channel.write(self._connection.send(event.response()))
            if broken:
                raise RemoteProtocolError(str(event.reason))
        elif isinstance(event, TextMessage | BytesMessage):
            text = isinstance(event, TextMessage)
            self._take(event.data.encode("utf-8", "replace") if isinstance(event, TextMessage) else bytes(event.data))
            if event.message_finished:
                await self._reply(text=text)

    def _take(self, piece: bytes) -> None:
        self._size += len(piece)
        self._message += piece[: max(_ECHO_BYTES - len(self._message), 0)]
        self._services.sent.add(self._stream, "payload", piece)

    async def _reply(self, *, text: bool) -> None:
        from wsproto.events import BytesMessage, TextMessage

        message = bytes(self._message)
        self._record("message")
        reply = TextMessage(data=answer(message)) if text else BytesMessage(data=message)
        await self._channel.write(self._connection.send(reply))

    def _record(self, verb: str, payload: bytes = b"") -> None:
        if payload:
            self._services.sent.add(self._stream, "payload", payload)
        talk = self._talk
        size = self._size + len(payload)
        line = Line(time.time(), talk.client, talk.server, "websocket", verb, self._url, size, self._tls, self._stream)
        self._services.recorder.write(line)
        self._message.clear()
        self._size = 0


def answer(message: bytes) -> str:
    """What a server says to a text: pong to a ping, and to JSON that it is well, under the same id where there is one."""
    if message.strip().lower() == b"ping":
        return "pong"
    try:
        content = json.loads(message)
    except (ValueError, RecursionError):
        return '{"ok":true}'
    number = content.get("id") if isinstance(content, dict) else None
    if isinstance(number, str | int) and len(str(number)) <= 100:
        return json.dumps({"id": number, "ok": True, "result": {}}, separators=(",", ":"))
    return '{"ok":true}'
