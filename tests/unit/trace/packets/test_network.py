from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.event import NetworkDns, NetworkExchange, NetworkFlow, NetworkHttp, NetworkStream, NetworkTls
from analyzer.trace.packets import network
from analyzer.trace.timeline import Timeline, add_network
from tests.unit.trace.making import SITE, lines, probe_line, step

CLIENT, SERVER = ["192.168.1.23", 40000], ["192.0.2.1", 80]
END = json.dumps({"kind": "end", "time": 9.0})
PACKETS_END = json.dumps({"kind": "end", "packets": 4, "undissected": 0})


def line(kind: str, **fields: Any) -> str:
    return json.dumps(
        {"kind": kind, "time": 1000.5, "client": CLIENT, "server": SERVER, "source": CLIENT, "destination": SERVER}
        | fields
    )


def flow(**fields: Any) -> str:
    shape = {
        "transport": "tcp",
        "first": 1000.4,
        "last": 1000.9,
        "sent": 5,
        "received": 7,
        "packets": 9,
        "established": True,
        "dialled": False,
    }
    return line("flow", **(shape | fields))


def http(**fields: Any) -> str:
    shape = {
        "method": "GET",
        "url": "http://a.example/x",
        "host": "a.example",
        "path": "/x",
        "status": 200,
        "request_bytes": 0,
        "response_bytes": 4,
        "tls": False,
    }
    return line("http", **(shape | fields))


PLAIN = line("http", method="GET", target="/x", host="a.example")
HELLO = line("tls", sni="a.example", alpn=["h2"])


def seen(exchanges: list[str], packets: list[str]) -> list[object]:
    record = network.read([*exchanges, END], [*packets, PACKETS_END])
    assert (record.broken, record.reasons, record.finished, record.served) == (0, [], True, True)
    return [one.detail for one in record.seen]


def test_flows() -> None:
    assert seen([], [flow()]) == [
        NetworkFlow("tcp", "192.0.2.1", 80, 5, 7, established=True, incoming=False, own_port=40000, duration=0.5)
    ]


def test_a_dialled_flow_is_seen_from_the_packages_side() -> None:
    found = seen([], [flow(source=["198.51.100.9", 5], destination=["192.168.1.23", 8000], dialled=True)])
    (only,) = found
    assert isinstance(only, NetworkFlow)
    assert (only.address, only.port, only.own_port, only.sent, only.received) == ("198.51.100.9", 5, 8000, 7, 5)
    assert only.incoming


def test_the_diallers_request_is_not_the_packages() -> None:
    assert [type(one) for one in seen([], [PLAIN, HELLO, flow(dialled=True)])] == [NetworkFlow]


def test_questions() -> None:
    found = seen([], [line("dns", name="a.example", type="A", answers=["192.0.2.1"], destination=["192.168.1.1", 53])])
    assert found == [NetworkDns("a.example", "A", "192.168.1.1", 53, ("192.0.2.1",), "udp")]


def question(transport: str, port: int, **fields: Any) -> str:
    shape = {
        "transport": transport,
        "name": "A.example.",
        "type": "A",
        "answers": ["192.0.2.9"],
        "server": ["192.0.2.1", port],
    }
    return line("dns", **(shape | fields))


@pytest.mark.parametrize(("transport", "port"), [("tls", 853), ("https", 443), ("udp", 5353), ("tcp", 53)])
def test_questions_that_only_the_services_could_read(transport: str, port: int) -> None:
    assert seen([question(transport, port)], []) == [
        NetworkDns("A.example", "A", "192.0.2.1", port, ("192.0.2.9",), transport)  # type: ignore[arg-type]
    ]


def test_a_question_of_both_accounts_is_told_once_and_by_which_transport() -> None:
    where = ["192.0.2.1", 53]
    packets = [line("dns", name="a.example", type="A", answers=[], destination=where), flow(destination=where)]
    found = seen([question("tcp", 53)], packets)
    assert [one.transport for one in found if isinstance(one, NetworkDns)] == ["tcp"]


