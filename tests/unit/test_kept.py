"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer import kept

LIMIT = 1000


def killed_while_writing(path: Path) -> None:
    """A process that writes half a file, and is gone."""
    program = (
        "import os, signal, sys; from pathlib import Path; from analyzer.kept import replacing\n"
        "with replacing(Path(sys.argv[1])) as stream:\n"
        "    stream.write(b'half'); stream.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == -9


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with kept.replacing(path, durable=durable) as stream:
        stream.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_raises_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(SystemExit), kept.replacing(path) as stream:
        stream.write(b"new")
        raise SystemExit
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_goes_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    others = [tmp_path / ".fumehood-1.tmp", tmp_path / "fumehood.tmp"]
    for other in others:
        other.touch()
    killed_while_writing(path)
    assert path.read_bytes() == b"old"
    with kept.replacing(path) as stream:
        assert len(list(tmp_path.iterdir())) == 5
        kept.sweep(tmp_path)
        stream.write(b"new")
    assert sorted(tmp_path.iterdir()) == sorted([path, *others])
    kept.sweep(tmp_path / "none")


def test_what_this_process_was_writing_can_be_discarded(tmp_path: Path) -> None:
    unfinished, descriptor = kept.create_beside(tmp_path / "file")
    os.close(descriptor)
    assert unfinished.exists()
    kept.discard_unfinished()
    assert list(tmp_path.iterdir()) == []


@given(content=st.binary(max_size=100), damaged=st.binary(max_size=300))
def test_a_document_is_known_again_or_none(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, damaged: bytes
) -> None:
    path = tmp_path_factory.mktemp("kept") / "deep" / "document"
    assert kept.kept(path, LIMIT) is None
    kept.keep(path, content)
    assert kept.kept(path, LIMIT) == content
    whole = path.read_bytes()
    path.write_bytes(damaged)
    assert kept.kept(path, LIMIT) is None
    for cut in (whole[:-1], whole[1:], whole + b"x"):
        path.write_bytes(cut)
        assert kept.kept(path, LIMIT) is None


def test_one_that_is_too_large_is_none(tmp_path: Path) -> None:
    kept.keep(tmp_path / "document", b"x" * (LIMIT + 1))
    assert kept.kept(tmp_path / "document", LIMIT) is None
    kept.keep(tmp_path / "document", b"x" * LIMIT)
    assert kept.kept(tmp_path / "document", LIMIT) == b"x" * LIMIT


def test_what_is_no_plain_file_is_never_waited_for(tmp_path: Path) -> None:
    kept.keep(tmp_path / "document", b"content")
    (tmp_path / "link").symlink_to("document")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder", "none"):
        assert kept.kept(tmp_path / name, LIMIT) is None
