"""Answers DNS messages: every name exists. No I/O; the messages may be hostile."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from dnslib import AAAA, CLASS, MX, NS, PTR, QR, QTYPE, RD, RR, SOA, TXT, A, DNSHeader, DNSQuestion, DNSRecord
from dnslib.buffer import BufferError as DnsBufferError
from dnslib.dns import DNSError
from dnslib.label import DNSBuffer, DNSLabelError

from internet.addresses import AddressBook

QUESTIONS: Final = 16
"""Questions of one message that are answered; ordinary ones have one."""

_TTL: Final = 300
_FORMAT_ERROR: Final = 1
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

    def __init__(self, book: AddressBook | None = None) -> None:
        self._book = book or AddressBook()

    def reply(self, message: bytes) -> Reply:
        """Answer one DNS message as it came from the wire, without TCP's length."""
        if len(message) < _HEADER_SIZE:
            return Reply(b"", (), "a DNS message is shorter than its header")
        try:
            buffer = DNSBuffer(message)
            header = DNSHeader.parse(buffer)
            if header.qr == QR.RESPONSE:
                return Reply(b"", (), "a DNS response came where a question was due")
            asked = [DNSQuestion.parse(buffer) for _ in range(min(header.q, QUESTIONS))]
            return self._answer(header, asked)
        except _UNREADABLE as error:
            return Reply(_format_error(message), (), f"a DNS message cannot be read: {type(error).__name__}")

    def _answer(self, header: DNSHeader, asked: list[DNSQuestion]) -> Reply:
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
        return Reply(bytes(reply.pack()), tuple(questions))

    def _records(self, question: DNSQuestion, name: str) -> list[RD]:
        """The record data for a question of class IN; none for other classes, nor for types without a usual answer."""
        if question.qclass != CLASS.IN:
            return []
        parent = name or "example.net"
        match str(QTYPE[question.qtype]):
            case "A" | "ANY":
                return [A(self._book.ipv4(name))]
            case "AAAA":
                return [AAAA(self._book.ipv6(name))]
            case "MX":
                return [MX(f"mail.{parent}", 10)] if len(parent) < 200 else []
            case "NS":
                return [NS(f"ns{number}.{parent}") for number in (1, 2)] if len(parent) < 200 else []
            case "TXT":
                return [TXT("v=spf1 mx -all")]
            case "SOA":
                return (
                    [SOA(f"ns1.{parent}", f"hostmaster.{parent}", (1, 7200, 3600, 1209600, 300))]
                    if len(parent) < 200
                    else []
                )
            case "PTR":
                return [PTR(self._pointer(name))]
            case _:
                return []

    def _pointer(self, name: str) -> str:
        """The name of an address in its in-addr.arpa form: the one that was given out, or a provider's."""
        labels = name.removesuffix(".in-addr.arpa").split(".")
        address = ".".join(reversed(labels))
        if len(labels) == 4 and all(label.isdigit() and len(label) < 4 for label in labels):
            return self._book.name(address) or f"{'-'.join(reversed(labels))}.static.example.net"
        return "host.static.example.net"


def _answer_type(data: RD) -> int:
    return int(getattr(QTYPE, type(data).__name__))


def _text(data: RD) -> str:
    return data.toZone().rstrip(".") if isinstance(data, PTR | NS) else str(data.toZone())


def _format_error(message: bytes) -> bytes:
    """The header of a FORMERR answer to a message whose identifier can be read (RFC 1035, section 4.1.1)."""
    flags = 0x8080 | (message[2] & 0x79) << 8 | _FORMAT_ERROR
    return message[:2] + struct.pack("!HHHHH", flags, 0, 0, 0, 0)
