from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.packets.protocols import Transport, is_hello, recognise

HELLO = bytes.fromhex("16030102000100 01fc0303".replace(" ", "")) + bytes(32)
DNS = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\1a\7example\0\0\1\0\1"
BIND = bytes.fromhex("300c020101600702010304008000")
TRACKER = bytes.fromhex("0000041727101980 00000000 01020304".replace(" ", ""))
LOGIN = b'{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"4Abc","pass":"x","agent":"a/1"}}\n'

CASES: list[tuple[str, Transport, bytes]] = [
    ("tls", "tcp", HELLO),
    ("http", "tcp", b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"),
    ("http", "tcp", b"CONNECT a.example:443 HTTP/1.0\n"),
    ("http", "tcp", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("dns", "udp", DNS),
    ("dns", "tcp", b"\0\x1b" + DNS),
    ("ssh", "tcp", b"SSH-2.0-paramiko_3.4\r\n"),
    ("smtp", "tcp", b"ehlo [127.0.1.1]\r\n"),
    ("smtp", "tcp", b"HELO me\r\n"),
    ("ftp", "tcp", b"USER anonymous\r\nPASS x\r\n"),
    ("irc", "tcp", b"NICK bot1\r\nUSER bot1 0 * :bot\r\n"),
    ("irc", "tcp", b"PASS secret\r\nNICK bot1\r\n"),
    ("irc", "tcp", b"USER bot1 0 * :bot\r\n"),
    ("irc", "tcp", b"CAP LS 302\r\n"),
    ("redis", "tcp", b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n"),
    ("mqtt", "tcp", b"\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04abcd"),
    ("mqtt", "tcp", b"\x10\xff\x01\0\x06MQIsdp\x03"),
    ("amqp", "tcp", b"AMQP\0\0\x09\x01"),
    ("stratum", "tcp", b'{"id": 1, "method": "mining.subscribe", "params": []}\n'),
    ("stratum", "tcp", b'{"params":["w","x"],"id":2,"method":"mining.authorize"}\n'),
    ("stratum", "tcp", LOGIN),
    ("socks", "tcp", b"\x05\x01\x00"),
    ("socks", "tcp", b"\x05\x03\x00\x01\x02"),
    ("socks", "tcp", b"\x04\x01\x00\x50\xc0\x00\x02\x01user\0"),
    ("socks", "tcp", b"\x04\x01\x00\x50\x00\x00\x00\x01user\0a.example\0"),
    ("ntp", "udp", b"\x23" + bytes(47)),
    ("ntp", "udp", b"\x1b" + bytes(67)),
    ("stun", "udp", bytes.fromhex("000100002112a442") + bytes(12)),
    ("bittorrent", "tcp", b"\x13BitTorrent protocol" + bytes(48)),
    ("bittorrent", "udp", b"d1:ad2:id20:" + b"a" * 20 + b"e1:q4:ping1:t2:aa1:y1:qe"),
    ("bittorrent", "udp", TRACKER),
    ("ldap", "tcp", BIND),
    ("telnet", "tcp", b"\xff\xfd\x03\xff\xfb\x18"),
    ("postgres", "tcp", b"\0\0\0\x29\0\x03\0\0user\0alex\0database\0a\0\0"),
    ("postgres", "tcp", bytes.fromhex("0000000804d2162f")),
    ("smb", "tcp", b"\0\0\0\x45\xffSMBr\0"),
    ("smb", "tcp", b"\0\0\0\x45\xfeSMB\x40\0"),
    ("silent", "tcp", b""),
]


@pytest.mark.parametrize(("name", "transport", "head"), CASES)
def test_first_bytes(name: str, transport: Transport, head: bytes) -> None:
    assert recognise(head, transport, 4444) == name


@pytest.mark.parametrize(
    ("transport", "head"),
    [
        ("tcp", b"uid=1000(alex) gid=1000(alex)\n"),
        ("tcp", b"GET /index.html\r\n"),
        ("tcp", b"get me HTTP\r\n"),
        ("tcp", b"\x16\x03\x01\x02\x00\x02"),
        ("tcp", b"SSHX"),
        ("tcp", b"*x\r\n$4\r\n"),
        ("tcp", b"\x10\x04HTTP"),
        ("tcp", b'{"method": "getblockcount", "params": []}'),
        ("tcp", b'"method": "mining.subscribe"'),
        ("tcp", b"\x05\x02\x00"),
        ("tcp", b"\x05\x00"),
        ("udp", b"[default]\nregion = eu-west-1\noutput = json\n# for reports\n"),
        ("tcp", b"\x30\x29\x02\x01\x00\x04\x06public"),
        ("tcp", b"\0\0\0\x45SMB"),
        ("tcp", DNS),
        ("tcp", b"\x23" + bytes(47)),
        ("udp", b"\x24" + bytes(47)),
        ("udp", b"\x23" + bytes(40)),
        ("udp", b"\x03" + bytes(47)),
        ("udp", b"\x12\x34\x81" + DNS[3:]),
        ("udp", DNS[:-3]),
        ("udp", DNS[:12]),
        ("udp", DNS[:12] + b"\xc0\x0c\0\1\0\1"),
        ("udp", b"GET / HTTP/1.1\r\n"),
        ("udp", bytes.fromhex("000100002112a443") + bytes(12)),
    ],
)
def test_what_only_looks_like_it(transport: Transport, head: bytes) -> None:
    assert recognise(head, transport, 4444) == "unknown"


@pytest.mark.parametrize(("port", "name"), [(21, "ftp"), (2121, "ftp"), (110, "unknown"), (995, "unknown")])
def test_a_mailboxs_user_is_no_ftp(port: int, name: str) -> None:
    assert recognise(b"USER alex\r\n", "tcp", port) == name


def test_hellos() -> None:
    assert is_hello(HELLO)
    assert not is_hello(HELLO[1:])


PIECES = st.lists(st.sampled_from([head for _, _, head in CASES if head] + [b"\0", b"\xff", b"{", b'"', b" "])).map(
    b"".join
)
NAMES = {name for name, _, _ in CASES} | {"unknown"}


@given(st.one_of(st.binary(), PIECES), st.sampled_from(["tcp", "udp"]), st.integers(0, 65535))
def test_any_bytes(head: bytes, transport: Transport, port: int) -> None:
    assert recognise(head, transport, port) in NAMES


@pytest.mark.parametrize(
    "piece", [b"{", b'{"method":', b"A", b"USER ", b"PASS x\r\n", b"\x30\x84", b"d1:a", b"\x01a", b"*1"]
)
def test_long_hostile_bytes_take_few_steps(piece: bytes) -> None:
    head = piece * (65_536 // len(piece))
    for transport in ("tcp", "udp"):
        assert recognise(head, transport, 1) in NAMES
