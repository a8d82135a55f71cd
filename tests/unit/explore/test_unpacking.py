"""What comes out of a sandbox lands where it was asked for, and nowhere else."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import FumehoodError, SandboxError, UsageError
from analyzer.explore import unpacking
from analyzer.explore.unpacking import unpack


def member(
    name: str, content: bytes | None = b"", kind: bytes = tarfile.REGTYPE, **more: object
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mode = kind, len(content or b""), 0o644
    for key, value in more.items():
        setattr(info, key, value)
    return info, content or b""


def archive(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    stream.seek(0)
    return stream


FOLDER = member("top", None, tarfile.DIRTYPE)


def everything(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): "folder" if path.is_dir() else path.read_text(errors="replace")
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "outside").write_text("mine")
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def test_a_file_gets_the_name_that_was_asked_for(place: Path) -> None:
    data = member("result.txt", b"text", mode=0o4777)
    assert unpack(archive(data), place, "result.txt").path == place / "result.txt"
    assert unpack(archive(data), place / "other", "result.txt").files == 1
    assert everything(place) == {"other": "text", "result.txt": "text"}
    assert (place / "other").stat().st_mode & 0o7777 == 0o755
    unpack(archive(member("result.txt", b"newer")), place, "result.txt")
    assert (place / "result.txt").read_text() == "newer"


def test_a_file_of_another_name_does_not_choose_where_it_lands(place: Path) -> None:
    for name in ("../outside", "/etc/passwd", ".bashrc"):
        unpack(archive(member(name, b"evil")), place, "asked")
    assert everything(place) == {"asked": "evil"}
    assert (place.parent / "outside").read_text() == "mine"


def test_a_folder_with_everything_hostile_in_it(place: Path) -> None:
    hostile = [
        member("top/fine/deep/file", b"fine", mode=0o755),
        member("top/../../outside", b"evil"),
        member("../outside", b"evil"),
        member("/tmp/outside", b"evil"),
        member("elsewhere/file", b"evil"),
        member("top/link", None, tarfile.SYMTYPE, linkname="/"),
        member("top/link/outside", b"below what would be a link"),
        member("top/hard", None, tarfile.LNKTYPE, linkname="../outside"),
        member("top/device", None, tarfile.CHRTYPE),
        member("top/pipe", None, tarfile.FIFOTYPE),
        member("top/a\x1b[2Jb", b"evil"),
        member("top/a\nb", b"evil"),
        member("top/fine", b"a file where a folder is"),
        member("top/fine/deep/file", b"again"),
        member("top/fine/deep/file/below", b"below a file"),
        member("top/" + "d/" * 80 + "x", b"too deep"),
    ]
    result = unpack(archive(FOLDER, *hostile), place, "got")
    assert everything(place) == {
        "got": "folder", "got/fine": "folder", "got/fine/deep": "folder", "got/fine/deep/file": "fine",
        "got/link": "folder", "got/link/outside": "below what would be a link",
    }  # fmt: skip
    assert (place.parent / "outside").read_text() == "mine"
    assert result.files == 2
    assert result.count_left_out == 14
    assert len(result.left_out) == 10
    assert not any("\x1b" in line or "\n" in line for line in result.left_out)


def test_a_folder_is_never_mixed_into_one_that_is_there(place: Path) -> None:
    (place / "top").mkdir()
    with pytest.raises(UsageError, match="exists already"):
        unpack(archive(FOLDER, member("top/.git", b"evil")), place, "top")
    (place / "link").symlink_to(place.parent)
    with pytest.raises(UsageError, match="exists already"):
        unpack(archive(FOLDER), place, "link")
    assert everything(place / "top") == {}


def test_a_link_as_destination_is_replaced_and_not_followed(place: Path) -> None:
    (place / "link").symlink_to(place.parent / "outside")
    unpack(archive(member("x", b"new")), place / "link", "x")
    assert (place.parent / "outside").read_text() == "mine"
    assert (place / "link").read_text() == "new"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (bytes(10240), "sent nothing"),
        (b"no archive" * 200, "damaged"),
        (archive(member("x", None, tarfile.SYMTYPE, linkname="/etc/passwd")).getvalue(), "neither a file nor a folder"),
        (archive(member("x", b"y" * 5000)).getvalue()[:1024], "too early|damaged"),
    ],
)
def test_what_is_no_archive_is_told_in_a_line(data: bytes, message: str, place: Path) -> None:
    with pytest.raises(SandboxError, match=message) as caught:
        unpack(io.BytesIO(data), place, "x")
    assert "\n" not in str(caught.value)
    assert everything(place) == {}


def test_bounds(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1000)
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 20)
    with pytest.raises(SandboxError, match="more than"):
        unpack(archive(member("x", b"x" * 1001)), place, "x")
    with pytest.raises(SandboxError, match="more than"):
        unpack(archive(FOLDER, *(member(f"top/{n}", b"x" * 300) for n in range(4))), place, "x")
    with pytest.raises(SandboxError, match="more than"):
        unpack(archive(FOLDER, *(member(f"top/{n}") for n in range(30))), place, "x")
    huge = tarfile.TarInfo("x")
    huge.type, huge.size = tarfile.XHDTYPE, 1 << 30
    with pytest.raises(SandboxError, match="unreasonable header"):
        unpack(io.BytesIO(huge.tobuf(tarfile.USTAR_FORMAT) + bytes(1024)), place, "x")
    assert everything(place) == {}


def test_what_cannot_be_written_is_a_line(place: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        unpack(archive(member("x", b"x")), place / "missing" / "x", "x")
    with pytest.raises(UsageError, match="name a file or folder in it"):
        unpack(archive(member("..", b"x")), place, "")


@given(st.lists(st.tuples(
    st.from_regex(r"(\.\./|/|top/|\./){0,4}[a-z\x1b.]{0,3}", fullmatch=True),
    st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE]),
    st.sampled_from(["..", "/", "top/a", "../outside"]),
), max_size=12), st.integers(0, 3000))  # fmt: skip
def test_nothing_lands_outside(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, bytes, str]], cut: int
) -> None:
    parent = tmp_path_factory.mktemp("parent")
    (parent / "outside").write_text("mine")
    place = parent / "here"
    place.mkdir()
    data = archive(
        *(member(name, b"evil" if kind == tarfile.REGTYPE else None, kind, linkname=link) for name, kind, link in rows)
    ).getvalue()
    for one in (data, data[: len(data) - cut]):
        with contextlib.suppress(FumehoodError):
            unpack(io.BytesIO(one), place, "got")
        assert sorted(os.listdir(parent)) == ["here", "outside"]
        assert (parent / "outside").read_text() == "mine"
        assert set(os.listdir(place)) <= {"got"}
        assert not any(path.is_symlink() for path in place.rglob("*"))
