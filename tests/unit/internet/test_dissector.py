"""The dissector on captures that scapy writes, whole and broken."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from dissector.dissection import dissect
from dissector.greetings import http_request, tls_greeting
from dissector.output import PAYLOADS
from dissector.packets import CaptureError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from internet.capture import file_header, packet_header
from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import ARP, Ether

from tests.unit.internet.test_internet_hello import client_hello

PROBES = Path(__file__).resolve().parents[3] / "probes"
HERE, THERE = "192.0.2.1", "198.51.100.7"
FRAME = Ether(
    src="00:00:00:00:00:00", dst="00:00:00:00:00:00"
)  # without addresses scapy would ask the network for them


def tcp(flags: str, seq: int, payload: bytes = b"", *, back: bool = False, port: int = 40_000) -> bytes:
    begin, end = (THERE, HERE) if back else (HERE, THERE)
    ports: dict[str, Any] = {"sport": 80, "dport": port} if back else {"sport": port, "dport": 80}
    return bytes(FRAME / IP(src=begin, dst=end) / TCP(**ports, flags=flags, seq=seq) / payload)


def call(request: bytes, answer: bytes, seq: int = 1000) -> list[bytes]:
    return [
        tcp("S", seq),
        tcp("SA", 5000, back=True),
        tcp("A", seq + 1),
        tcp("PA", seq + 1, request),
        tcp("PA", seq + 1, request),  # sent again
        tcp("PA", 5001, answer, back=True),
        tcp("FA", (seq + 1 + len(request)) % 2**32),
    ]


def save(path: Path, frames: list[bytes]) -> Path:
    records = [
        packet_header((100 + number) * 10**9, len(frame), len(frame)) + frame for number, frame in enumerate(frames)
    ]
    path.write_bytes(file_header() + b"".join(records))
    return path


def result(
    tmp_path: Path, frames: list[bytes], dialled: frozenset[tuple[str, int]] = frozenset(), limit: int = 1000
) -> list[Any]:
    out = StringIO()
    dissect(save(tmp_path / "c.pcap", frames), out, dialled, limit)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def of(records: list[Any], kind: str) -> list[Any]:
    return [record for record in records if record["kind"] == kind]


def test_a_connection_is_one_flow_and_each_byte_counts_once(tmp_path: Path) -> None:
    request = b"POST /x HTTP/1.1\r\nHost: a.example\r\n\r\n"
    records = result(tmp_path, call(request, b"answer"))
    (flow,) = of(records, "flow")
    assert flow == {
        "kind": "flow", "transport": "tcp", "source": [HERE, 40_000], "destination": [THERE, 80], "first": 100.0,
        "last": 106.0, "sent": len(request), "received": 6, "packets": 7, "established": True, "dialled": False,
    }  # fmt: skip
    http = of(records, "http")[0]
    assert (http["method"], http["target"], http["host"]) == ("POST", "/x", "a.example")
    assert records[-1] == {"kind": "end", "packets": 7, "undissected": 0}


def test_the_same_ports_again_are_another_flow(tmp_path: Path) -> None:
    flows = of(result(tmp_path, call(b"a", b"b") + call(b"abc", b"b", seq=2**32 - 2)), "flow")
    assert [flow["sent"] for flow in flows] == [1, 3]


def test_a_refused_call_is_not_established(tmp_path: Path) -> None:
    (flow,) = of(result(tmp_path, [tcp("S", 1), tcp("RA", 0, back=True)]), "flow")
    assert not flow["established"]


def test_a_flow_whose_call_was_missed_is_turned_right(tmp_path: Path) -> None:
    (flow,) = of(result(tmp_path, [tcp("SA", 5000, back=True), tcp("A", 2)]), "flow")
    assert flow["source"] == [HERE, 40_000]


def test_a_call_of_the_dialler_is_marked(tmp_path: Path) -> None:
    (flow,) = of(result(tmp_path, call(b"a", b"b"), frozenset({(HERE, 40_000)})), "flow")
    assert flow["dialled"]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_question_gets_its_answers(tmp_path: Path, transport: str) -> None:
    question = DNS(id=7, qd=[DNSQR(qname="www.shop.example", qtype="A")])
    answer = DNS(
        id=7, qr=1, qd=[DNSQR(qname="www.shop.example")], an=[DNSRR(rrname="www.shop.example", rdata="203.0.113.5")]
    )

    def frame(message: DNS, begin: str, end: str, ports: dict[str, Any]) -> bytes:
        data = bytes(message)
        inner = (
            UDP(**ports) / data
            if transport == "udp"
            else TCP(**ports, flags="PA") / (len(data).to_bytes(2, "big") + data)
        )
        return bytes(FRAME / IP(src=begin, dst=end) / inner)

    frames = [
        frame(question, HERE, THERE, {"sport": 5, "dport": 53}),
        frame(answer, THERE, HERE, {"sport": 53, "dport": 5}),
    ]
    (dns,) = of(result(tmp_path, frames), "dns")
    assert (dns["name"], dns["type"], dns["answers"], dns["time"]) == ("www.shop.example", "A", ["203.0.113.5"], 100.0)
    assert dns["destination"] == [THERE, 53]
    (dns,) = of(result(tmp_path, frames[:1]), "dns")
    assert dns["answers"] == []


def test_other_protocols(tmp_path: Path) -> None:
    frames = [
        bytes(FRAME / IP(src=HERE, dst=THERE) / ICMP() / b"ping"),
        bytes(FRAME / IPv6(src="2001:db8::1", dst="2001:db8::2") / ICMPv6EchoRequest(data=b"ping")),
        bytes(FRAME / IP(src=HERE, dst=THERE, proto=132) / b"sctp"),
        bytes(FRAME / ARP()),
        b"\x00",
    ]
    records = result(tmp_path, frames)
    assert [(flow["transport"], flow["sent"]) for flow in of(records, "flow")] == [
        ("icmp", 4),
        ("icmp", 4),
        ("other", 4),
    ]
    assert records[-1]["undissected"] == 2


def test_a_greeting_is_read(tmp_path: Path) -> None:
    (tls,) = of(result(tmp_path, [tcp("PA", 1, client_hello())]), "tls")
    assert (tls["sni"], tls["alpn"]) == ("www.example", ["h2", "http/1.1"])


def test_the_number_of_packets_is_limited_and_told(tmp_path: Path) -> None:
    records = result(tmp_path, call(b"a", b"b"), limit=3)
    assert of(records, "limit")[0]["detail"] == "only the first 3 packets were dissected"
    assert records[-1]["packets"] == 3
    assert not of(result(tmp_path, call(b"a", b"b"), limit=7), "limit")


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.pcap"
    path.write_bytes(b"not a capture, but long enough for one")
    with pytest.raises(CaptureError, match="no packet capture"):
        dissect(path, StringIO(), frozenset(), 10)


MESSAGES = [
    *call(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", b"x"),
    tcp("PA", 1, client_hello()),
    bytes(FRAME / IP(src=HERE, dst=THERE) / UDP(sport=5, dport=53) / DNS(qd=[DNSQR(qname="a.example")])),
    bytes(
        FRAME / IPv6(src="2001:db8::1", dst="2001:db8::2") / UDP(sport=53, dport=5)
        / DNS(qr=1, qd=[DNSQR(qname="a.example")], an=[DNSRR(rrname="a.example", type="TXT", rdata=[b"x", b"y"])])
    ),
]  # fmt: skip


@given(
    st.sampled_from(MESSAGES),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8),
    st.integers(0, 2000),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
def test_a_changed_packet_is_dissected_or_counted(
    tmp_path: Path, frame: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(frame)
    for at, value in changes:
        data[at % len(data)] = value
    end = result(tmp_path, [bytes(data[: cut or len(data)]), tcp("S", 1)])[-1]
    assert end["packets"] == 2
    assert end["undissected"] in {0, 1}


@given(st.binary(max_size=300))
def test_greetings_of_any_bytes(data: bytes) -> None:
    http_request(data)
    tls_greeting(b"\x16\x03\x01\x00\x10\x01" + data)


def run(*arguments: str, modules: bool = False) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *(["-X", "importtime"] if modules else []), "-m", "dissector", *arguments]
    return subprocess.run(command, cwd=PROBES, capture_output=True, text=True, check=False)


def test_an_empty_capture_costs_no_import(tmp_path: Path) -> None:
    capture = save(tmp_path / "c.pcap", [])
    done = run(str(capture), str(tmp_path / "out.jsonl"), modules=True)
    assert done.returncode == 0
    assert "scapy" not in done.stderr
    assert (tmp_path / "out.jsonl").read_text().splitlines() == [
        '{"kind":"begin","format":1}',
        '{"kind":"end","packets":0,"undissected":0}',
    ]


def test_the_program_reads_the_calls_of_the_dialler(tmp_path: Path) -> None:
    log = tmp_path / "exchanges.jsonl"
    log.write_text('{"kind":"dial","source":["192.0.2.1",40000]}\n{"kind":"dial","sour\n')
    capture = save(tmp_path / "c.pcap", call(b"a", b"b"))
    done = run(str(capture), str(tmp_path / "out.jsonl"), "--dials", str(log))
    assert (done.returncode, done.stderr) == (0, "")
    assert '"dialled":true' in (tmp_path / "out.jsonl").read_text()


def test_a_missing_capture_is_one_line_and_status_3(tmp_path: Path) -> None:
    done = run(str(tmp_path / "none.pcap"), str(tmp_path / "out.jsonl"))
    assert done.returncode == 3
    assert done.stderr == f"dissector: {tmp_path}/none.pcap: No such file or directory\n"


def refusal(wanted: bytes, *, to: str = HERE, by: str = THERE, six: bool = False) -> bytes:
    """The kernel's answer to a datagram that was refused."""
    inner = wanted[14:]
    if six:
        return bytes(FRAME / IPv6(src=by, dst=to) / ICMPv6DestUnreach(code=4) / inner)
    return bytes(FRAME / IP(src=by, dst=to) / ICMP(type=3, code=3) / inner)


