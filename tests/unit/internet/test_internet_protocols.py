"""IRC, Redis, MQTT, stratum, SOCKS and telnet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from internet.protocols.irc import parse
from internet.settings import Limits

from tests.unit.internet.talking import acts, converse_with, kept, lines

if TYPE_CHECKING:
    from pathlib import Path

HOST = "198.51.100.7"


def test_irc(tmp_path: Path) -> None:
    heard = converse_with(
        tmp_path, 6667, b"CAP LS 302\r\nNICK bot\r\nUSER bot 0 * :Bot\r\n", b"CAP END\r\n", b"JOIN #a,#b\r\nPING :x\r\n",
        b"PRIVMSG #a :what was stolen\r\nQUIT\r\n",
    )  # fmt: skip
    numbers = [line.split()[1] for line in heard.splitlines()]
    assert numbers[:3] == [b"CAP", b"001", b"002"]
    assert numbers[-7:-1] == [b"353", b"366", b"JOIN", b"353", b"366", b"PONG"]
    assert acts(tmp_path) == [
        ("NICK", f"irc://bot@{HOST}:6667", 0),
        ("JOIN", f"irc://{HOST}:6667/#a", 0),
        ("JOIN", f"irc://{HOST}:6667/#b", 0),
        ("PRIVMSG", f"irc://{HOST}:6667/#a", 15),
    ]
    assert b"what was stolen" in kept(tmp_path, "stream")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"@t=1 :me!u@h privmsg #a b :c d :e", ("PRIVMSG", ["#a", "b", "c d :e"])),
        (b"PING", ("PING", [])),
        (b"", ("", [])),
        (b"@tags-alone", ("", [])),
        (b"NICK \xff", ("NICK", ["\ufffd"])),
    ],
)
def test_an_irc_message(line: bytes, message: tuple[str, list[str]]) -> None:
    assert parse(line) == message


def command(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def test_redis(tmp_path: Path) -> None:
    heard = converse_with(
        tmp_path, 6379, command(b"AUTH", b"alex", b"p4ss"), command(b"SET", b"k", b"value") + command(b"GET", b"k"),
        command(b"GET", b"none")[:9], command(b"GET", b"none")[9:], b"PING\r\n", command(b"CONFIG", b"SET", b"dir", b"/x"),
        command(b"MULTI"), command(b"INCR", b"n"), command(b"EXEC"), command(b"QUIT"),
    )  # fmt: skip
    assert heard == b"+OK\r\n+OK\r\n$5\r\nvalue\r\n$-1\r\n+PONG\r\n+OK\r\n+OK\r\n+QUEUED\r\n*1\r\n:1\r\n+OK\r\n"
    assert acts(tmp_path)[:3] == [
        ("AUTH", f"redis://alex@{HOST}", 0),
        ("SET", f"redis://{HOST}/k", 5),
        ("GET", f"redis://{HOST}/k", 0),
    ]


def test_redis_in_its_third_version(tmp_path: Path) -> None:
    heard = converse_with(tmp_path, 6379, command(b"HELLO", b"3", b"AUTH", b"default", b"p4ss"))
    assert heard.startswith(b"%2\r\n")
    assert acts(tmp_path) == [("AUTH", f"redis://default@{HOST}", 0)]


@pytest.mark.parametrize(
    "said", [b"*1\r\n$x\r\n", b"*9999999\r\n$1\r\n", b"*1\r\n$999999999\r\n", b"*2\r\n$1\r\na\r\nb\r\n"]
)
def test_what_redis_does_not_allow_is_malformed(tmp_path: Path, said: bytes) -> None:
    converse_with(tmp_path, 6379, command(b"PING"), said)
    assert "malformed redis" in lines(tmp_path, "limit")[0]["detail"]


def packet(head: int, body: bytes) -> bytes:
    return bytes((head, len(body))) + body


def text(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


@pytest.mark.parametrize("level", [4, 5])
def test_mqtt(tmp_path: Path, level: int) -> None:
    none = b"\0" if level == 5 else b""
    connect = (
        text(b"MQTT") + bytes((level, 0xC6, 0, 60)) + none + text(b"device") + none + text(b"will") + text(b"gone")
    )
    heard = converse_with(
        tmp_path, 1883, packet(0x10, connect + text(b"alex") + text(b"p4ss")),
        packet(0x82, b"\0\1" + none + text(b"cmd/#") + b"\1"), packet(0x30, text(b"a/0") + none + b"zero"),
        packet(0x32, text(b"a/1") + b"\0\2" + none + b"one"), packet(0x34, text(b"a/2") + b"\0\3" + none + b"two"),
        packet(0x62, b"\0\3"), packet(0xC0, b""), packet(0xE0, b""),
    )  # fmt: skip
    assert heard == b"".join(
        [
            packet(0x20, b"\0\0" + none), packet(0x90, b"\0\1" + none + b"\1"), packet(0x40, b"\0\2"), packet(0x50, b"\0\3"),
            packet(0x70, b"\0\3"), packet(0xD0, b""),
        ]
    )  # fmt: skip
    assert acts(tmp_path) == [
        ("CONNECT", f"mqtt://alex@{HOST}", 0),
        ("WILL", f"mqtt://{HOST}/will", 0),
        ("SUBSCRIBE", f"mqtt://{HOST}/cmd/#", 0),
        ("PUBLISH", f"mqtt://{HOST}/a/0", 4),
        ("PUBLISH", f"mqtt://{HOST}/a/1", 3),
        ("PUBLISH", f"mqtt://{HOST}/a/2", 3),
    ]
    assert kept(tmp_path, "payload") == b"alex\0p4ss"


@pytest.mark.parametrize(
    "said", [b"\x30\x7f\xff" + bytes(200), b"\x30\x80\x80\x80\x80\x01", b"\x00\x00", b"\x30\xff\xff\xff\x7f"]
)
def test_what_mqtt_does_not_allow_is_malformed(tmp_path: Path, said: bytes) -> None:
    connect = text(b"MQTT") + bytes((4, 2, 0, 60)) + text(b"device")
    converse_with(tmp_path, 1883, packet(0x10, connect), said)
    assert "malformed mqtt" in lines(tmp_path, "limit")[0]["detail"]


def test_stratum_of_bitcoin(tmp_path: Path) -> None:
    heard = converse_with(
        tmp_path, 3333, b'{"id": 1, "method": "mining.subscribe", "params": []}\n',
        b'{"id": 2, "method": "mining.authorize", "params": ["wallet.rig", "x"]}\n',
        b'{"id": 3, "method": "mining.submit", "params": ["wallet.rig", "1"]}\n',
    )  # fmt: skip
    said = [json.loads(line) for line in heard.splitlines()]
    assert [one.get("method") or one["id"] for one in said] == [1, 2, "mining.set_difficulty", "mining.notify", 3]
    assert [(verb, url) for verb, url, _ in acts(tmp_path)] == [
        ("mining.subscribe", f"stratum+tcp://{HOST}:3333"),
        ("mining.authorize", f"stratum+tcp://wallet.rig@{HOST}:3333"),
        ("mining.submit", f"stratum+tcp://wallet.rig@{HOST}:3333"),
    ]


def test_stratum_of_monero(tmp_path: Path) -> None:
    heard = converse_with(
        tmp_path, 3333, b'{"id": "a", "method": "login", "params": {"login": "4wallet", "pass": "x"}}\n',
        b'{"id": 2, "method": "submit", "params": {}}\n',
    )  # fmt: skip
    login, submit = (json.loads(line) for line in heard.splitlines())
    assert (login["id"], login["result"]["status"], submit["result"]) == ("a", "OK", {"status": "OK"})
    assert {"blob", "job_id", "target", "seed_hash"} <= set(login["result"]["job"])
    assert acts(tmp_path)[0][1] == f"stratum+tcp://4wallet@{HOST}:3333"


@pytest.mark.parametrize("said", [b"[]\n", b"{\n", b"[" * 10_000 + b"\n"])
def test_what_stratum_does_not_allow_is_malformed(tmp_path: Path, said: bytes) -> None:
    converse_with(tmp_path, 3333, b'{"id": 1, "method": "mining.subscribe", "params": []}\n', said)
    assert "malformed stratum" in lines(tmp_path, "limit")[0]["detail"]


REQUEST = b"GET /x HTTP/1.1\r\nHost: www.example\r\n\r\n"


@pytest.mark.parametrize(
    ("said", "answer", "act"),
    [
        ([b"\x05\x01\x00", b"\x05\x01\x00\x03\x0bwww.example\x00\x50"], b"\x05\x00\x05\x00", ("", "www.example:80")),
        ([b"\x05\x01\x00", b"\x05\x01\x00\x01\xc0\x00\x02\x07\x00\x50"], b"\x05\x00\x05\x00", ("", "192.0.2.7:80")),
        ([b"\x05\x01\x00", b"\x05\x01\x00\x04" + bytes(15) + b"\1\x00\x50"], b"\x05\x00\x05\x00", ("", "%5B::1%5D:80")),
        (
            [b"\x05\x01\x02", b"\x01\x04alex\x04p4ss", b"\x05\x01\x00\x03\x01a\x00\x50"],
            b"\x05\x02\x01\x00\x05\x00",
            ("alex@", "a:80"),
        ),
        ([b"\x04\x01\x00\x50\xc0\x00\x02\x07alex\0"], b"\x00\x5a", ("alex@", "192.0.2.7:80")),
        ([b"\x04\x01\x00\x50\x00\x00\x00\x01\0www.example\0"], b"\x00\x5a", ("", "www.example:80")),
    ],
)
def test_what_is_in_a_socks_tunnel_is_another_conversation(
    tmp_path: Path, said: list[bytes], answer: bytes, act: tuple[str, str]
) -> None:
    heard = converse_with(tmp_path, 1080, *said, REQUEST)
    assert heard.startswith(answer)
    assert acts(tmp_path) == [("CONNECT", f"socks://{act[0]}{HOST}/{act[1]}", 0)]
    assert [http["url"] for http in lines(tmp_path, "http")] == ["http://www.example/x"]


def test_a_conversation_in_a_tunnel_has_the_name_that_the_tunnel_leads_to(tmp_path: Path) -> None:
    nick = b"NICK a\r\nUSER a b c :d\r\n"
    converse_with(tmp_path, 3128, b"CONNECT irc.example:6667 HTTP/1.1\r\nHost: irc.example\r\n\r\n", nick)
    assert acts(tmp_path) == [("NICK", "irc://a@irc.example:6667", 0)]


@pytest.mark.parametrize(
    "said",
    [
        [b"\x05\x01\x07"],
        [b"\x05\x01\x00", b"\x05\x01\x00\x09" + bytes(9)],
        [b"\x04\x01\x00\x50\0\0\0\1\0" + b"x" * 999],
    ],
)
def test_what_socks_does_not_allow_is_malformed(tmp_path: Path, said: list[bytes]) -> None:
    converse_with(tmp_path, 1080, *said)
    assert "malformed socks" in lines(tmp_path, "limit")[0]["detail"]


def test_telnet(tmp_path: Path) -> None:
    heard = converse_with(
        tmp_path, 23, b"\xff\xfb\x01\xff\xfd\x03", b"root\r\0\n", b"p4ss\r\n", b"/bin/busybox x\r\nexit\r\n"
    )
    assert heard == b"\xff\xfe\x01\xff\xfc\x03login: Password: \r\n$ $ "
    assert acts(tmp_path) == [
        ("LOGIN", f"telnet://root@{HOST}", 0),
        ("command", f"telnet://{HOST}", 14),
        ("command", f"telnet://{HOST}", 4),
    ]
    assert b"p4ss" in kept(tmp_path, "stream")


def test_what_was_sent_is_kept_to_the_limit(tmp_path: Path) -> None:
    limits = Limits(sent_stream_bytes=1000)
    converse_with(tmp_path, 9, b"\x01" * 700, b"\x02" * 700, limits=limits)
    assert kept(tmp_path, "stream") == b"\x01" * 700 + b"\x02" * 300
    assert lines(tmp_path, "limit")
