"""SSH, with asyncssh's own client over loopback."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest
from internet.dispatch import converse
from internet.protocols.uploads import Uploads
from internet.streams import Streams

from tests.unit.internet.talking import Script, kept, lines, make_services, make_talk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


def meet(folder: Path, client: Callable[[asyncssh.SSHClientConnection], Awaitable[Any]], **options: Any) -> Any:
    """What a client's program gives that met the service; the acts are then in the folder."""

    async def run() -> Any:
        streams = Streams(make_services(folder))
        server = await asyncio.start_server(streams.handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with (
            asyncio.timeout(60),
            asyncssh.connect(
                "127.0.0.1", port, known_hosts=None, config=None, username="alex", **options
            ) as connection,
        ):
            found = await client(connection)
        async with asyncio.timeout(10):
            await asyncio.gather(*streams.tasks)
        server.close()
        return found

    return asyncio.run(run())


def acts(folder: Path) -> list[tuple[str, str, int]]:
    """Verb, path (or whose act it was), and size."""
    return [
        (line["verb"], line["url"].partition("://")[2].partition("127.0.0.1")[0] + line["url"].partition("/")[2].partition("/")[2].partition("/")[2], line["request_bytes"])
        for line in lines(folder, "exchange")
    ]  # fmt: skip


def test_a_command_and_its_input_are_kept(tmp_path: Path) -> None:
    async def client(connection: asyncssh.SSHClientConnection) -> Any:
        return await connection.run("sh -s", input="echo what was stolen\n")

    done = meet(tmp_path, client, password="p4ss", client_keys=None)
    assert (done.stdout, done.exit_status) == ("", 0)
    assert acts(tmp_path) == [("AUTH", "alex@", 0), ("exec", "alex@", 5), ("stdin", "alex@", 21)]
    assert kept(tmp_path, "payload") == b"alexalex\0p4ssh -secho what was stolen\n".replace(b"p4ssh -s", b"p4sssh -s")
    assert kept(tmp_path, "stream").startswith(b"SSH-2.0-")
    assert [tcp["protocol"] for tcp in lines(tmp_path, "tcp")] == ["ssh"]


def test_any_key_is_taken(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")

    async def client(connection: asyncssh.SSHClientConnection) -> None:
        async with connection.create_process() as shell:
            shell.stdin.write("exit\n")
            await shell.wait()

    meet(tmp_path, client, client_keys=[key])
    assert acts(tmp_path) == [("AUTH", "alex@", 0), ("shell", "alex@", 0), ("stdin", "alex@", 5)]
    assert key.export_public_key().split()[1] in kept(tmp_path, "payload")


def test_files_are_kept_and_none_is_touched(tmp_path: Path) -> None:
    (tmp_path / "own").write_bytes(b"what was stolen")

    async def client(connection: asyncssh.SSHClientConnection) -> Any:
        async with connection.start_sftp_client() as sftp:
            await sftp.put(str(tmp_path / "own"), "/drop/x")
            size = (await sftp.stat("/drop/x")).size
            await sftp.mkdir("/drop/y")
            found = await sftp.listdir(str(tmp_path))
            with pytest.raises(asyncssh.SFTPError):
                await sftp.posix_rename(str(tmp_path / "own"), str(tmp_path / "away"))
            await sftp.remove(str(tmp_path / "own"))
        return size, found

    size, found = meet(tmp_path, client, password="x", client_keys=None)
    assert size == 15
    assert set(found) <= {".", ".."}
    assert ("WRITE", "drop/x", 15) in acts(tmp_path)
    assert ("MKDIR", "drop/y", 0) in acts(tmp_path)
    assert b"what was stolen" in kept(tmp_path, "payload")
    assert (tmp_path / "own").exists()
    assert not (tmp_path / "away").exists()


def test_no_method_of_asyncssh_that_works_on_files_is_left() -> None:
    own = {name for name, found in vars(asyncssh.SFTPServer).items() if callable(found) and not name.startswith("_")}
    assert own - set(vars(Uploads)) <= {"format_user", "format_group", "format_longname"}


def test_a_tunnel_is_told_and_refused(tmp_path: Path) -> None:
    async def client(connection: asyncssh.SSHClientConnection) -> None:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("inner.example", 5432)

    meet(tmp_path, client, password="x", client_keys=None)
    assert acts(tmp_path)[-1] == ("CONNECT", "alex@inner.example:5432", 0)


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-x\r\n" + b"\xff" * 100, b"SSH-9\r\n", b"SSH-2.0-x\r\n\0\0\0\x0c\x0a\x14" + bytes(30)]
)
def test_a_client_that_speaks_no_ssh_is_borne(tmp_path: Path, said: bytes) -> None:
    channel = Script(said)
    asyncio.run(converse(channel, make_talk(22), make_services(tmp_path)))
    assert channel.heard.startswith(b"SSH-2.0-OpenSSH_9.2p1")