def test_acts_of_other_protocols() -> None:
    act = {"protocol": "mqtt", "verb": "PUBLISH", "url": "mqtt://192.0.2.1/x", "request_bytes": 7, "tls": False}
    carried = tcp(b"\x10\x0e\0\x04MQTT", protocol="mqtt")
    told = seen(
        [
            line("exchange", **act),
            line("exchange", **act),
            carried,
            tcp(b"*1\r\n$4\r\nPING\r\n", client=["192.168.1.23", 1]),
        ],
        [],
    )
    expected = NetworkExchange("mqtt", "PUBLISH", "mqtt://192.0.2.1/x", "192.0.2.1", 80, 7, tls=False, own_port=40000)
    assert told[:2] == [expected, expected]
    assert [(one.protocol, one.acts) for one in told if isinstance(one, NetworkStream)] == [("mqtt", 2), ("redis", 0)]


def test_a_protocol_of_which_the_first_bytes_say_nothing_is_what_the_services_call_it() -> None:
    (found,) = seen([tcp(b"", protocol="pop3")], [])
    assert isinstance(found, NetworkStream)
    assert found.protocol == "pop3"


@pytest.mark.parametrize(
    ("served", "trusted", "pinned"),
    [
        ([], False, False),
        ([{"completed": False, "detail": "no handshake: closed"}], False, False),
        ([{"completed": False, "detail": "pinned: unknown_ca"}], False, True),
        ([{"completed": True, "detail": ""}], True, False),
    ],
)
def test_handshakes(served: list[dict[str, bool]], *, trusted: bool, pinned: bool) -> None:
    exchanges = [line("tls", sni="a.example", **one) for one in served]
    (found,) = seen(exchanges, [HELLO])
    assert isinstance(found, NetworkTls)
    assert (found.name, found.address, found.port, found.own_port, found.alpn) == (
        "a.example", "192.0.2.1", 80, 40000, ("h2",),
    )  # fmt: skip
    assert (found.trusted, found.pinned) == (trusted, pinned)


def test_what_a_handshake_agreed_on() -> None:
    end = line("tls", sni="a.example", completed=True, version="TLSv1.3", chosen="h2", ja4="t13d_a_b", hidden=True)
    (found,) = seen([end], [HELLO])
    assert isinstance(found, NetworkTls)
    assert (found.version, found.chosen, found.ja4, found.hidden) == ("TLSv1.3", "h2", "t13d_a_b", True)
    (alone,) = seen([], [line("tls", sni="a.example", ja4="t12i_c_d")])
    assert isinstance(alone, NetworkTls)
    assert (alone.version, alone.chosen, alone.ja4) == ("", "", "t12i_c_d")


def test_a_second_greeting_is_part_of_the_same_handshake() -> None:
    end = line("tls", sni="a.example", completed=True)
    assert len(seen([end], [HELLO, HELLO])) == 1
    assert len(seen([end, end], [HELLO, HELLO])) == 2


def test_a_handshake_that_no_packet_shows() -> None:
    inside = line("tls", sni="inner.example", alpn=["h2"], completed=True)
    found = seen([inside, line("tls", sni="a.example", completed=False)], [HELLO])
    assert [(one.name, one.trusted) for one in found if isinstance(one, NetworkTls)] == [
        ("a.example", False), ("inner.example", True),
    ]  # fmt: skip


def test_a_request_is_told_once() -> None:
    (found,) = seen([http()], [PLAIN])
    assert isinstance(found, NetworkHttp)
    assert (found.url, found.status, found.response_bytes, found.tls) == ("http://a.example/x", 200, 4, False)


def test_a_request_to_a_server_of_its_own() -> None:
    (found,) = seen([], [PLAIN])
    assert isinstance(found, NetworkHttp)
    assert (found.url, found.address, found.status) == ("http://a.example/x", "192.0.2.1", 0)


