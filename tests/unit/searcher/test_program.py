"""The whole program on folders such as the simulated internet leaves."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from internet.sent import Sent
from internet.wire import Dns, Exchange, Http, Tcp, Udp, encode
from searcher.bounds import Bounds
from searcher.messages import collect

from tests.unit.searcher.hunts import FACTS, KEY, SECRETS, TOKEN

PROBES = Path(__file__).parents[3] / "probes"
CLIENT, SERVER = ("192.168.1.23", 40_000), ("192.0.2.7", 80)


@pytest.fixture(autouse=True)
def times(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the pieces come: the first of these, and the last one again and again."""
    left = [5.0]
    monkeypatch.setattr("internet.sent.time.time", lambda: left.pop(0) if len(left) > 1 else left[0])
    return left


def run(folder: Path) -> list[dict[str, Any]]:
    secrets = [{"name": one.name, "path": one.path, "value": one.value.decode()} for one in SECRETS]
    facts = [{"name": one.name, "path": "", "value": one.value.decode(), "class": "system"} for one in FACTS]
    (folder / "secrets.json").write_text(json.dumps(secrets + facts))
    subprocess.run(
        [sys.executable, "-B", "-P", "-m", "searcher", folder], check=True, env={"PYTHONPATH": str(PROBES)}, timeout=60
    )
    lines = [json.loads(line) for line in (folder / "secrets.jsonl").read_text("ascii").splitlines()]
    assert lines[0] == {"kind": "begin", "format": 1}
    assert lines[-1]["kind"] == "end"
    return lines[1:-1]


def http(stream: int, **more: Any) -> Http:
    fields: dict[str, Any] = {
        "time": 5.0, "client": CLIENT, "server": SERVER, "method": "POST", "url": "https://collect.example/in?a=b", "host": "collect.example",
        "path": "/in?a=b", "version": "1.1", "status": 200, "request_bytes": 9, "response_bytes": 2, "tls": True, "headers": (),
        "body_head": b"", "stream": stream,
    }  # fmt: skip
    return Http(**fields | more)


def test_what_is_kept_of_a_request_is_searched_with_the_line_that_tells_of_it(tmp_path: Path) -> None:
    sent = Sent(tmp_path / "sent.bin", 1 << 20, 1 << 20, lambda detail: None)
    sent.open()
    stream = sent.open()
    sent.add(stream, "start", b"POST /in?k=" + KEY.value.replace(b"/", b"%2F").replace(b"+", b"%2B"))
    sent.add(stream, "header", b"host: collect.example")
    sent.add(stream, "header", b"x-key: " + TOKEN.value)
    sent.add(stream, "body", b"t=" + TOKEN.value[:9])
    sent.add(stream, "body", TOKEN.value[9:])
    sent.close()
    (tmp_path / "exchanges.jsonl").write_bytes(encode(http(1)) + encode(http(stream)))
    found = run(tmp_path)
    assert {(one["part"], one["secret"], tuple(one["encodings"])) for one in found} == {
        ("query", "a key", ("url",)),
        ("header", "a token", ()),
        ("body", "a token", ()),
    }
    (body,) = (one for one in found if one["part"] == "body")
    assert body | {"excerpt": ""} == {
        "kind": "found", "time": 5.0, "secret": "a token", "path": "/home/alex/.config/token", "encodings": [], "part": "body", "share": 100,
        "url": "https://collect.example/in?a=b", "transport": "tcp", "address": "192.0.2.7", "port": 80, "client": list(CLIENT),
        "stream": stream, "file": "exchanges", "line": 2, "excerpt": "",
    }  # fmt: skip
    assert body["excerpt"] == "t=" + TOKEN.value.decode()


