"""UDP packets that are made by hand, checked by scapy."""

from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from internet.datagrams import datagram, ntp_answer, original_destination
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
