"""One HTTP exchange, whichever version of HTTP carries it: what was asked, what is answered, and how both are written down."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from internet.addresses import shown
from internet.doh import answer_doh
from internet.pages import Clock, Page, choose
from internet.wire import Http

if TYPE_CHECKING:
    from internet.conversation import Conversation, Services

HEADERS: Final = 100
"""Headers of a request that are written down."""
_STANDARD_PORTS: Final = {"http": 80, "https": 443}
_CLOCK: Final = Clock()


class Exchange:
    """A request while it comes in, then its answer. `take` gets the body, `answer` gives the page, `close` writes the line.

    `headers` are pairs with the names as they were sent; `authority` is the Host header's or `:authority`'s text.
    """

    def __init__(
        self, talk: Conversation, services: Services, *, method: str, target: str, version: str,
        headers: tuple[tuple[str, str], ...], authority: str, tls: bool,
    ) -> None:  # fmt: skip
        self._talk = talk
        self._services = services
        self._tls = tls
        self.time = time.time()
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
        self.body = bytearray()
        self.body_bytes = 0
        self.url, self.host, self.path = _place(method, target, authority, talk, tls=tls)
        self._page = Page(0)
        self._sent_bytes = 0
        self.stream = services.sent.open()
        services.sent.add(self.stream, "start", f"{method} {target}".encode("utf-8", "replace"))
        lines = "\n".join(f"{name}: {value}" for name, value in headers)
        services.sent.add(self.stream, "header", lines.encode("utf-8", "replace"))

    def header(self, name: str) -> str:
        """The first header of a name in lower case, or ""."""
        return next((value for found, value in self.headers if found.lower() == name), "")

    def take(self, data: bytes) -> None:
        """Bytes of the body."""
        self.body_bytes += len(data)
        room = self._services.limits.body_bytes - len(self.body)
        if room > 0:
            self.body += data[:room]
        self._services.sent.add(self.stream, "body", data)

    def answer(self) -> Page:
        """Choose what to send back."""
        self.answered(self._choose())
        return self._page

    def answered(self, page: Page) -> None:
        """Tell what is sent back."""
        self._page = page
        self._sent_bytes = 0 if self.method == "HEAD" else len(page.body)

    def close(self) -> None:
        """Write the line: status 0 where there was no answer."""
        page = self._page
        self._services.recorder.write(
            Http(
                self.time, self._talk.client, self._talk.server, self.method, self.url, self.host, self.path, self.version,
                page.status, self.body_bytes, self._sent_bytes, self._tls, self.headers[:HEADERS], bytes(self.body),
                page.media_type, page.mark, self.stream,
            )
        )  # fmt: skip

    def _choose(self) -> Page:
        if self.method == "CONNECT":
            return Page(200)
        target = _origin_form(self.target)
        headers = tuple((name.lower(), value) for name, value in self.headers)
        page = answer_doh(self.method, target, headers, bytes(self.body), self._talk, self._services)
        return page or choose(self._services.answers, self.method, self.host, target, headers)


def response_fields(page: Page) -> list[tuple[str, str]]:
    """The headers of a response, as HTTP/1.1 writes them and in their usual order."""
    own = {name.lower() for name, _ in page.fields}
    fields = [("Server", "nginx")] if "server" not in own else []
    fields.append(("Date", _CLOCK.date()))
    if page.media_type:
        fields.append(("Content-Type", page.media_type))
    if page.status >= 200 and page.status != 204:
        fields.append(("Content-Length", str(len(page.body))))
    return [*fields, *page.fields]


def port_of(authority: str) -> int:
    """The port of `host:port`, or 0."""
    text = authority.rpartition(":")[2]
    return int(text) if text.isdigit() and len(text) <= 5 else 0


def _place(method: str, target: str, authority: str, talk: Conversation, *, tls: bool) -> tuple[str, str, str]:
    """The absolute URL, the host and the path of a request."""
    scheme = "https" if tls else "http"
    host = _host(authority, talk.server[0])
    if target.startswith(("http://", "https://")):
        named, _, rest = target.partition("://")[2].partition("/")
        return target, _host(named.rpartition("@")[2], host), f"/{rest}"
    if method == "CONNECT":
        return target, _host(target, host), ""
    port = "" if _STANDARD_PORTS[scheme] == talk.port else f":{talk.port}"
    return f"{scheme}://{shown(host)}{port}{target if target.startswith('/') else '/'}", host, target


def _origin_form(target: str) -> str:
    """Path and query of a target that is a path or a whole URL."""
    if target.startswith(("http://", "https://")):
        return "/" + target.partition("://")[2].partition("/")[2]
    return target


def _host(authority: str, otherwise: str) -> str:
    """The host of `host`, `host:port`, `[address]` or `[address]:port`."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0] or otherwise
    return authority.partition(":")[0] or otherwise
