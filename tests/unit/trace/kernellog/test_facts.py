"""Records of TCP's states: addresses, and which protocols they are of."""

from __future__ import annotations

import struct

import pytest

from analyzer.trace.calls.states import States
from analyzer.trace.kernellog import facts
from analyzer.trace.kernellog.items import TcpState
from analyzer.trace.kernellog.records import SOCKET_STATE, Record
from analyzer.trace.logs.addresses import plain


def state(family: int = 10, protocol: int = 6, peer: bytes = bytes(16)) -> TcpState:
    payload = struct.pack("<HHHHII16s16s", family, protocol, 0, 443, 7, 2, bytes(16), peer)
    return facts.state(Record(SOCKET_STATE, 0, 10**9, 10, 10, 7, payload, 1))


@pytest.mark.parametrize(
    ("family", "peer", "told"),
    [
        (2, "c0000207" + "00" * 12, "192.0.2.7"),
        (10, "00" * 10 + "ffffc0000207", "192.0.2.7"),
        (10, "00" * 8 + "ffff0000c0000207", "::ffff:0:c000:207"),
        (10, "20010db8" + "00" * 11 + "01", "2001:db8::1"),
    ],
)
def test_only_a_mapped_address_is_told_as_the_one_in_it(family: int, peer: str, told: str) -> None:
    assert state(family, peer=bytes.fromhex(peer)).address == told
    assert plain(told) == told


@pytest.mark.parametrize(("protocol", "told"), [(6, 1), (262, 1), (33, 0), (132, 0)])
def test_states_of_other_protocols_are_passed_over(protocol: int, told: int) -> None:
    one = state(protocol=protocol)
    assert len(list(States().details(one))) == told
    assert (one.new == "SYN_SENT") == bool(told)