@pytest.mark.parametrize(
    ("port", "tls", "standard"),
    [(80, False, True), (443, True, True), (443, False, False), (80, True, False), (8080, False, False)],
)
def test_standard_ports(port: int, *, tls: bool, standard: bool) -> None:
    (found,) = seen([http(server=["192.0.2.1", port], tls=tls)], [])
    assert isinstance(found, NetworkHttp)
    assert found.standard_port is standard


def test_lines_that_say_no_more_than_others() -> None:
    packets = [json.dumps({"kind": "begin", "format": 1})]
    assert seen([line(kind) for kind in ("begin", "dial")], packets) == []


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{",
        "[]",
        '{"kind":"new"}',
        flow(sent="many"),
        flow(first=float("nan")),
        flow(source=["a"]),
        http(url='kind":"tcp', status="x"),
        http(body_head="?"),
        line("tcp"),
        line("udp", bytes=1, head="?"),
    ],
)
def test_broken_lines_are_counted(broken: str) -> None:
    record = network.read([], [broken])
    assert (record.broken, record.seen) == (1, [])
    assert network.read([broken], []).broken == 1


def events(exchanges: list[str], packets: list[str], timeline: Timeline | None = None) -> Timeline:
    timeline = timeline or Timeline()
    add_network(timeline, exchanges, packets, [(999.0, "install", 1), (1000.0, "import", 2), (1001.0, "execute", 3)])
    return timeline


@pytest.mark.parametrize(
    ("exchanges", "packets", "dropped", "reason"),
    [
        ([END], [], 0, "the packet capture was not dissected to its end"),
        ([], [PACKETS_END], 0, "the simulated internet did not come to an orderly end"),
        ([END], [PACKETS_END.replace("0}", "3}")], 0, "3 of 4 packets could not be dissected"),
        ([END], ["x", PACKETS_END], 1, "1 lines of the network's record could not be read"),
        ([END], [json.dumps({"kind": "limit", "detail": "too many flows"}), PACKETS_END], 0, "packets: too many flows"),
        ([line("limit", detail="cut"), END], [PACKETS_END], 0, "simulated internet: cut"),
        (
            [line("capture", packets=9, dropped=2, cut=False), END],
            [PACKETS_END],
            2,
            "2 packets were dropped by the capture",
        ),
        (
            [line("capture", packets=9, dropped=0, cut=True), END],
            [PACKETS_END],
            0,
            "the packet capture reached its size limit and was cut",
        ),
    ],
)
def test_what_is_missing_is_told(exchanges: list[str], packets: list[str], dropped: int, reason: str) -> None:
    timeline = events(exchanges, packets)
    assert (timeline.reasons, timeline.dropped) == ([reason], dropped)


@pytest.mark.parametrize(
    ("time", "phase", "number"),
    [(1.0, "install", 1), (999.5, "install", 1), (1000.0, "import", 2), (1000.9, "import", 2), (5000.0, "execute", 3)],
)
def test_phases_and_steps(time: float, phase: str, number: int) -> None:
    assert [(event.phase, event.step) for event in events([], [flow(first=time)]).events] == [(phase, number)]


def tcp(head: bytes, **fields: Any) -> str:
    shape = {"end": 1001.0, "bytes_in": len(head), "bytes_out": 0, "protocol": "unknown"}
    return line("tcp", head=b64encode(head).decode(), **(shape | fields))


def udp(head: bytes, **fields: Any) -> str:
    return line("udp", bytes=len(head), protocol="unknown", head=b64encode(head).decode(), **fields)


