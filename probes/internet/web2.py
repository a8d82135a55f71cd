"""HTTP/2 as a server speaks it: inside TLS after ALPN, and in the clear with prior knowledge (RFC 9113)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError, StreamClosedError
from h2.settings import SettingCodes, Settings

from internet.exchange import Exchange, response_fields

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services
    from internet.pages import Page

_STREAMS: Final = 100
"""Exchanges at once of one connection."""
_HEADER_LIMIT: Final = 65_536
_WINDOW: Final = 1 << 20


async def serve_http2(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer requests until the client ends, of which `first` was already read; gives None. Raises what the channel raises."""
    server = _Server(channel, talk, services, tls=tls)
    try:
        await server.serve(first)
    except ProtocolError as error:
        services.recorder.note(
            f"malformed HTTP/2 to {talk.server[0]} port {talk.server[1]}: {type(error).__name__} {str(error)[:200]}"
        )
        await server.flush()
    finally:
        server.close()
    return None


class _Server:
    """One connection."""

    def __init__(self, channel: Channel, talk: Conversation, services: Services, *, tls: bool) -> None:
        self._connection = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self._connection.local_settings = Settings(
            client=False,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: _STREAMS,
                SettingCodes.MAX_HEADER_LIST_SIZE: _HEADER_LIMIT,
                SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW,
            },
        )
        self._channel = channel
        self._talk = talk
        self._services = services
        self._tls = tls
        self._exchanges: dict[int, Exchange] = {}
        self._unsent: dict[int, memoryview] = {}
        """Bodies for which the client has given no room yet."""

    async def serve(self, data: bytes) -> None:
        self._connection.initiate_connection()
        while data:
            ended = False
            for event in self._connection.receive_data(data):
                self._handle(event)
                ended = ended or isinstance(event, ConnectionTerminated)
            for stream in list(self._unsent):
                self._push(stream)
            await self.flush()
            if ended:
                return
            data = await self._channel.read()

    async def flush(self) -> None:
        """Send what is due."""
        data = self._connection.data_to_send()
        if data:
            await self._channel.write(data)

    def close(self) -> None:
        """Write down what was not finished."""
        for exchange in self._exchanges.values():
            exchange.close()
        self._exchanges.clear()

    def _handle(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            self._begin(event)
        elif isinstance(event, DataReceived) and event.stream_id is not None:
            exchange = self._exchanges.get(event.stream_id)
            if exchange is not None and event.data:
                exchange.take(event.data)
            self._acknowledge(event.flow_controlled_length or 0, event.stream_id)
        elif isinstance(event, StreamEnded) and event.stream_id is not None:
            self._answer(event.stream_id)
        elif isinstance(event, StreamReset) and event.stream_id is not None:
            self._unsent.pop(event.stream_id, None)
            self._finish(event.stream_id)
        elif isinstance(event, WindowUpdated) and event.stream_id in self._unsent:
            self._push(event.stream_id)

    def _begin(self, event: RequestReceived) -> None:
        pairs = [(_text(name), _text(value)) for name, value in event.headers or ()]
        pseudo = {name: value for name, value in pairs if name.startswith(":")}
        headers = tuple(pair for pair in pairs if not pair[0].startswith(":"))
        authority = pseudo.get(":authority", "") or next((value for name, value in headers if name == "host"), "")
        method = pseudo.get(":method", "")
        if pseudo.get(":authority"):
            headers = (("host", authority), *headers)
        self._exchanges[event.stream_id or 0] = Exchange(
            self._talk, self._services, method=method, target=pseudo.get(":path", authority), version="2",
            headers=headers, authority=authority, tls=self._tls,
        )  # fmt: skip

    def _acknowledge(self, size: int, stream: int) -> None:
        if size:
            try:
                self._connection.acknowledge_received_data(size, stream)
            except StreamClosedError:  # the client has reset it in the same breath
                return

    def _answer(self, stream: int) -> None:
        exchange = self._exchanges.get(stream)
        if exchange is None:
            return
        page = exchange.answer()
        body = page.body if exchange.method != "HEAD" else b""
        try:
            self._connection.send_headers(stream, _fields(page), end_stream=not body)
        except StreamClosedError:
            self._finish(stream)
            return
        if body:
            self._unsent[stream] = memoryview(body)
            self._push(stream)
        else:
            self._finish(stream)

    def _push(self, stream: int) -> None:
        """Send as much of a body as the client has room for."""
        body = self._unsent[stream]
        while body:
            try:
                room = min(
                    self._connection.local_flow_control_window(stream),
                    self._connection.max_outbound_frame_size,
                    len(body),
                )
            except StreamClosedError:
                break
            if room <= 0:
                self._unsent[stream] = body
                return
            self._connection.send_data(stream, bytes(body[:room]), end_stream=room == len(body))
            body = body[room:]
        del self._unsent[stream]
        self._finish(stream)

    def _finish(self, stream: int) -> None:
        exchange = self._exchanges.pop(stream, None)
        if exchange is not None:
            exchange.close()


def _fields(page: Page) -> list[tuple[str, str]]:
    return [(":status", str(page.status)), *((name.lower(), value) for name, value in response_fields(page))]


def _text(data: bytes | str) -> str:
    return data.decode("latin-1") if isinstance(data, bytes) else data
