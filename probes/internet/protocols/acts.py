"""Writes down what a client does in one conversation, and keeps what it sends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from internet.addresses import shown
from internet.wire import TEXT_LIMIT, Exchange

if TYPE_CHECKING:
    from internet.conversation import Conversation, Services

_PORTS: Final = {
    "ftp": (21, 990), "imap": (143, 993), "irc": (194, 994), "mqtt": (1883, 8883), "pop3": (110, 995), "redis": (6379,),
    "smtp": (25, 465, 587), "socks": (1080,), "ssh": (22,), "telnet": (23,),
}  # fmt: skip
"""The ports of each protocol that its URLs do not show (IANA's list of services)."""
_SCHEMES: Final = {"stratum": "stratum+tcp"}
_SAFE: Final = "/@:+,;=~!$&'()*#%"


class Acts:
    """The acts of one conversation in `protocol`, whose bytes are kept as one stream."""

    def __init__(self, talk: Conversation, services: Services, protocol: str, *, tls: bool) -> None:
        self._talk = talk
        self._services = services
        self.protocol = protocol
        self.tls = tls
        if not talk.stream:
            talk.stream = services.sent.open()

    def keep(self, data: bytes, *, fresh: bool = False) -> None:
        """Keep bytes as they came; `fresh` ones are of the connection's head too."""
        if data:
            self._services.sent.add(self._talk.stream, "stream", data)
            if fresh:
                self._talk.heard(data)

    def head(self, data: bytes) -> None:
        """Keep bytes for the connection's head alone, which cannot be searched."""
        self._talk.heard(data)

    def payload(self, data: bytes) -> None:
        """Keep bytes that were unwrapped, decoded or decrypted."""
        if data:
            self._services.sent.add(self._talk.stream, "payload", data)

    def tell(self, verb: str, what: str | bytes = "", size: int = 0, *, user: str = "") -> None:
        """Write down one act; `what` becomes the URL's path, `size` is of what was sent with it in bytes."""
        talk = self._talk
        host = talk.host or talk.server[0]
        port = "" if talk.port in _PORTS.get(self.protocol, ()) else f":{talk.port}"
        name = f"{quote(user[:200], safe='')}@" if user else ""
        path = quote(what[:TEXT_LIMIT], safe=_SAFE)
        url = f"{_SCHEMES.get(self.protocol, self.protocol)}://{name}{shown(host)}{port}{'/' if path else ''}{path.lstrip('/')}"
        self._services.recorder.write(
            Exchange(time.time(), talk.client, talk.server, self.protocol, verb, url, size, self.tls, talk.stream)
        )

    def cut(self, detail: str) -> None:
        """Say once that something was cut."""
        self._services.recorder.limit(detail)