QUESTION = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\1a\7example\0\0\1\0\1"
CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        (tcp(b"*1\r\n$4\r\nPING\r\n"), ("tcp", "redis", 14, "*1\r\n$4\r\nPING\r\n", False)),
        (tcp(b"\xff\0"), ("tcp", "unknown", 2, "\\xff\0", False)),
        (tcp(b"", protocol="silent"), ("tcp", "silent", 0, "", False)),
        (tcp(b"EHLO me\r\n", protocol="banner"), ("tcp", "smtp", 9, "EHLO me\r\n", False)),
        (tcp(b"NICK bot\r\n", protocol="tls", bytes_in=900), ("tcp", "irc", 900, "NICK bot\r\n", True)),
        (tcp(b"", protocol="tls", bytes_in=900), ("tcp", "silent", 900, "", True)),
        (tcp(CLIENT_HELLO, protocol="tls"), ("tcp", "tls", 9, "\x16\x03\x01\x02\0\x01\0\x01\\xfc", False)),
        (tcp(b"x" * 9000), ("tcp", "unknown", 9000, "x" * 2048, False)),
        (tcp(b"uid=0(root)", server=["192.0.2.1", 53]), ("tcp", "unknown", 11, "uid=0(root)", False)),
        (udp(b"beacon"), ("udp", "unknown", 6, "beacon", False)),
        (udp(b"\x1b" + bytes(47)), ("udp", "ntp", 48, "\x1b" + "\0" * 47, False)),
        (udp(QUESTION, server=["192.0.2.1", 5300]), ("udp", "dns", 27, QUESTION.decode(), False)),
    ],
)
def test_streams(exchange: str, expected: tuple[object, ...]) -> None:
    (found,) = seen([exchange], [])
    assert isinstance(found, NetworkStream)
    assert (found.transport, found.protocol, found.sent, found.head, found.tls) == expected


def test_questions_are_told_once() -> None:
    other = ["192.0.2.1", 5300]
    asked = line("dns", name="a.example", type="A", answers=[], destination=other)
    streams = [tcp(b"\0\x1b" + QUESTION, server=["192.0.2.1", 53], protocol="dns"), udp(QUESTION, server=other)]
    assert [type(one) for one in seen(streams, [asked])] == [NetworkDns]


def test_a_question_inside_tls_is_told() -> None:
    exchange = tcp(b"\0\x1b" + QUESTION, server=["192.0.2.1", 853], protocol="tls")
    assert [type(one) for one in seen([exchange], [])] == [NetworkStream]


def test_a_request_has_its_headers_and_body() -> None:
    headers = [["User-Agent", "x/1"], ["X-Long", "v" * 5000], *([["A", "b"]] * 200)]
    (found,) = seen([http(headers=headers, body_head=b64encode(b"k=\xff\0" + b"z" * 9000).decode())], [])
    assert isinstance(found, NetworkHttp)
    assert found.headers[0] == "user-agent: x/1"
    assert (len(found.headers), len(found.headers[1])) == (100, 1000)
    assert found.body == "k=\\xff\0" + "z" * 2044


def test_records_without_headers_can_be_read() -> None:
    (found,) = seen([http()], [])
    assert isinstance(found, NetworkHttp)
    assert (found.headers, found.body, found.version, found.response_type, found.mark) == ((), "", "", "", "")


def test_a_request_tells_of_its_answer() -> None:
    (found,) = seen([http(version="2", response_type="text/html", mark="m-1")], [])
    assert isinstance(found, NetworkHttp)
    assert (found.version, found.response_type, found.mark, found.own_port) == ("2", "text/html", "m-1", 40000)


def test_what_was_cut_is_kept_apart() -> None:
    assert events([line("limit", detail="cut"), END], [PACKETS_END]).cut == ["cut"]


def test_what_is_malformed_makes_nothing_incomplete() -> None:
    seen = events([line("limit", detail="malformed", lost=False), END], [PACKETS_END])
    assert (seen.cut, seen.reasons) == (["malformed"], [])


SOCKET = "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3"
CONNECT = 'connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("192.0.2.1")}, 16) = 0'


def called(*files: str) -> Timeline:
    log = lines(*[call for _ in files for call in (SOCKET, CONNECT)])
    probe = [
        probe_line(0.29 + 0.2 * number, "socket.connect", "192.0.2.1 80", file=file)
        for number, file in enumerate(files)
    ]
    return step(log, *probe)


