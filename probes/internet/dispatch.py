"""One conversation: what the client says first decides who answers it, inside TLS and tunnels again."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol, cast

from internet.conversation import MalformedError
from internet.encryption import encrypt
from internet.recognise import Spoken, recognise
from internet.settings import BANNER_WAIT

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

DEPTH: Final = 6
"""TLS in a tunnel in TLS … is followed this far."""

_GREETED: Final = {
    **dict.fromkeys((25, 465, 587, 1025, 2525, 8025, 10025), Spoken.SMTP), **dict.fromkeys((21, 990, 2121), Spoken.FTP),
    **dict.fromkeys((22, 2022, 2222, 22222), Spoken.SSH), **dict.fromkeys((23, 2323), Spoken.TELNET),
    **dict.fromkeys((110, 995), Spoken.POP3), **dict.fromkeys((143, 993), Spoken.IMAP),
}  # fmt: skip
"""Ports on which the server is the one who begins."""
_SERVERS: Final = {
    Spoken.HTTP: "internet.web:serve_http",
    Spoken.HTTP2: "internet.web2:serve_http2",
    Spoken.SMTP: "internet.protocols.smtp:serve_smtp",
    Spoken.FTP: "internet.protocols.ftp:serve_ftp",
    Spoken.SSH: "internet.protocols.ssh:serve_ssh",
    Spoken.IRC: "internet.protocols.irc:serve_irc",
    Spoken.REDIS: "internet.protocols.redis:serve_redis",
    Spoken.MQTT: "internet.protocols.mqtt:serve_mqtt",
    Spoken.STRATUM: "internet.protocols.stratum:serve_stratum",
    Spoken.SOCKS: "internet.protocols.socks:serve_socks",
    Spoken.POP3: "internet.protocols.mailbox:serve_pop3",
    Spoken.IMAP: "internet.protocols.mailbox:serve_imap",
    Spoken.TELNET: "internet.protocols.telnet:serve_telnet",
    Spoken.DNS: "internet.protocols.names:serve_dns",
    Spoken.OTHER: "internet.protocols.unknown:serve_unknown",
}
"""Who speaks what, as module and function; imported when first needed, since starting fast is part of the contract."""


class Serve(Protocol):
    """What every protocol's function looks like (`internet.protocols`)."""

    async def __call__(
        self, channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
    ) -> bytes | None:
        """Answer until the client ends; bytes begin another conversation on the same channel."""
        ...


def server(spoken: Spoken) -> Serve:
    """Who answers this protocol."""
    module, _, name = _SERVERS[spoken].partition(":")
    return cast("Serve", getattr(importlib.import_module(module), name))


async def converse(
    channel: Channel, talk: Conversation, services: Services, first: bytes = b"", *, depth: int = 0, tls: bool = False
) -> None:
    """Recognise what is spoken and speak it, until either side ends. Raises what the channel raises."""
    if await services.meetings.attend(channel, talk):
        return
    heard = len(talk.head)
    data, spoken = await _listen(channel, first, talk, services)
    if depth >= DEPTH:
        spoken = Spoken.OTHER
    if spoken is Spoken.TLS:
        talk.name("tls", told=False)
        inner = await encrypt(channel, data, talk, services)
        if inner is not None:
            del talk.head[heard:]
            await converse(inner, talk, services, depth=depth + 1, tls=True)
            await inner.close()
        return
    if spoken is not Spoken.OTHER:
        talk.name(spoken.value, told=True)
    try:
        rest = await server(spoken)(channel, data, talk, services, tls=tls)
    except MalformedError as error:
        services.recorder.note(f"malformed {spoken.value} to {talk.server[0]} port {talk.port}: {error}")
        return
    except EOFError:  # the client ended within what it said
        return
    if rest is not None:
        await converse(channel, talk, services, rest, depth=depth + 1)


async def _listen(channel: Channel, data: bytes, talk: Conversation, services: Services) -> tuple[bytes, Spoken]:
    """Read until it is clear what is spoken, or until it is clear that the server has to speak first."""
    greeted = _GREETED.get(talk.port)
    whole = False
    try:
        while (spoken := recognise(data, talk.port)) is Spoken.UNDECIDED:
            try:
                more = await channel.read(BANNER_WAIT if greeted and not data else None)
            except TimeoutError:
                if data or greeted is None:
                    raise
                whole = True
                return b"", greeted
            talk.heard(more)
            if not more:
                spoken = Spoken.OTHER
                break
            data += more
        whole = True
    finally:
        if data and not whole:  # the client went away, or the run ends, before anybody could tell what this was
            talk.name("unknown", told=False)
            talk.stream = talk.stream or services.sent.open()
            services.sent.add(talk.stream, "stream", data)
    return data, spoken
