"""A client in memory, for tests of conversations."""

from __future__ import annotations

import asyncio
import json
import os
import weakref
from functools import cache
from typing import TYPE_CHECKING, Any

from internet.answers import Answers
from internet.authority import Authority
from internet.conversation import Conversation, Services
from internet.dispatch import converse
from internet.recorder import Recorder
from internet.resolver import Resolver
from internet.sent import Sent
from internet.settings import Limits

from analyzer.sandbox.answers import compile_answers

if TYPE_CHECKING:
    from pathlib import Path


class Script:
    """A channel whose client says these parts and then ends; what is sent to it is in `heard`."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = list(parts)
        self.heard = b""
        self.writes = 0

    async def read(self, seconds: float | None = None) -> bytes:
        return self._parts.pop(0) if self._parts else b""

    async def write(self, data: bytes) -> None:
        self.heard += data
        self.writes += 1


def make_services(folder: Path, limits: Limits | None = None) -> Services:
    limits = limits or Limits()
    recorder = Recorder(folder / "exchanges.jsonl", limits.log_bytes)
    sent = Sent(folder / "sent.bin", limits.sent_bytes, limits.sent_stream_bytes, recorder.limit)
    for one in (
        recorder,
        sent,
    ):  # hypothesis makes hundreds in one process, which may have no more than 1,024 descriptors
        weakref.finalize(one, os.close, one._descriptor)
    return Services(recorder, Authority(), Resolver(), limits, sent, answers=shipped())


@cache
def shipped() -> Answers:
    """The answers that come along, filled for one run."""
    return Answers(compile_answers()[0])


def make_talk(port: int) -> Conversation:
    return Conversation(("192.0.2.1", 40_000), ("198.51.100.7", port), 0.0, 65_536, port)


def lines(folder: Path, kind: str = "") -> list[dict[str, Any]]:
    """What was recorded, of one kind or of all."""
    records = [json.loads(line) for line in (folder / "exchanges.jsonl").read_text("ascii").splitlines()]
    return [record for record in records if kind in {"", record["kind"]}]


def pieces(folder: Path) -> dict[tuple[int, str], bytes]:
    """What was kept of what was sent, by stream and part."""
    found: dict[tuple[int, str], bytes] = {}
    data = (folder / "sent.bin").read_bytes()
    while data:
        header, _, data = data.partition(b"\n")
        piece = json.loads(header)
        key = (piece["stream"], piece["part"])
        found[key] = found.get(key, b"") + data[: piece["size"]]
        data = data[piece["size"] :]
    return found


def converse_with(folder: Path, port: int, *parts: bytes, limits: Limits | None = None) -> bytes:
    """What a client of a port hears that says these parts."""
    channel = Script(*parts)
    asyncio.run(converse(channel, make_talk(port), make_services(folder, limits)))
    return channel.heard


def acts(folder: Path) -> list[tuple[str, str, int]]:
    """Verb, URL and size of the exchanges that were recorded."""
    return [(record["verb"], record["url"], record["request_bytes"]) for record in lines(folder, "exchange")]


def kept(folder: Path, part: str) -> bytes:
    """What was kept of what was sent in parts of this name, of all streams."""
    return b"".join(data for (_, found), data in pieces(folder).items() if found == part)
