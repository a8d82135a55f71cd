"""The analyzer's side of a session: when the user gets the terminal, and how both sides learn of the end."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

from hood.link import Link

from analyzer.model.exploration import Session
from analyzer.sandbox.decoys import Decoys
from analyzer.sandbox.interface import SESSION_SECONDS, Limits, Manner
from analyzer.sandbox.session.exploring import Exploring, exploring, plan
from analyzer.sandbox.session.terminal import Terminal
from analyzer.sandbox.workspace import Workspace


def space_of(folder: Path) -> Workspace:
    record = folder / "record"
    record.mkdir()
    return Workspace(folder, record, Decoys([], {}, []))


def test_nothing_is_made_for_a_run_without_a_session(tmp_path: Path) -> None:
    space = space_of(tmp_path)
    with exploring(space, Manner()) as found:
        assert found is None
    assert not space.terminal.exists()
    assert plan(None, "/srv/terminal") == {}


def test_the_user_gets_the_terminal_when_it_has_begun_and_not_before(tmp_path: Path) -> None:
    space = space_of(tmp_path)
    got: list[bytes] = []
    attached = threading.Event()

    def attach(terminal: Terminal) -> None:
        attached.set()
        while piece := os.read(terminal.read_fd, 100):
            got.append(piece)

    with exploring(space, Manner(session=Session(), attach=attach)):
        assert space.terminal.stat().st_mode & 0o777 == 0o700
        link = Link(space.terminal)
        link.bytes.sendall(b"early ")
        assert not attached.wait(0.2)
        link.tell(begun=True)
        assert attached.wait(20)
        link.bytes.sendall(b"late")
        link.close()
    assert b"".join(got) == b"early late"


def test_nobody_else_can_connect_afterwards(tmp_path: Path) -> None:
    space = space_of(tmp_path)
    begun = threading.Event()
    with exploring(space, Manner(session=Session(), attach=lambda terminal: begun.set())):
        link = Link(space.terminal)
        link.tell(begun=True)
        assert begun.wait(20)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as another:
            assert another.connect_ex(str(space.terminal / "bytes")) != 0
        link.close()


def test_a_run_that_is_lost_ends_the_terminal(tmp_path: Path) -> None:
    space = space_of(tmp_path)
    ended = threading.Event()
    begun = threading.Event()

    def attach(terminal: Terminal) -> None:
        begun.set()
        while os.read(terminal.read_fd, 100):
            pass
        terminal.write(b"into the void")
        terminal.resize(1, 2)
        terminal.hang_up()
        ended.set()

    found = Exploring(space, attach)
    found.start()
    link = Link(space.terminal)
    link.tell(begun=True)
    assert begun.wait(20)
    link.close()
    found.close()
    assert ended.is_set()


def test_where_nobody_sits_the_session_is_hung_up(tmp_path: Path) -> None:
    space = space_of(tmp_path)
    with exploring(space, Manner(session=Session())):
        link = Link(space.terminal)
        link.tell(begun=True)
        link.orders.settimeout(20)
        assert b"hang_up" in link.orders.recv(1000)
        link.close()


def test_a_supervisor_that_never_comes(tmp_path: Path) -> None:
    with exploring(space_of(tmp_path), Manner(session=Session())):
        pass


def test_a_folder_with_a_long_path(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    with exploring(space_of(folder), Manner(session=Session())):
        assert (folder / "terminal" / "orders").is_socket()


def test_the_limits_of_a_session() -> None:
    assert Limits().for_session(None).execute_seconds == SESSION_SECONDS
    assert Limits().for_session(None).total_seconds > SESSION_SECONDS
    assert Limits().for_session(60.0).execute_seconds == 60.0