def test_what_no_stream_keeps_is_searched_in_the_lines(tmp_path: Path) -> None:
    lines = [
        http(0, path="/x/" + TOKEN.value.decode(), headers=(("X-Key", KEY.value.decode()),), body_head=base64.b64encode(TOKEN.value)),
        Udp(6.0, CLIENT, ("192.0.2.8", 514), 9, "unknown", b"<1>" + TOKEN.value),
        Tcp(7.0, 8.0, CLIENT, ("2001:db8::7", 4444), 9, 0, "unknown", KEY.value),
        Dns(9.0, "https", CLIENT, SERVER, base64.b32encode(TOKEN.value).decode().rstrip("=").replace("G", "G.", 1) + ".evil.example", "A", ()),
    ]  # fmt: skip
    (tmp_path / "exchanges.jsonl").write_bytes(b"".join(map(encode, lines)))
    found = {(one["part"], one["secret"], one["line"], one["url"], tuple(one["encodings"])) for one in run(tmp_path)}
    url = "https://collect.example/in?a=b"
    assert {one for one in found if one[0] != "name"} == {
        ("path", "a token", 1, url, ()),
        ("header", "a key", 1, url, ()),
        ("body", "a token", 1, url, ("base64",)),
        ("payload", "a token", 2, "udp://192.0.2.8:514", ()),
        ("stream", "a key", 3, "tcp://[2001:db8::7]:4444", ()),
    }
    (name,) = (one for one in found if one[0] == "name")
    assert name[3].startswith("dns://192.0.2.7/")


def test_packets_tell_of_names_and_of_what_is_neither_tcp_nor_udp(tmp_path: Path) -> None:
    lines = [
        {"kind": "begin", "format": 1},
        {"kind": "dns", "time": 1.0, "source": CLIENT, "destination": ["192.168.1.1", 53], "name": TOKEN.value.decode() + ".evil.example"},
        {"kind": "payload", "time": 2.0, "transport": "icmp", "source": ["192.168.1.23", 0], "destination": ["192.0.2.9", 0],
         "size": 40, "head": base64.b64encode(KEY.value).decode()},
        {"kind": "payload", "time": 2.0, "transport": "icmp", "source": ["127.0.0.1", 0], "destination": ["127.0.0.1", 0],
         "size": 40, "head": base64.b64encode(KEY.value).decode()},
    ]  # fmt: skip
    (tmp_path / "packets.jsonl").write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    question = Dns(1.0, "udp", CLIENT, ("192.168.1.1", 53), TOKEN.value.decode() + ".evil.example", "A", ())
    (tmp_path / "exchanges.jsonl").write_bytes(encode(question))
    found = run(tmp_path)
    assert [(one["file"], one["line"], one["transport"], one["url"]) for one in found] == [
        ("packets", 2, "udp", f"dns://192.168.1.1/{TOKEN.value.decode()}.evil.example"),
        ("packets", 3, "icmp", "icmp://192.0.2.9"),
    ]


def test_an_act_tells_more_of_a_stream_than_its_connection(tmp_path: Path, times: list[float]) -> None:
    times[:] = [3.5, 4.5, 5.5]
    sent = Sent(tmp_path / "sent.bin", 1 << 20, 1 << 20, lambda detail: None)
    stream = sent.open()
    sent.add(stream, "stream", b"USER a\r\nSTOR loot\r\n")
    sent.add(stream, "stream", TOKEN.value)
    sent.add(stream, "stream", b"QUIT\r\n")
    sent.close()
    acts = [
        Exchange(3.0, CLIENT, SERVER, "ftp", "USER", "ftp://192.0.2.7/", 0, False, stream),
        Exchange(4.0, CLIENT, SERVER, "ftp", "STOR", "ftp://192.0.2.7/up/loot", 40, False, stream),
        Tcp(2.0, 6.0, CLIENT, SERVER, 60, 9, "ftp", b"USER a", stream),
    ]
    (tmp_path / "exchanges.jsonl").write_bytes(b"".join(map(encode, acts)))
    (found,) = run(tmp_path)
    assert (found["url"], found["line"], found["time"]) == ("ftp://192.0.2.7/up/loot", 2, 4.5)


def test_the_beginning_of_a_connection_tells_only_what_its_exchanges_do_not(tmp_path: Path) -> None:
    sent = Sent(tmp_path / "sent.bin", 1 << 20, 1 << 20, lambda detail: None)
    stream = sent.open()
    sent.add(stream, "start", b"GET /in?k=" + TOKEN.value)
    sent.close()
    head = b"GET /in?k=" + TOKEN.value + b" HTTP/1.1\r\n\r\n\0\0nonsense " + KEY.value
    lines = [http(stream), Tcp(5.0, 6.0, CLIENT, SERVER, 99, 9, "http", head)]
    (tmp_path / "exchanges.jsonl").write_bytes(b"".join(map(encode, lines)))
    assert [(one["part"], one["secret"], one["line"]) for one in run(tmp_path)] == [
        ("query", "a token", 1),
        ("stream", "a key", 2),
    ]


