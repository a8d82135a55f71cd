from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analyzer.model.event import Event, SocketConnect, Source
from analyzer.pipeline.live.exchanges import Services

CLIENT, SERVER = ["192.168.1.23", 40000], ["203.0.113.7", 53]


def line(kind: str, **fields: Any) -> str:
    return json.dumps({"kind": kind, "time": 5.0, "client": CLIENT, "server": SERVER} | fields) + "\n"


DNS = line("dns", name="a.example.", type="A", answers=["203.0.113.7"], transport="udp")


def services(record: Path) -> Services:
    (record / "internet").mkdir()
    return Services(record)


def write(record: Path, text: str) -> None:
    with (record / "internet" / "exchanges.jsonl").open("a") as file:
        file.write(text)


def test_each_line_is_told_once_when_it_is_whole(tmp_path: Path) -> None:
    followed = services(tmp_path)
    assert followed.read() is None
    write(tmp_path, DNS + DNS[:30])
    first = followed.read()
    assert first is not None
    assert [one.line for one in first] == [1]
    assert not followed.read()
    write(tmp_path, DNS[30:])
    second = followed.read()
    assert second is not None
    assert [one.line for one in second] == [2]
    followed.close()
    assert followed.read() is None


def test_an_exchange_is_by_who_called_its_peer_last(tmp_path: Path) -> None:
    followed = services(tmp_path)
    write(tmp_path, DNS)
    seen = followed.read() or []
    (unknown,) = followed.events(seen, None)
    assert (unknown.process, unknown.pid, unknown.phase, unknown.attribution) == ("", 0, "install", "package")
    detail = SocketConnect("AF_INET", "SOCK_DGRAM", "203.0.113.7", 53, pending=False, error="")
    source = Source("steps/01-execute.strace", 1)
    followed.learn([Event(4.0, "execute", "syscall", 9, "curl", "completed", "dependency", detail, source)])
    (event,) = followed.events(seen, None)
    assert (event.process, event.pid, event.attribution, event.kind) == ("curl", 9, "dependency", "network.dns")
