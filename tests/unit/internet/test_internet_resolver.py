"""DNS answers."""

from __future__ import annotations

import ipaddress
import struct

import pytest
from dnslib import EDNS0, QTYPE, RCODE, DNSRecord
from hypothesis import given
from hypothesis import strategies as st
from internet.addresses import AddressBook, plain
from internet.resolver import QUESTIONS, Question, Resolver

DOCUMENTATION = [ipaddress.ip_network(text) for text in ("198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]


def ask(resolver: Resolver, name: str, kind: str) -> tuple[DNSRecord, tuple[Question, ...]]:
    query = DNSRecord.question(name, kind)
    reply = resolver.reply(query.pack())
    assert reply.malformed == ""
    answer = DNSRecord.parse(reply.data)
    assert answer.header.id == query.header.id
    assert answer.header.rcode == RCODE.NOERROR
    return answer, reply.questions


@pytest.mark.parametrize("kind", ["A", "AAAA"])
def test_every_name_has_one_address_of_the_documentation_ranges(kind: str) -> None:
    resolver = Resolver()
    answer, questions = ask(resolver, "www.shop.example", kind)
    address = str(answer.a.rdata)
    assert any(ipaddress.ip_address(address) in network for network in DOCUMENTATION)
    assert questions == (Question("www.shop.example", kind, (address,)),)
    again, _ = ask(resolver, "WWW.shop.Example", kind)
    assert str(again.a.rdata) == address


def test_names_share_an_address_only_when_all_are_given_out() -> None:
    book = AddressBook()
    addresses = {book.ipv4(f"host{number}.example") for number in range(508)}
    assert len(addresses) == 508
    assert book.ipv4("one-too-many.example") in addresses


@pytest.mark.parametrize(
    ("name", "kind", "answers"),
    [
        ("corp.example", "MX", ("10 mail.corp.example.",)),
        ("corp.example", "TXT", ('"v=spf1 mx -all"',)),
        ("corp.example", "NS", ("ns1.corp.example", "ns2.corp.example")),
        ("9.100.51.198.in-addr.arpa", "PTR", ("198-51-100-9.static.example.net",)),
        ("9.100.51.198.999.in-addr.arpa", "PTR", ("host.static.example.net",)),
        ("www.corp.example", "CNAME", ("corp.example.",)),
        ("corp.example", "CNAME", ()),
        ("_xmpp-client._tcp.corp.example", "SRV", ("0 5 5222 corp.example.",)),
        ("_other._tcp.corp.example", "SRV", ("0 5 443 corp.example.",)),
        ("corp.example", "SRV", ()),
        ("corp.example", "CAA", ()),
        ("corp.example", "HTTPS", ()),
    ],
)
def test_other_types(name: str, kind: str, answers: tuple[str, ...]) -> None:
    answer, questions = ask(Resolver(), name, kind)
    assert questions[0].answers == answers
    assert len(answer.rr) == len(answers)


@pytest.mark.parametrize("kind", ["A", "AAAA"])
def test_an_address_leads_back_to_the_name_that_it_was_given_to(kind: str) -> None:
    resolver = Resolver()
    address = str(ask(resolver, "www.shop.example", kind)[0].a.rdata)
    reverse = ipaddress.ip_address(address).reverse_pointer
    assert ask(resolver, reverse, "PTR")[1][0].answers == ("www.shop.example",)


def test_an_unknown_ipv6_address_has_a_name_too() -> None:
    reverse = ipaddress.ip_address("2001:db8::7").reverse_pointer
    assert ask(Resolver(), reverse, "PTR")[1][0].answers == ("2001-db8-7.static.example.net",)


def test_an_answer_without_records_names_the_zone() -> None:
    answer, _ = ask(Resolver(), "corp.example", "CAA")
    assert [str(record.rname) for record in answer.auth] == ["corp.example."]
    assert QTYPE[answer.auth[0].rtype] == "SOA"
    assert not ask(Resolver(), "corp.example", "A")[0].auth


def long_query(accepted: int) -> bytes:
    """Questions with an answer of more than 512 bytes; EDNS says what the client accepts, where that is not 0."""
    query = DNSRecord.question("a" * 60 + ".example", "AAAA")
    for _ in range(QUESTIONS - 1):
        query.add_question(query.q)
    if accepted:
        query.add_ar(EDNS0(udp_len=accepted))
    return bytes(query.pack())


@pytest.mark.parametrize(("accepted", "cut"), [(0, True), (600, True), (512, True), (4096, False), (1, True)])
def test_a_datagram_is_cut_to_what_the_client_accepts(accepted: int, cut: bool) -> None:
    whole = DNSRecord.parse(Resolver().reply(long_query(accepted)).data)
    assert len(whole.rr) == QUESTIONS
    assert not whole.header.tc
    reply = Resolver().reply(long_query(accepted), datagram=True)
    answer = DNSRecord.parse(reply.data)
    assert (bool(answer.header.tc), len(answer.rr)) == ((True, 0) if cut else (False, QUESTIONS))
    assert len(reply.questions) == QUESTIONS


def test_edns_is_answered_with_edns() -> None:
    query = DNSRecord.question("a.example")
    query.add_ar(EDNS0(flags="do", udp_len=4096))
    answer = DNSRecord.parse(Resolver().reply(query.pack()).data)
    assert [(QTYPE[record.rtype], record.rclass) for record in answer.ar] == [("OPT", 1232)]
    assert not ask(Resolver(), "a.example", "A")[0].ar


def test_an_unknown_type_and_the_longest_name_are_answered() -> None:
    longest = ".".join(["a" * 63] * 3 + ["b" * 61])
    for kind in ("MX", "NS", "SOA", "A"):
        ask(Resolver(), longest, kind)
    query = bytearray(DNSRecord.question("a.example").pack())
    query[-4:-2] = struct.pack("!H", 65_280)
    assert Resolver().reply(bytes(query)).questions[0].type == "TYPE65280"


def test_only_so_many_questions_of_a_message_are_answered() -> None:
    query = DNSRecord.question("a.example")
    for _ in range(100):
        query.add_question(query.q)
    assert len(Resolver().reply(query.pack()).questions) == QUESTIONS


def test_a_malformed_query_gets_a_format_error() -> None:
    message = struct.pack("!HHHHHH", 0x1234, 0x0100, 1, 0, 0, 0) + b"\x3fcut"
    reply = Resolver().reply(message)
    assert reply.malformed
    assert reply.data[:2] == b"\x12\x34"
    assert DNSRecord.parse(reply.data).header.rcode == RCODE.FORMERR


def test_a_response_is_not_answered() -> None:
    assert Resolver().reply(DNSRecord.question("a.example").reply().pack()).data == b""


@given(st.binary(max_size=300))
def test_any_bytes_are_answered_or_told_malformed(data: bytes) -> None:
    reply = Resolver().reply(data)
    assert reply.data or reply.malformed


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=6), st.sampled_from(sorted(QTYPE.reverse)))
def test_a_changed_query_is_answered_or_told_malformed(changes: list[tuple[int, int]], kind: str) -> None:
    query = bytearray(DNSRecord.question("some.host.example", kind).pack())
    for at, value in changes:
        query[at % len(query)] = value
    reply = Resolver().reply(bytes(query))
    assert reply.data or reply.malformed
    assert len(reply.data) < 2048


@pytest.mark.parametrize(
    ("address", "text"),
    [("::ffff:198.51.100.7", "198.51.100.7"), ("fe80::1%lo", "fe80::1"), ("2001:db8::1", "2001:db8::1")],
)
def test_plain(address: str, text: str) -> None:
    assert plain(address) == text