def test_nothing_sent_is_nothing_found(tmp_path: Path) -> None:
    assert run(tmp_path) == []
    (tmp_path / "exchanges.jsonl").write_text('{"kind":"begin","format":2}\n{"kind":"end","time":1.0}\n')
    assert run(tmp_path) == []


def test_more_memory_than_it_may_use_is_an_error_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps([{"name": "a", "path": "$A", "value": TOKEN.value.decode()}]))
    (tmp_path / "exchanges.jsonl").write_bytes(encode(Udp(6.0, CLIENT, SERVER, 9, "unknown", b"x")))
    with (tmp_path / "sent.bin").open("wb") as sent:
        sent.write(b'{"stream": 1, "part": "body", "size": 70000000}\n' + bytes(70_000_000))
    code = "import sys; from searcher.bounds import Bounds; from searcher.program import run; run(sys.argv[1], Bounds(memory=120 << 20))"
    command = [sys.executable, "-B", "-P", "-c", code, tmp_path]
    ended = subprocess.run(command, env={"PYTHONPATH": str(PROBES)}, timeout=60, capture_output=True, check=False)
    assert ended.returncode == 1
    assert b"MemoryError" in ended.stderr


@pytest.mark.parametrize("content", ["{}", "[1]", "[[]]", "nonsense"])
def test_a_list_of_secrets_that_is_none_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)
    (tmp_path / "exchanges.jsonl").write_bytes(encode(Udp(6.0, CLIENT, SERVER, 9, "unknown", b"x")))
    command = [sys.executable, "-B", "-P", "-m", "searcher", tmp_path]
    ended = subprocess.run(command, env={"PYTHONPATH": str(PROBES)}, timeout=60, capture_output=True, check=False)
    assert ended.returncode == 3
    assert len(ended.stderr.splitlines()) == 1


LINES = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda kind, fields: json.dumps({"kind": kind} | fields, separators=(",", ":")).encode(),
        st.sampled_from(["http", "exchange", "tcp", "udp", "dns", "payload", "end"]),
        st.dictionaries(
            st.sampled_from(["time", "client", "server", "source", "destination", "name", "path", "head", "headers", "url", "host", "stream"]),
            st.none() | st.integers() | st.text(max_size=8) | st.lists(st.integers() | st.text(max_size=4), max_size=3),
        ),
    ),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, max_size=8), st.lists(LINES, max_size=8), st.binary(max_size=200))
def test_logs_of_any_shape_are_read(
    tmp_path_factory, exchanges: list[bytes], packets: list[bytes], sent: bytes
) -> None:
    folder = tmp_path_factory.mktemp("record")
    (folder / "exchanges.jsonl").write_bytes(b"\n".join(exchanges))
    (folder / "packets.jsonl").write_bytes(b"\n".join(packets))
    (folder / "sent.bin").write_bytes(sent)
    said: list[str] = []
    collect(folder, Bounds(), said.append)
    assert all(len(one) < 200 for one in said)


def test_what_is_beyond_the_limits_is_not_read_and_that_is_said(tmp_path: Path) -> None:
    lines = [Udp(6.0, CLIENT, SERVER, 9, "unknown", b"x") for _ in range(3)]
    (tmp_path / "exchanges.jsonl").write_bytes(b"".join(map(encode, lines)))
    (tmp_path / "sent.bin").write_bytes(
        b'{"stream": 1, "part": "body", "size": 10}\n0123456789{"stream": 1, "part": "body", "size": 99}\n'
    )
    said: list[str] = []
    messages = collect(tmp_path, Bounds(lines=2, sent=50), said.append)
    assert [one.part for one in messages] == ["payload", "payload", "body"]
    assert said == [
        "only the first 2 lines of exchanges.jsonl were searched",
        "only the first 0 MiB of sent.bin were searched",
    ]
