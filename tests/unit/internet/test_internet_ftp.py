"""FTP's commands, and its data connections as they are handed over."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from internet.conversation import Conversation
from internet.dispatch import converse

from tests.unit.internet.talking import Script, acts, converse_with, kept, lines, make_services, make_talk

if TYPE_CHECKING:
    from pathlib import Path

HOST = "198.51.100.7"


class Client(Script):
    """Says its commands one after the other, and opens a data connection to each port that it is told."""

    def __init__(self, services: object, commands: list[bytes], upload: bytes) -> None:
        super().__init__(*commands)
        self.services = services
        self.upload = upload
        self.data: list[Script] = []
        self.connections: list[asyncio.Task[None]] = []
        self.talks: list[Conversation] = []

    async def write(self, data: bytes) -> None:
        await super().write(data)
        port = announced(data)
        if port:
            self.data.append(Script(self.upload))
            self.talks.append(make_talk(port))
            self.connections.append(
                asyncio.create_task(converse(self.data[-1], self.talks[-1], self.services))  # type: ignore[arg-type]
            )


def announced(said: bytes) -> int:
    if found := re.match(rb"227 .*\(\d+,\d+,\d+,\d+,(\d+),(\d+)\)", said):
        return int(found[1]) * 256 + int(found[2])
    found = re.match(rb"229 .*\(\|\|\|(\d+)\|\)", said)
    return int(found[1]) if found else 0


def transfer(folder: Path, *commands: bytes, upload: bytes = b"") -> Client:
    services = make_services(folder)

    async def run() -> Client:
        client = Client(services, [command + b"\r\n" for command in commands], upload)
        await converse(client, make_talk(21), services)
        async with asyncio.timeout(5):
            await asyncio.gather(*client.connections)
        return client

    return asyncio.run(run())


@pytest.mark.parametrize("passive", [b"PASV", b"EPSV"])
def test_an_upload_is_kept(tmp_path: Path, passive: bytes) -> None:
    client = transfer(
        tmp_path, b"USER alex", b"PASS p4ss", b"CWD /drop", passive, b"STOR x.zip", upload=b"what was stolen"
    )
    assert client.heard.splitlines()[-1] == b"226 Transfer complete."
    assert acts(tmp_path) == [("USER", f"ftp://alex@{HOST}", 0), ("STOR", f"ftp://{HOST}/drop/x.zip", 15)]
    assert b"what was stolen" in kept(tmp_path, "stream")
    assert bytes(client.talks[0].head) == b"what was stolen"
    assert client.talks[0].protocol == "ftp-data"


def test_a_file_and_lists_are_given(tmp_path: Path) -> None:
    client = transfer(
        tmp_path, b"USER a", b"PASV", b"RETR install.sh", b"PASV", b"NLST", b"PASV", b"LIST -a", b"SIZE install.sh"
    )
    assert client.data[0].heard.startswith(b"#!/bin/sh\n")
    assert client.data[1].heard == b"pub\r\ndata.bin\r\n"
    assert client.heard.splitlines()[-1] == b"213 %d" % len(client.data[0].heard)


def test_a_transfer_without_a_port_is_refused(tmp_path: Path) -> None:
    assert b"425 Use PASV first." in converse_with(tmp_path, 21, b"USER a\r\nSTOR x\r\nPORT 1,2,3,4,5,6\r\nRETR y\r\n")


def test_a_data_connection_that_never_comes_ends_with_the_session(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    channel = Script(b"USER a\r\n", b"PASV\r\n", b"EPSV\r\n", b"QUIT\r\n")
    asyncio.run(converse(channel, make_talk(21), services))
    late = Script(b"too late")
    asyncio.run(converse(late, make_talk(announced(channel.heard.splitlines()[3])), services))
    assert kept(tmp_path, "stream").endswith(b"too late")
    assert late.heard == b""


def test_paths_stay_within_the_root(tmp_path: Path) -> None:
    converse_with(tmp_path, 21, b"USER a\r\nCWD /a/b\r\nDELE ../../../etc/passwd\r\nMKD \xff\r\n")
    assert [url for _, url, _ in acts(tmp_path)][1:] == [f"ftp://{HOST}/etc/passwd", f"ftp://{HOST}/a/b/%FF"]
    assert not lines(tmp_path, "limit")
