from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hood.digests import Digests

ELF = b"\x7fELF\2\1\1" + bytes(100)


def digest(digests: Digests, path: Path) -> str:
    return digests.of(str(path), path.lstat(), path.read_bytes()[:256])


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        (ELF, 0o644, True),
        (b"#!/bin/sh\n", 0o600, True),
        (b"MZ\x90", 0o644, True),
        (b"text", 0o755, True),
        (b"text", 0o644, False),
    ],
)
def test_programs_have_digests(tmp_path: Path, content: bytes, mode: int, *, told: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    path.chmod(mode)
    assert digest(Digests(), path) == (hashlib.sha256(content).hexdigest() if told else "")


def test_what_did_not_change_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(ELF)
    digests = Digests()
    first = digest(digests, path)
    opened: list[object] = []
    monkeypatch.setattr(os, "open", lambda *arguments: opened.append(arguments))
    assert digests.of(str(path), path.lstat(), ELF) == first
    assert opened == []


def test_another_content_of_the_same_size_and_time_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(ELF)
    digests, times = Digests(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    first = digest(digests, path)
    path.write_bytes(ELF[:-1] + b"x")
    os.utime(path, ns=times)
    assert digest(digests, path) not in {first, ""}


def test_a_look_reads_no_more_than_it_may(tmp_path: Path) -> None:
    digests, found = Digests(max_bytes=2 * len(ELF)), []
    for number in range(3):
        (tmp_path / str(number)).write_bytes(ELF)
        found.append(bool(digest(digests, tmp_path / str(number))))
    digests.begin()
    assert [*found, bool(digest(digests, tmp_path / "2"))] == [True, True, False, True]


def test_a_link_or_pipe_in_a_programs_place_is_not_read(tmp_path: Path) -> None:
    program, link, pipe = tmp_path / "program", tmp_path / "link", tmp_path / "pipe"
    program.write_bytes(ELF)
    link.symlink_to(program)
    os.mkfifo(pipe)
    for other in (link, pipe, tmp_path / "gone"):
        assert Digests().of(str(other), program.lstat(), ELF) == ""


def test_a_program_that_is_shorter_by_now_has_none(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(ELF)
    before = path.lstat()
    path.write_bytes(b"#!")
    assert Digests().of(str(path), before, ELF) == ""
