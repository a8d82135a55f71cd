"""A client in memory, for tests of conversations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from internet.authority import Authority
from internet.conversation import Conversation, Services
from internet.recorder import Recorder
from internet.resolver import Resolver
from internet.sent import Sent
from internet.settings import Limits

if TYPE_CHECKING:
    from pathlib import Path


class Script:
    """A channel whose client says these parts and then ends; what is sent to it is in `heard`."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = list(parts)
        self.heard = b""

    async def read(self, seconds: float | None = None) -> bytes:
        return self._parts.pop(0) if self._parts else b""

    async def write(self, data: bytes) -> None:
        self.heard += data


def make_services(folder: Path, limits: Limits | None = None) -> Services:
    limits = limits or Limits()
    recorder = Recorder(folder / "exchanges.jsonl", limits.log_bytes)
    sent = Sent(folder / "sent.bin", limits.sent_bytes, limits.sent_stream_bytes, recorder.limit)
    return Services(recorder, Authority(), Resolver(), limits, sent)


def make_talk(port: int) -> Conversation:
    return Conversation(("192.0.2.1", 40_000), ("198.51.100.7", port), 0.0, 65_536, port)


def lines(folder: Path, kind: str = "") -> list[dict[str, Any]]:
    """What was recorded, of one kind or of all."""
    records = [json.loads(line) for line in (folder / "exchanges.jsonl").read_text("ascii").splitlines()]
    return [record for record in records if kind in {"", record["kind"]}]
