"""UDP packets that are made by hand, checked by scapy."""

from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from internet.datagrams import datagram, ntp_answer, original_destination, stun_answer
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6


@given(st.binary(max_size=100), st.integers(1, 65_535), st.integers(1, 65_535))
@pytest.mark.parametrize(
    ("layer", "source", "destination"), [(IP, "198.51.100.7", "192.0.2.1"), (IPv6, "2001:db8::7", "2001:db8::1")]
)
def test_datagram(layer: type, source: str, destination: str, payload: bytes, begin: int, end: int) -> None:
    packet = layer(datagram((source, begin), (destination, end), payload))
    assert (packet.src, packet.dst, packet[UDP].sport, packet[UDP].dport) == (source, destination, begin, end)
    assert bytes(packet[UDP])[8:] == payload
    sum_sent = packet[UDP].chksum
    del packet[UDP].chksum
    assert layer(bytes(packet))[UDP].chksum == sum_sent


def test_the_original_destination_of_both_families() -> None:
    four = struct.pack("=H", socket.AF_INET) + struct.pack("!H", 5353) + bytes((198, 51, 100, 7)) + bytes(8)
    assert original_destination(socket.SOL_IP, 20, four) == ("198.51.100.7", 5353)
    six = (
        struct.pack("=H", socket.AF_INET6)
        + struct.pack("!HI", 9, 0)
        + socket.inet_pton(socket.AF_INET6, "2001:db8::7")
        + bytes(4)
    )
    assert original_destination(socket.IPPROTO_IPV6, 74, six) == ("2001:db8::7", 9)
    assert original_destination(socket.SOL_IP, 20, b"short") is None
    assert original_destination(socket.SOL_IP, 1, four) is None


def test_ntp() -> None:
    request = bytes((0x23, 0, 6, 0xEC)) + bytes(36) + b"ORIGINAL"
    answer = ntp_answer(request)
    assert len(answer) == 48
    assert answer[0] == 0x24
    assert answer[24:32] == b"ORIGINAL"
    assert struct.unpack("!I", answer[40:44])[0] > 3_900_000_000
    assert ntp_answer(b"\x23") == b""
    assert ntp_answer(bytes(48)) == b""


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::9"])
def test_stun(address: str) -> None:
    """Read as RFC 8489, section 14.2, has it: port and address are masked with the cookie and the transaction."""
    request = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"transaction."
    answer = stun_answer(request, (address, 4660))
    kind, size = struct.unpack("!HH", answer[:4])
    assert (kind, size, answer[4:20]) == (0x0101, len(answer) - 20, request[4:])
    attribute, length, family, port = struct.unpack("!HHxBH", answer[20:28])
    assert (attribute, length, family) == (0x0020, len(answer) - 24, 1 if "." in address else 2)
    assert port ^ 0x2112 == 4660
    packed = bytes(octet ^ mask for octet, mask in zip(answer[28:], request[4:], strict=False))
    assert packed == socket.inet_pton(socket.AF_INET if family == 1 else socket.AF_INET6, address)


@given(st.binary(max_size=40))
def test_nothing_else_is_answered_as_stun(data: bytes) -> None:
    assert bool(stun_answer(data, ("192.0.2.1", 1))) == (
        len(data) >= 20 and data[:2] == b"\0\1" and data[4:8] == b"\x21\x12\xa4\x42"
    )
