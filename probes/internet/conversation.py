"""What all conversations of the simulated internet share: who talks to whom, and the services that they use."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from internet.answers import Answers
from internet.meetings import Meetings
from internet.wire import Dns

if TYPE_CHECKING:
    from internet.authority import Authority
    from internet.recorder import Recorder
    from internet.resolver import Reply, Resolver
    from internet.sent import Sent
    from internet.settings import Limits
    from internet.wire import Address


class MalformedError(Exception):
    """A client said what its protocol does not allow; the message says what."""


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that are made once per run."""

    recorder: Recorder
    authority: Authority
    resolver: Resolver
    limits: Limits
    sent: Sent
    meetings: Meetings = field(default_factory=Meetings)
    answers: Answers = field(default_factory=Answers)

    def resolve(
        self, message: bytes, transport: str, client: Address, server: Address, *, datagram: bool = False
    ) -> Reply:
        """The resolver's reply to a DNS message that came by udp, tcp, tls or https, with its questions written down."""
        reply = self.resolver.reply(message, datagram=datagram)
        if reply.malformed:
            self.recorder.note(f"malformed: {reply.malformed}")
        for asked in reply.questions:
            self.recorder.write(Dns(time.time(), transport, client, server, asked.name, asked.type, asked.answers))
        return reply


@dataclass(slots=True)
class Conversation:
    """One TCP connection as it goes on. `head` keeps the first bytes from the client, `port` the one that URLs mean."""

    client: Address
    server: Address
    time: float
    keep: int
    port: int
    protocol: str = "silent"
    told: bool = False
    """Whether lines of their own tell the content, so that the head need not."""
    head: bytearray = field(default_factory=bytearray)
    stream: int = 0
    """Under which number what is sent is kept."""
    host: str = ""
    """The name that the client asked for (server name of TLS, target of a tunnel); "" where it said none."""

    def heard(self, data: bytes) -> None:
        """Keep bytes of the client as long as there is room."""
        room = self.keep - len(self.head)
        if room > 0:
            self.head += data[:room]

    def name(self, protocol: str, *, told: bool) -> None:
        """Name the connection by what was spoken first and outermost; what is inside only tells whether lines tell it."""
        self.told = told
        if self.protocol == "silent":
            self.protocol = protocol