def test_a_packet_is_by_who_called_its_peer() -> None:
    (event,) = [event for event in events([], [flow()], called(f"{SITE}/helper.py")).events if event.layer == "packet"]
    assert (event.attribution, event.pid, event.process) == ("dependency", 10, "python")
    assert event.location is not None
    assert (event.source.file, event.source.line) == ("internet/packets.jsonl", 1)


@pytest.mark.parametrize(
    ("time", "author"), [(1000.31, "package"), (1000.48, "package"), (1000.5, "dependency"), (1000.9, "dependency")]
)
def test_the_last_of_several_callers_that_had_begun(time: float, author: str) -> None:
    timeline = events([], [flow(first=time)], called(f"{SITE}/target.py", f"{SITE}/helper.py"))
    assert [event.attribution for event in timeline.events if event.layer == "packet"] == [author]


@pytest.mark.parametrize(
    "change", [{"first": 999.5}, {"destination": ["192.0.2.1", 81]}, {"destination": ["192.0.2.2", 80]}]
)
def test_a_packet_that_no_call_explains_is_the_packages(change: dict[str, Any]) -> None:
    timeline = events([], [flow(**change)], called(f"{SITE}/helper.py"))
    (event,) = [event for event in timeline.events if event.layer == "packet"]
    assert (event.attribution, event.pid, event.location) == ("package", 0, None)


@given(st.lists(st.text()), st.lists(st.text()))
def test_any_text(exchanges: list[str], packets: list[str]) -> None:
    record = network.read(exchanges, packets)
    assert record.broken == len(exchanges) + len(packets)


def test_a_stream_is_by_who_called_its_peer() -> None:
    timeline = events([tcp(b"hello", server=["192.0.2.1", 80])], [], called(f"{SITE}/helper.py"))
    (event,) = [event for event in timeline.events if event.kind == "network.stream"]
    assert (event.attribution, event.pid, event.source.file) == ("dependency", 10, "internet/exchanges.jsonl")


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.text() | st.integers(), max_size=3)
)
KINDS = ("begin", "dns", "http", "exchange", "tls", "tcp", "udp", "dial", "limit", "capture", "end", "flow")
FIELDS = (
    "time", "client", "server", "source", "destination", "name", "type", "transport", "method", "url", "host", "path", "status",
    "request_bytes", "response_bytes", "tls", "head", "sni", "alpn", "completed", "detail", "protocol", "verb", "answers",
)  # fmt: skip
ANY_LINE = st.builds(
    lambda kind, fields: json.dumps({"kind": kind} | fields),
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(FIELDS), VALUES),
)
WELL_FORMED = st.builds(
    lambda head, text, port: [
        line("exchange", protocol=text, verb=text, url=text, request_bytes=1, tls=False, client=["192.0.2.9", port]),
        line("tls", sni=text, completed=bool(port % 2), detail=text, client=["192.0.2.9", port]),
        question("udp", port, name=text),
        tcp(head, client=["192.0.2.9", port], protocol=text),
        http(url=text, path=text, client=["192.0.2.9", port]),
    ],
    st.binary(max_size=300),
    st.text(),
    st.integers(0, 65535),
)


@given(st.lists(ANY_LINE), st.lists(ANY_LINE))
def test_any_fields(exchanges: list[str], packets: list[str]) -> None:
    record = network.read(exchanges, packets)
    assert record.broken + len(record.seen) <= len(exchanges) + len(packets)


@given(st.lists(WELL_FORMED, max_size=4))
def test_any_content(lines_of: list[list[str]]) -> None:
    exchanges = [one for some in lines_of for one in some]
    timeline = events([*exchanges, END], [PACKETS_END], called(f"{SITE}/target.py"))
    assert timeline.dropped == 0
    assert all(event.phase in {"install", "import", "execute"} for event in timeline.events)
