"""Clients that want too much, over loopback: each limit ends the one that went beyond it, and others are served."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import internet.streams
from internet.settings import Limits
from internet.streams import Streams

from tests.unit.internet.talking import lines, make_services

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    import pytest

    Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

REQUEST = b"GET /x HTTP/1.1\r\nHost: www.example\r\nConnection: close\r\n\r\n"


def run(folder: Path, limits: Limits, client: Callable[[Connect], Awaitable[None]]) -> list[str]:
    """Let a client's program meet the service, and then tell which limits were met; another client is served after it."""

    async def meet() -> None:
        streams = Streams(make_services(folder, limits))
        asyncio.get_running_loop().set_exception_handler(streams.broken)
        server = await asyncio.start_server(streams.handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        opened: list[asyncio.StreamWriter] = []

        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            line = await asyncio.open_connection("127.0.0.1", port)
            opened.append(line[1])
            return line

        async with asyncio.timeout(20):
            await client(connect)
            reader, writer = await connect()
            writer.write(REQUEST)
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        for writer in opened:
            writer.transport.abort()
        await streams.finish()
        server.close()

    asyncio.run(meet())
    return [line["detail"] for line in lines(folder, "limit")]


async def ended(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""


def test_a_silent_client_is_left(tmp_path: Path) -> None:
    async def client(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(b"\x01\x02")
        await ended(reader)

    (told,) = run(tmp_path, Limits(idle_seconds=0.1), client)
    assert told.endswith("was closed: its client said nothing for 0.1 seconds")
    silent = lines(tmp_path, "tcp")[0]
    assert (silent["bytes_in"], silent["protocol"]) == (2, "unknown")


def test_a_client_that_dribbles_is_left_at_last_and_what_it_said_is_kept(tmp_path: Path) -> None:
    async def client(connect: Connect) -> None:
        reader, writer = await connect()
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"G")
                await asyncio.sleep(0.02)
                await writer.drain()
                if writer.transport.is_closing():
                    return

    (told,) = run(tmp_path, Limits(connection_seconds=0.3), client)
    assert "it lasted longer than 0.3 seconds" in told
    slow = lines(tmp_path, "tcp")[0]
    assert slow["protocol"] == "unknown"
    assert slow["bytes_in"] >= 5


def test_an_endless_client_is_cut(tmp_path: Path) -> None:
    async def client(connect: Connect) -> None:
        _, writer = await connect()
        with contextlib.suppress(ConnectionError):
            while not writer.transport.is_closing():
                writer.write(b"\x01" * 65_536)
                await writer.drain()

    details = run(tmp_path, Limits(connection_bytes=1 << 20, sent_stream_bytes=4096), client)
    assert any(detail.endswith("it sent more than 1048576 bytes") for detail in details)
    assert any("kept and searched in part only" in detail for detail in details)


def test_a_client_that_never_reads_is_left(tmp_path: Path) -> None:
    async def client(connect: Connect) -> None:
        _, writer = await connect()
        writer.transport.pause_reading()
        asks = b"GET /x.tar HTTP/1.1\r\nHost: www.example\r\n\r\n" * 400
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(5):
                while not writer.transport.is_closing():
                    writer.write(asks)
                    await writer.drain()

    details = run(tmp_path, Limits(write_seconds=0.2), client)
    assert any(detail.endswith("its client did not read for 0.2 seconds") for detail in details)


def test_the_oldest_of_too_many_connections_are_closed(tmp_path: Path) -> None:
    async def client(connect: Connect) -> None:
        held = [await connect() for _ in range(30)]
        held[-1][1].write(b"\x01heard")
        await ended(held[0][0])

    (told,) = run(tmp_path, Limits(connections=10), client)
    assert told == "more than 10 connections at once: the oldest were closed"
    assert len(lines(tmp_path, "tcp")) == 31
    assert [tcp["bytes_in"] for tcp in lines(tmp_path, "tcp") if tcp["protocol"] == "unknown"] == [6]


def test_a_defect_of_ours_makes_the_record_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = internet.streams.converse

    async def fails_once(*arguments: Any) -> None:
        monkeypatch.setattr(internet.streams, "converse", real)
        raise ZeroDivisionError

    monkeypatch.setattr(internet.streams, "converse", fails_once)

    async def client(connect: Connect) -> None:
        reader, _ = await connect()
        await ended(reader)

    told = run(tmp_path, Limits(), client)
    assert told == ["the simulated internet failed at a connection (ZeroDivisionError), a defect of fumehood"]
    assert [line["lost"] for line in lines(tmp_path, "limit")] == [True]
