"""HTTP/1.x as a server speaks it: any number of requests on a connection, each answered and written down."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

import h11

from internet.pages import Page, choose
from internet.wire import Http

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_HEADER_LIMIT: Final = 65_536
_HEADERS_KEPT: Final = 100
_STANDARD_PORTS: Final = {"http": 80, "https": 443}


class _Exchange:
    """A request while it comes in."""

    def __init__(self, request: h11.Request, keep: int) -> None:
        self.time = time.time()
        self.method = _text(request.method)
        self.target = _text(request.target)
        self.version = _text(request.http_version)
        self.headers = tuple((_text(name), _text(value)) for name, value in request.headers.raw_items())[:_HEADERS_KEPT]
        self.body = bytearray()
        self.body_bytes = 0
        self.status = 0
        self.response_bytes = 0
        self._keep = keep

    def header(self, name: str) -> str:
        return next((value for found, value in self.headers if found.lower() == name), "")

    def take(self, data: bytes) -> None:
        self.body_bytes += len(data)
        room = self._keep - len(self.body)
        if room > 0:
            self.body += data[:room]


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
        services.recorder.limit(f"malformed HTTP to {talk.server[0]} port {talk.server[1]}: {str(error)[:200]}")
        if connection.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            await _send(connection, channel, Page(error.error_status_hint, "text/plain", b""))
    return None


async def _exchange(
    connection: h11.Connection, channel: Channel, talk: Conversation, services: Services, *, tls: bool
) -> bool:
    """One request and its answer; False when the client has ended."""
    request = await _event(connection, channel)
    if not isinstance(request, h11.Request):
        return False
    exchange = _Exchange(request, services.limits.body_bytes)
    try:
        while isinstance(part := await _event(connection, channel), h11.Data):
            exchange.take(bytes(part.data))
        page = Page(200, "", b"") if exchange.method == "CONNECT" else _page(exchange)
        exchange.status = page.status
        exchange.response_bytes = 0 if exchange.method == "HEAD" else len(page.body)
        await _send(connection, channel, page, body=exchange.method != "HEAD")
    finally:  # an upload that breaks off is an exchange all the same
        services.recorder.write(_record(exchange, talk, tls=tls))
    if exchange.method == "CONNECT":
        talk.port = _port(exchange.target) or talk.port
    return True


async def _event(connection: h11.Connection, channel: Channel) -> object:
    while (event := connection.next_event()) is h11.NEED_DATA:
        if connection.they_are_waiting_for_100_continue:
            go_on = connection.send(h11.InformationalResponse(status_code=100, headers=[]))
            await channel.write(go_on or b"")
        connection.receive_data(await channel.read())
    return event


async def _send(connection: h11.Connection, channel: Channel, page: Page, *, body: bool = True) -> None:
    headers = [("Server", "nginx"), ("Date", formatdate(usegmt=True))]
    if page.media_type:
        headers += [("Content-Type", page.media_type), ("Content-Length", str(len(page.body)))]
    data = connection.send(
        h11.Response(status_code=page.status, headers=headers, reason=b"OK" if page.status == 200 else b"")
    )
    if connection.our_state is h11.SEND_BODY:
        content = connection.send(h11.Data(data=page.body)) if body else None
        data = (data or b"") + (content or b"") + (connection.send(h11.EndOfMessage()) or b"")
    await channel.write(data or b"")


def _page(exchange: _Exchange) -> Page:
    return choose(exchange.method, exchange.target, exchange.header("accept"))


def _record(exchange: _Exchange, talk: Conversation, *, tls: bool) -> Http:
    scheme = "https" if tls else "http"
    host, path = _host(exchange.header("host"), talk.server[0]), exchange.target
    if exchange.target.startswith(("http://", "https://")):
        url = exchange.target
        authority, _, rest = exchange.target.partition("://")[2].partition("/")
        host, path = _host(authority.rpartition("@")[2], host), f"/{rest}"
    elif exchange.method == "CONNECT":
        url, host, path = exchange.target, _host(exchange.target, host), ""
    else:
        shown = f"[{host}]" if ":" in host else host
        port = "" if _STANDARD_PORTS[scheme] == talk.port else f":{talk.port}"
        url = f"{scheme}://{shown}{port}{exchange.target if exchange.target.startswith('/') else '/'}"
    return Http(
        time=exchange.time, client=talk.client, server=talk.server, method=exchange.method, url=url, host=host,
        path=path, version=exchange.version, status=exchange.status, request_bytes=exchange.body_bytes,
        response_bytes=exchange.response_bytes, tls=tls, headers=exchange.headers, body_head=bytes(exchange.body),
    )  # fmt: skip


def _host(authority: str, otherwise: str) -> str:
    """The host of `host`, `host:port`, `[address]` or `[address]:port`."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0] or otherwise
    return authority.partition(":")[0] or otherwise


def _port(authority: str) -> int:
    text = authority.rpartition(":")[2]
    return int(text) if text.isdigit() and len(text) <= 5 else 0


def _text(data: bytes) -> str:
    return data.decode("latin-1")
