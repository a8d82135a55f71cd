"""HTTP/1.x as a server speaks it: any number of requests on a connection, each answered and written down."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import h11

from internet.exchange import Exchange, port_of, response_fields
from internet.pages import Page
from internet.websocket import serve_websocket, upgrade, wants_websocket

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_HEADER_LIMIT: Final = 65_536
_REASONS: Final = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}


async def serve_http(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer requests until the client ends, of which `first` was already read.

    Returns None at the end, or after CONNECT the bytes that came behind it: what follows is another conversation.
    Raises what the channel raises.
    """
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEADER_LIMIT)
    connection.receive_data(first)
    try:
        while await _exchange(connection, channel, talk, services, tls=tls):
            if connection.our_state is h11.SWITCHED_PROTOCOL:
                return bytes(connection.trailing_data[0])
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return None
            connection.start_next_cycle()
    except h11.RemoteProtocolError as error:
        services.recorder.note(f"malformed HTTP to {talk.server[0]} port {talk.server[1]}: {str(error)[:200]}")
        if connection.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            await channel.write(_response(connection, Page(error.error_status_hint, "text/plain"), body=True))
    return None


async def _exchange(
    connection: h11.Connection, channel: Channel, talk: Conversation, services: Services, *, tls: bool
) -> bool:
    """One request and its answer; False when the client has ended, over WebSocket too."""
    request = await _event(connection, channel)
    if not isinstance(request, h11.Request):
        return False
    headers = tuple((_text(name), _text(value)) for name, value in request.headers.raw_items())
    exchange = Exchange(
        talk, services, method=_text(request.method), target=_text(request.target), version=_text(request.http_version),
        headers=headers, authority=next((_text(value) for name, value in request.headers if name == b"host"), ""), tls=tls,
    )  # fmt: skip
    try:
        while isinstance(part := await _event(connection, channel), h11.Data):
            exchange.take(bytes(part.data))
        if wants_websocket(exchange):
            exchange.answered(Page(101))
            await channel.write(upgrade(connection, exchange))
        else:
            page = exchange.answer()
            await channel.write(_response(connection, page, body=exchange.method != "HEAD"))
    finally:  # an upload that breaks off is an exchange all the same
        exchange.close()
    if exchange.method == "CONNECT":
        talk.port = port_of(exchange.target) or talk.port
        talk.host = exchange.host
    elif connection.our_state is h11.SWITCHED_PROTOCOL:
        await serve_websocket(channel, bytes(connection.trailing_data[0]), exchange, talk, services)
        return False
    return True


async def _event(connection: h11.Connection, channel: Channel) -> object:
    while (event := connection.next_event()) is h11.NEED_DATA:
        if connection.they_are_waiting_for_100_continue:
            go_on = connection.send(h11.InformationalResponse(status_code=100, headers=[]))
            await channel.write(go_on or b"")
        connection.receive_data(await channel.read())
    return event


def _response(connection: h11.Connection, page: Page, *, body: bool) -> bytes:
    """All bytes of a response, for one write."""
    reason = _REASONS.get(page.status, b"")
    head = h11.Response(status_code=page.status, headers=response_fields(page), reason=reason)
    data = connection.send(head) or b""
    if connection.our_state is h11.SEND_BODY:
        content = connection.send(h11.Data(data=page.body)) if body and page.body else None
        data += (content or b"") + (connection.send(h11.EndOfMessage()) or b"")
    return data


def _text(data: bytes) -> str:
    return data.decode("latin-1")