def test_that_a_datagram_was_refused_is_no_flow(tmp_path: Path) -> None:
    asked = bytes(FRAME / IP(src=HERE, dst=THERE) / UDP(sport=5000, dport=53) / b"x")
    asked6 = bytes(FRAME / IPv6(src="2001:db8::1", dst="2001:db8::2") / UDP(sport=5000, dport=53) / b"x")
    frames = [asked, refusal(asked), asked6, refusal(asked6, to="2001:db8::1", by="2001:db8::2", six=True)]
    flows = [line for line in result(tmp_path, frames) if line["kind"] == "flow"]
    assert [(flow["transport"], flow["packets"]) for flow in flows] == [("udp", 1), ("udp", 1)]


def test_a_refusal_of_nothing_or_to_somebody_else_is_told(tmp_path: Path) -> None:
    asked = bytes(FRAME / IP(src=HERE, dst=THERE) / UDP(sport=5000, dport=53) / b"x")
    answered = bytes(FRAME / IP(src=THERE, dst=HERE) / UDP(sport=53, dport=5000) / b"x")
    secret = refusal(answered, to=THERE, by=HERE)
    for frames in (
        [refusal(asked)],
        [asked, secret],
        [asked, bytes(FRAME / IP(src=THERE, dst=HERE) / ICMP(type=3) / b"E")],
    ):
        flows = [line["transport"] for line in result(tmp_path, frames) if line["kind"] == "flow"]
        assert "icmp" in flows


