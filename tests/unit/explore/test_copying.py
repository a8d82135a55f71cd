"""`fumehood cp` and a running session, over a real socket."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.errors import SandboxError, UsageError
from analyzer.explore.client import Remote, get, put, side
from analyzer.explore.copying import Copying
from analyzer.explore.sessions import chosen, new_session, running, sessions_folder, socket_of
from analyzer.explore.wire import open_socket
from tests.unit.explore.local import LocalTerminal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # Longer than the address of a socket may be.
    return sessions_folder(tmp_path / ("long" * 30), {})


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[LocalTerminal]:
    inside = tmp_path / "inside"
    inside.mkdir()
    one = LocalTerminal(["sleep", "100"], inside)
    yield one
    one.close()


@pytest.fixture
def path(folder: Path, terminal: LocalTerminal) -> Iterator[Path]:
    one = socket_of(folder, "ab12")
    with Copying(one)(terminal):
        yield one
    assert not one.exists()


def test_files_go_in(path: Path, terminal: LocalTerminal, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "a").write_bytes(b"x" * 200_000)
    (source / "deep" / "b").write_text("b")
    (source / "link").symlink_to("a")
    os.mkfifo(source / "pipe")
    assert put(path, source, "target/") == 5
    assert {name: len(content) for name, content in terminal.taken.items()} == {
        "target/|source": 0, "target/|source/a": 200_000, "target/|source/deep": 0, "target/|source/deep/b": 1, "target/|source/link": 200_000,
    }  # fmt: skip
    terminal.taken.clear()
    put(path, source / "link", ".")
    assert list(terminal.taken) == [".|a"]


def test_files_come_out(path: Path, terminal: LocalTerminal, tmp_path: Path) -> None:
    inside = terminal.record / "results"
    inside.mkdir()
    (inside / "out").write_bytes(b"y" * 300_000)
    assert get(path, "results", tmp_path).path == tmp_path / "results"
    assert (tmp_path / "results" / "out").read_bytes() == b"y" * 300_000
    assert get(path, "results/out", tmp_path / "renamed").files == 1
    assert (tmp_path / "renamed").stat().st_size == 300_000


def test_what_cannot_be_copied_is_told_and_the_next_one_works(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SandboxError, match="missing: there is no such file"):
        get(path, "missing", tmp_path)
    with pytest.raises(SandboxError, match="there is no such folder"):
        put(path, tmp_path / "file", "missing/")
    with pytest.raises(UsageError, match="there is no such file or folder"):
        put(path, tmp_path / "none", ".")
    put(path, tmp_path / "file", ".")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"x" * 100_000,
        b'{"do": "put", "path": "x"}\n' + struct.pack(">I", 1 << 31),
        b'{"do": "put", "path": "x"}\n\0\0',
    ],
)
def test_who_says_nonsense_costs_nobody_anything(
    said: bytes, path: Path, terminal: LocalTerminal, tmp_path: Path
) -> None:
    with open_socket(path, listening=False) as one:
        try:
            one.sendall(said)
            one.shutdown(socket.SHUT_WR)
            assert one.recv(10) == b""
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert terminal.taken == {}
    (tmp_path / "file").write_text("x")
    put(path, tmp_path / "file", ".")


def test_a_session_that_is_over_is_told(folder: Path, terminal: LocalTerminal, tmp_path: Path) -> None:
    one = socket_of(folder, "ab12")
    with Copying(one)(terminal):
        assert oct(one.stat().st_mode & 0o777) == "0o600"
    with pytest.raises(SandboxError, match="the session ended"):
        get(one, "x", tmp_path)


def test_sessions_are_found_by_their_words(folder: Path) -> None:
    with pytest.raises(UsageError, match="no session is running"):
        chosen(folder, "")
    left = folder / "old1.0123abcd-999999999-1-0123abcd"
    with open_socket(socket_of(folder, "ab12"), listening=True), open_socket(left, listening=True):
        os.utime(left, (0, 0))
        assert list(running(folder)) == ["ab12"]
        assert not left.exists()
        assert chosen(folder, "").name.startswith("ab12.")
        with pytest.raises(UsageError, match="no session 'zz99': running are ab12"):
            chosen(folder, "zz99")
        with open_socket(socket_of(folder, "cd34"), listening=True):
            with pytest.raises(UsageError, match="ab12, cd34"):
                chosen(folder, "")
            assert chosen(folder, "cd34").name.startswith("cd34.")


def test_the_folder_is_the_users_alone(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    assert sessions_folder(tmp_path, {"XDG_RUNTIME_DIR": str(runtime)}) == runtime / "fumehood"
    assert (runtime / "fumehood").stat().st_mode & 0o777 == 0o700
    runtime.chmod(0o777)
    assert sessions_folder(tmp_path, {"XDG_RUNTIME_DIR": str(runtime)}) == tmp_path / "sessions"
    (tmp_path / "sessions").chmod(0o755)
    with pytest.raises(UsageError, match="yours alone"):
        sessions_folder(tmp_path, {})
    (tmp_path / "sessions").rmdir()
    (tmp_path / "sessions").symlink_to(runtime)
    with pytest.raises(UsageError, match="yours alone"):
        sessions_folder(tmp_path, {})


def test_sides() -> None:
    assert side(":x") == Remote("", "x")
    assert side(":") == Remote("", ".")
    assert side("ab12:/tmp/a:b") == Remote("ab12", "/tmp/a:b")
    assert side("./a:b") == Path("./a:b")
    assert side("/a:b") == Path("/a:b")
    assert side("plain") == Path("plain")
    assert side(f"{new_session()}:x") != Path("x")
