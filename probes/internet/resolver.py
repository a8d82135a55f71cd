"""Answers DNS messages: every name exists. No I/O; the messages may be hostile."""

from __future__ import annotations

import ipaddress
import re
import struct
from dataclasses import dataclass
from typing import Final

from dnslib import (
    AAAA,
    CLASS,
    CNAME,
    EDNS0,
    MX,
    NS,
    PTR,
    QR,
    QTYPE,
    RD,
    RR,
    SOA,
    SRV,
    TXT,
    A,
    DNSHeader,
    DNSQuestion,
    DNSRecord,
)  # fmt: skip
from dnslib.buffer import BufferError as DnsBufferError
from dnslib.dns import DNSError
from dnslib.label import DNSBuffer, DNSLabelError

from internet.addresses import AddressBook
from internet.answers import Answers

QUESTIONS: Final = 16
"""Questions of one message that are answered; ordinary ones have one."""

_DATAGRAM_BYTES: Final = 512
"""The longest answer over UDP to a client that does not say what it takes (RFC 1035, section 4.2.1)."""
_EDNS_BYTES: Final = 1232
"""The longest that is sent, and taken, with EDNS: what passes every network (dnsflagday.net/2020)."""
_NAME_LIMIT: Final = 200
"""Names that get longer by a label of ours are left alone above it: 255 bytes are the most (RFC 1035, section 2.3.4)."""
_SERVICES: Final = {
    "_xmpp-client": 5222, "_xmpp-server": 5269, "_sip": 5060, "_sips": 5061, "_ldap": 389, "_kerberos": 88, "_mongodb": 27017,
    "_minecraft": 25565, "_imap": 143, "_imaps": 993, "_submission": 587, "_http": 80, "_matrix": 8448, "_stun": 3478,
}  # fmt: skip
"""Ports of services that are found by SRV records (IANA's list); others get 443."""
_TTL: Final = 300
_FORMAT_ERROR: Final = 1
_ADDITIONAL: Final = 8
_HEADER_SIZE: Final = 12
_UNREADABLE: Final = (DNSError, DnsBufferError, DNSLabelError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answers as text: `name` without the final dot, `type` such as A or TYPE65000."""

    name: str
    type: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send back (b"" for nothing), what was asked, and why the message could not be read ("" when it could)."""

    data: bytes
    questions: tuple[Question, ...]
    malformed: str = ""


class Resolver:
    """A name server for everything."""

    def __init__(self, book: AddressBook | None = None, answers: Answers | None = None) -> None:
        self._book = book or AddressBook()
        self._answers = answers or Answers()

    def name(self, address: str) -> str:
        """The name that was answered with this IPv4 address, "" where none was."""
        return self._book.name(address)

    def reply(self, message: bytes, *, datagram: bool = False) -> Reply:
        """Answer one DNS message as it came from the wire, without TCP's length; a `datagram`'s answer is cut where it is too long."""
        if len(message) < _HEADER_SIZE:
            return Reply(b"", (), "a DNS message is shorter than its header")
        try:
            buffer = DNSBuffer(message)
            header = DNSHeader.parse(buffer)
            if header.qr == QR.RESPONSE:
                return Reply(b"", (), "a DNS response came where a question was due")
            asked = [DNSQuestion.parse(buffer) for _ in range(min(header.q, QUESTIONS))]
            return self._answer(header, asked, _accepted(header, buffer), datagram=datagram)
        except _UNREADABLE as error:
            return Reply(_format_error(message), (), f"a DNS message cannot be read: {type(error).__name__}")

    def _answer(self, header: DNSHeader, asked: list[DNSQuestion], accepted: int, *, datagram: bool) -> Reply:
        """Answer what was asked; an operation other than a query gets an empty answer."""
        reply = DNSRecord(DNSHeader(id=header.id, bitmap=header.bitmap, qr=1, aa=0, ra=1, rcode=0, tc=0))
        questions = []
        for question in asked:
            reply.add_question(question)
            name = str(question.qname).rstrip(".")
            answers = self._records(question, name.lower())
            for data in answers:
                reply.add_answer(RR(question.qname, _answer_type(data), question.qclass, _TTL, data))
            questions.append(Question(name, str(QTYPE[question.qtype]), tuple(_text(data) for data in answers)))
        if asked and not reply.rr:
            parent = questions[0].name.lower()
            reply.add_auth(*(RR(asked[0].qname, QTYPE.SOA, CLASS.IN, _TTL, data) for data in _authority(parent)))
        if accepted:
            reply.add_ar(EDNS0(udp_len=_EDNS_BYTES))
        data = bytes(reply.pack())
        if datagram and len(data) > max(_DATAGRAM_BYTES, min(accepted, _EDNS_BYTES)):
            reply.rr, reply.auth, reply.header.tc = [], [], 1
            data = bytes(reply.pack())
        return Reply(data, tuple(questions))

    def _records(self, question: DNSQuestion, name: str) -> list[RD]:
        """The record data for a question of class IN; none for other classes, nor for types without a usual answer."""
        if question.qclass != CLASS.IN:
            return []
        kind = str(QTYPE[question.qtype])
        laid = self._answers.records(name, kind)
        if laid is not None:
            return _laid_down(kind, laid)
        match kind:
            case "A" | "ANY":
                return [A(self._book.ipv4(name))]
            case "AAAA":
                return [AAAA(self._book.ipv6(name))]
            case "PTR":
                return [PTR(self._pointer(name))]
            case "SRV":
                return _service(name)
            case "CNAME":
                return [CNAME(name.removeprefix("www."))] if name.startswith("www.") else []
            case _:
                return _of_domain(kind, name or "example.net")

    def _pointer(self, name: str) -> str:
        """The name of an address in its in-addr.arpa or ip6.arpa form: the one that was given out, or a provider's."""
        address = _reversed(name)
        if not address:
            return "host.static.example.net"
        return self._book.name(address) or f"{re.sub('[.:]+', '-', address)}.static.example.net"


def _reversed(name: str) -> str:
    """The address in a name of a reverse zone (RFC 1035, section 3.5; RFC 3596, section 2.5), "" where it is none."""
    four, six = name.removesuffix(".in-addr.arpa").split("."), name.removesuffix(".ip6.arpa").split(".")
    try:
        if len(four) == 4:
            return str(ipaddress.IPv4Address(".".join(reversed(four))))
        if len(six) == 32:
            return str(ipaddress.IPv6Address(int("".join(reversed(six)), 16)))
    except ValueError:
        return ""
    return ""


def _of_domain(kind: str, name: str) -> list[RD]:
    """What a domain has about itself; nothing for types such as CAA and HTTPS, which most domains do not have."""
    if kind == "TXT":
        return [TXT("v=spf1 mx -all")]
    if len(name) >= _NAME_LIMIT:
        return []
    if kind == "MX":
        return [MX(f"mail.{name}", 10)]
    if kind == "NS":
        return [NS(f"ns{number}.{name}") for number in (1, 2)]
    return _authority(name) if kind == "SOA" else []


def _authority(name: str) -> list[RD]:
    """The start of a zone, which also stands beside answers without records (RFC 2308, section 2.2)."""
    if len(name) >= _NAME_LIMIT:
        return []
    return [SOA(f"ns1.{name}".rstrip("."), f"hostmaster.{name}".rstrip("."), (1, 7200, 3600, 1209600, 300))]


def _service(name: str) -> list[RD]:
    """Where a service is, of a name such as _sip._udp.corp.example (RFC 2782): at the domain's own address."""
    service, _, rest = name.partition(".")
    protocol, _, domain = rest.partition(".")
    if not (service.startswith("_") and protocol in {"_tcp", "_udp", "_tls"} and domain):
        return []
    return [SRV(0, 5, _SERVICES.get(service, 443), domain)]


def _accepted(header: DNSHeader, buffer: DNSBuffer) -> int:
    """How long an answer the client takes, as it says with EDNS (RFC 6891, section 6.1.2); 0 where it does not."""
    if header.a or header.auth or not 0 < header.ar <= _ADDITIONAL or header.q > QUESTIONS:
        return 0
    try:
        records = [RR.parse(buffer) for _ in range(header.ar)]
    except _UNREADABLE:  # what stands behind the questions is not needed to answer them
        return 0
    return next((max(int(record.rclass), 1) for record in records if record.rtype == QTYPE.OPT), 0)


def _laid_down(kind: str, laid: tuple[str, ...]) -> list[RD]:
    """Record data as they stand in a zone file; the analyzer has tried that they can be read."""
    return [one.rdata for data in laid for one in RR.fromZone(f"a.example. {_TTL} IN {kind} {data}\n")]


def _answer_type(data: RD) -> int:
    return int(getattr(QTYPE, type(data).__name__))


def _text(data: RD) -> str:
    return data.toZone().rstrip(".") if isinstance(data, PTR | NS) else str(data.toZone())


def _format_error(message: bytes) -> bytes:
    """The header of a FORMERR answer to a message whose identifier can be read (RFC 1035, section 4.1.1)."""
    flags = 0x8080 | (message[2] & 0x79) << 8 | _FORMAT_ERROR
    return message[:2] + struct.pack("!HHHHH", flags, 0, 0, 0, 0)
