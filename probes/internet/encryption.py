"""TLS as the simulated internet's servers speak it: at once, or after STARTTLS, and written down either way."""

from __future__ import annotations

import re
import ssl
import time
from typing import TYPE_CHECKING, Final

from internet.channel import TlsChannel
from internet.hello import MESSAGE_LIMIT, ClientHello, handshake_message, parse_client_hello
from internet.refusal import NO_HANDSHAKE, why
from internet.wire import Tls

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_PREFERRED: Final = ("h2", "http/1.1")
_NAME: Final = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,255}")
"""A protocol's name as it was sent: a backslash stands for a byte beyond ASCII (`internet.hello`)."""


async def encrypt(channel: Channel, data: bytes, talk: Conversation, services: Services) -> TlsChannel | None:
    """Finish a handshake of which `data` was read, with a certificate for the name asked for; None when the client breaks off."""
    start, hello, version, detail = time.time(), ClientHello("", ()), "", f"{NO_HANDSHAKE}the run ended"
    chosen, inner = "", None
    try:
        data, hello = await _hello(channel, data)
        chosen = _protocol(hello.alpn)
        address = talk.server[0]
        context = services.authority.context(
            hello.sni, address, name=services.resolver.name(address), chosen=chosen, rsa_only=hello.rsa_only
        )
        inner = TlsChannel(channel, context, data)
        version, detail = await inner.handshake(), ""
    except (ssl.SSLError, ValueError, OSError) as error:  # a TimeoutError is an OSError
        detail = why(error, inner.bytes_out if inner is not None else 0)
    finally:  # also when the run ends during the handshake
        services.recorder.write(
            Tls(
                start, talk.client, talk.server, hello.sni, hello.alpn, version, bool(version), detail, chosen, hello.ja4,
                hello.hidden,
            )
        )  # fmt: skip
    if inner is None or not version:
        return None
    talk.host = hello.sni or talk.host
    return inner


def _protocol(offered: tuple[str, ...]) -> str:
    """The application protocol that is agreed on: HTTP's as servers prefer them, else what the client likes best; "" where it offers none.

    A server of whatever the client speaks would know that protocol's name.
    """
    known = [name for name in _PREFERRED if name in offered]
    return next((name for name in (*known, *offered) if _NAME.fullmatch(name)), "")


async def _hello(channel: Channel, data: bytes) -> tuple[bytes, ClientHello]:
    """Read on until the ClientHello is whole; raises ValueError when it never is, or is malformed."""
    while (body := handshake_message(data)) is None:
        more = await channel.read()
        if not more or len(data) > 2 * MESSAGE_LIMIT:
            raise ValueError("the client broke off in its first message")
        data += more
    return data, parse_client_hello(body)
