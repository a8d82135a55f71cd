"""The log's lines and its budget, and the other small tables."""

from __future__ import annotations

import base64
import os
import socket
import struct
from typing import TYPE_CHECKING

import pytest
from internet.capture import file_header, packet_header
from internet.listeners import Listener, from_kernel, from_tables, parse_reply, parse_table
from internet.network import rules
from internet.recorder import RESERVE, Recorder
from internet.settings import LISTENER_PORT, OWN_ADDRESS
from internet.wire import TEXT_LIMIT, Begin, Capture, Dns, Udp, encode

from tests.unit.internet.talking import lines

if TYPE_CHECKING:
    from pathlib import Path


def udp(head: bytes) -> Udp:
    return Udp(1.5, ("192.0.2.1", 1), ("198.51.100.7", 2), len(head), "unknown", head)


def test_a_line_is_ascii_and_hostile_text_is_cut(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "exchanges.jsonl", 1 << 20)
    recorder.write(Begin(1, 0.0, LISTENER_PORT, "192.0.2.53", "192.0.2.1", ""))
    recorder.write(Dns(0.0, "udp", ("a", 1), ("b", 2), "\udcff\n\x1b[31m" + "é" * 9999, "A", ("x",)))
    recorder.write(udp(b"\xff\x00"))
    recorder.close()
    begin, dns, datagram, end = lines(tmp_path)
    assert begin["kind"] == "begin"
    assert list(begin) == ["kind", "format", "time", "listener", "dns", "address", "address6"]
    assert len(dns["name"]) == TEXT_LIMIT
    assert dns["client"] == ["a", 1]
    assert base64.b64decode(datagram["head"]) == b"\xff\x00"
    assert end["kind"] == "end"


def test_a_spent_budget_is_told_and_the_end_is_written(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "exchanges.jsonl", RESERVE + 3 * len(encode(udp(b"x" * 900))))
    for _ in range(10):
        recorder.write(udp(b"x" * 900))
    recorder.write(Capture(0.0, 1, 0, cut=False))
    recorder.close()
    assert [record["kind"] for record in lines(tmp_path)] == ["udp", "udp", "udp", "limit", "capture", "limit", "end"]
    assert lines(tmp_path, "limit")[1]["detail"] == "7 exchanges are not in the log"


def test_a_limit_is_told_once(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "exchanges.jsonl", 1 << 20)
    for _ in range(3):
        recorder.limit("too much")
    recorder.close()
    assert len(lines(tmp_path, "limit")) == 1


def test_listening_sockets_of_both_tables() -> None:
    rest = "00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0"
    heading = "  sl  local_address rem_address   st ..."
    four = struct.pack(">I", *struct.unpack("=I", bytes((127, 0, 0, 1)))).hex().upper()
    table = [heading, f"   0: {four}:1F90 00000000:0000 0A {rest}", f"   1: {four}:1F91 00000000:0000 01 {rest}"]
    assert list(parse_table(table)) == [Listener("127.0.0.1", 8080, 4711)]
    six = [heading, f"   0: {'0' * 32}:0050 {'0' * 32}:0000 0A {rest}"]
    (listener,) = parse_table(six)
    assert (listener.address, listener.reachable) == ("::", "::1")


def test_the_kernel_and_its_tables_tell_the_same() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as four,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as six,
    ):
        mine = [
            Listener(server.getsockname()[0], server.getsockname()[1], os.fstat(server.fileno()).st_ino)
            for server in (four, six)
        ]
        for found in (from_kernel(), from_tables()):
            assert [listener for listener in found if listener in mine] == mine


def test_a_refusal_of_the_kernel_is_an_error() -> None:
    with pytest.raises(OSError, match="does not list"):
        parse_reply(struct.pack("=IHHIIi", 36, 2, 0, 1, 0, -2) + bytes(16))


def test_rules_without_ipv6_name_none() -> None:
    assert f"tproxy ip6 to :{LISTENER_PORT}" in rules()
    assert "ip6" not in rules(ipv6=False)


def test_a_network_that_is_off_steers_nothing_and_refuses_what_is_not_the_machine_s_own() -> None:
    off = rules(off=True)
    assert "tproxy" not in off
    own, refuse = (
        off.index(f"daddr {{ 127.0.0.0/8, {OWN_ADDRESS} }} accept", off.index("hook input")),
        off.index("tcp reject with"),
    )
    assert own < refuse < off.rindex("drop")
    assert "reject with icmpx" not in rules()


def test_capture_file_headers() -> None:
    assert struct.unpack("=IHHiIII", file_header()) == (0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
    assert struct.unpack("=IIII", packet_header(1_000_000_123_456, 5, 9)) == (1000, 123, 5, 9)