def test_what_other_protocols_carried_is_told_where_its_source_began(tmp_path: Path) -> None:
    ping = bytes(FRAME / IP(src=HERE, dst=THERE) / ICMP() / (b"loot" * 600))
    pong = bytes(FRAME / IP(src=THERE, dst=HERE) / ICMP(type="echo-reply") / (b"loot" * 600))
    gre = bytes(FRAME / IP(src=HERE, dst=THERE, proto=47) / b"tunnelled")
    told = of(result(tmp_path, [ping, pong, gre]), "payload")
    assert [(one["transport"], one["source"], one["destination"], one["size"]) for one in told] == [
        ("icmp", [HERE, 0], [THERE, 0], 2400),
        ("other", [HERE, 0], [THERE, 0], 9),
    ]
    assert b64decode(told[0]["head"]) == (b"loot" * 600)[:1536]
    assert b64decode(told[1]["head"]) == b"tunnelled"


def test_payloads_are_counted_and_cut(tmp_path: Path) -> None:
    frames = [bytes(FRAME / IP(src=HERE, dst=THERE, proto=47) / b"x") for _ in range(PAYLOADS + 2)]
    records = result(tmp_path, frames, limit=PAYLOADS + 10)
    assert len(of(records, "payload")) == PAYLOADS
    assert len(of(records, "limit")) == 1
