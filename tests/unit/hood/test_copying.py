"""Files into and out of a session: where they go, and where nothing can go."""

from __future__ import annotations

import io
import json
import os
import socket
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hood import copying, packing
from hood.link import Order
from hood.places import CopyError, located
from hood.plan import Plan

from analyzer.errors import SandboxError
from analyzer.sandbox.session.copies import Copies
from analyzer.sandbox.session.orders import Orders
from tests.unit.hood.plans import plan


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    (made / "project").mkdir(parents=True)
    return made


@pytest.fixture
def copies(home: Path, tmp_path: Path) -> Iterator[Copies]:
    """Copies whose other end is a supervisor's."""
    outer, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    the_plan = of_home(home, tmp_path)

    # A process of its own, as the supervisor is: it holds no other end of a pipe.
    supervisor = os.fork()
    if supervisor == 0:
        outer.close()
        while True:
            packet, descriptors, _, _ = socket.recv_fds(inner, 65536, 4)
            if not packet:
                os._exit(0)
            order = Order(json.loads(packet), descriptors)
            child = copying.start(the_plan, order)
            order.close()
            os.waitpid(child, 0)
    inner.close()
    yield Copies(Orders(outer))
    outer.close()
    os.waitpid(supervisor, 0)


def of_home(home: Path, record: Path) -> Plan:
    return replace(plan(record), home=str(home), environment={"PWD": f"{home}/project"})


def archive(*members: tuple[str, bytes | str | None]) -> io.BytesIO:
    """Members: a file with its content, a folder (None), or a link to a text."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as writing:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.mode = 0o755 if content is None else 0o640
            if isinstance(content, bytes):
                member.size = len(content)
                writing.addfile(member, io.BytesIO(content))
            else:
                member.type = tarfile.DIRTYPE if content is None else tarfile.SYMTYPE
                member.linkname = content or ""
                writing.addfile(member)
    stream.seek(0)
    return stream


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("~/project", "project/one"), ("~", "one"), (".", "project/one"), ("two", "project/two"), ("~/project/", "project/one"),
        ("../three", "three"),
    ],
)  # fmt: skip
def test_a_file_goes_where_docker_cp_puts_it(copies: Copies, home: Path, name: str, place: str) -> None:
    copies.put(name, archive(("one", b"text")))
    assert (home / place).read_bytes() == b"text"
    assert (home / place).stat().st_mode & 0o777 == 0o640


def test_a_folder_with_what_is_in_it(copies: Copies, home: Path) -> None:
    tree = (("dir", None), ("dir/sub", None), ("dir/sub/file", b"1"), ("dir/link", "sub/file"))
    copies.put("new", archive(*tree))
    assert (home / "project/new/link").read_text() == "1"
    with copies.get("new", 1000) as stream, tarfile.open(fileobj=stream) as got:
        assert [(one.name, one.type) for one in got] == [
            ("new", tarfile.DIRTYPE), ("new/link", tarfile.SYMTYPE), ("new/sub", tarfile.DIRTYPE), ("new/sub/file", tarfile.REGTYPE),
        ]  # fmt: skip


def test_a_file_that_is_there_makes_way_and_no_link_is_written_through(
    copies: Copies, home: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("kept")
    (home / "project/link").symlink_to(outside)
    copies.put("link", archive(("link", b"new")))
    assert outside.read_text() == "kept"
    assert (home / "project/link").read_text() == "new"


@pytest.mark.parametrize("name", ["/etc/x", "out/x", "../../../../../../../../etc/x", "/", "/tmpx/y", "/tmp/../etc/x"])
def test_nothing_leads_out(copies: Copies, home: Path, tmp_path: Path, name: str) -> None:
    (home / "project/out").symlink_to("/etc")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SandboxError, match="only files below"):
        copies.put(name, archive(("one", b"text")))
    with pytest.raises(SandboxError, match="only files below"):
        copies.get(name, 1000)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "members",
    [
        [("../up", b"")], [("/etc/up", b"")], [("a/../../up", b"")], [("", b"")],
        [("link", "/etc"), ("link/up", b"")], [("a", None), ("a/b", "../.."), ("a/b/up", b"")],
    ],
)  # fmt: skip
def test_an_archive_that_leads_out_is_refused(
    copies: Copies, home: Path, members: list[tuple[str, bytes | str | None]]
) -> None:
    with pytest.raises(SandboxError):
        copies.put("~/project", archive(*members))
    assert not (home / "up").exists()
    assert not (home.parent / "up").exists()
    assert not Path("/etc/up").exists()


def test_what_is_no_archive(copies: Copies) -> None:
    with pytest.raises(SandboxError, match="cannot be read"):
        copies.put("x", io.BytesIO(b"no archive" * 1000))


def test_what_is_not_there_and_what_is_too_much(copies: Copies, home: Path) -> None:
    (home / "big").write_bytes(b"x" * 1001)
    os.mkfifo(home / "pipe")
    with pytest.raises(SandboxError, match="No such file"):
        copies.get("nothing", 1000)
    with pytest.raises(SandboxError, match="more than may be copied"):
        copies.get("~/big", 1000)
    with pytest.raises(SandboxError, match="neither a file"):
        copies.get("~/pipe", 1000)
    with pytest.raises(SandboxError, match="no such folder"):
        copies.put("missing/", archive(("one", b"")))
    with pytest.raises(SandboxError, match="names no file"):
        copies.get("", 1000)


def test_too_many(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_ENTRIES", 3)
    for number in range(4):
        (home / str(number)).touch()
    with open(os.devnull, "wb") as sink, pytest.raises(CopyError, match="more than 3 files"):
        packing.pack(of_home(home, tmp_path), "~", sink.fileno(), 1000)


def test_after_the_end(tmp_path: Path) -> None:
    outer, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    inner.close()
    with outer, pytest.raises(SandboxError, match="session is over"):
        Copies(Orders(outer)).put("x", archive(("one", b"")))


def test_a_copy_that_is_ended_is_told(tmp_path: Path) -> None:
    outer, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def drop() -> None:
        for descriptor in socket.recv_fds(inner, 65536, 4)[1]:
            os.close(descriptor)

    thread = threading.Thread(target=drop)
    thread.start()
    with outer, inner, pytest.raises(SandboxError, match="was ended inside"):
        Copies(Orders(outer)).get("x", 1000)
    thread.join()


def test_a_name_with_links_in_its_folders_is_where_they_lead(home: Path, tmp_path: Path) -> None:
    (home / "here").symlink_to(home / "project")
    assert located(of_home(home, tmp_path), "~/here/file") == f"{home}/project/file"
    assert located(of_home(home, tmp_path), "/tmp/x") == "/tmp/x"
