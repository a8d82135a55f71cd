from __future__ import annotations

import json
from pathlib import Path

from hood.internet import Internet
from internet.capture import file_header
from internet.wire import Udp, encode

PROBES = Path(__file__).parents[3] / "probes"


def stopped(folder: Path) -> list[str]:
    return Internet(folder, PROBES, None).stop()


def test_the_capture_is_dissected_and_what_was_sent_is_searched(tmp_path: Path) -> None:
    token = "ghp_Zk3mT8qLw0RxYb6NcV1sHj5DfGp9Ua2EoIi7"
    (tmp_path / "capture.pcap").write_bytes(file_header())
    (tmp_path / "secrets.json").write_text(json.dumps([{"name": "a token", "path": "/home/alex/x", "value": token}]))
    udp = Udp(5.0, ("192.168.1.23", 4000), ("192.0.2.7", 514), 40, "unknown", token.encode())
    (tmp_path / "exchanges.jsonl").write_bytes(encode(udp))
    assert stopped(tmp_path) == []
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "secrets.jsonl").read_text().splitlines()]
    assert kinds == ["begin", "found", "end"]
    assert '"kind":"end"' in (tmp_path / "packets.jsonl").read_text()


def test_what_cannot_be_read_is_a_reason_each(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("nonsense")
    udp = Udp(5.0, ("192.168.1.23", 4000), ("192.0.2.7", 514), 1, "unknown", b"x")
    (tmp_path / "exchanges.jsonl").write_bytes(encode(udp))
    dissected, searched = stopped(tmp_path)
    assert dissected.startswith("the packet capture could not be dissected")
    assert searched.startswith("what was sent could not be searched for planted secrets")
