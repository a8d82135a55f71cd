from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from analyzer.acquire.cache import Cache, Sink, default_root
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DIGEST = hashlib.sha256(b"content").hexdigest()


def fill(sink: Sink) -> None:
    sink.write(b"con")
    sink.write(b"tent")


def leftovers(cache: Cache) -> list[Path]:
    return list((cache.root / "tmp").iterdir())


def test_a_file_is_stored_by_its_content(cache: Cache) -> None:
    stored = cache.add("x", fill)
    assert stored.path == cache.root / "files" / "sha256" / DIGEST[:2] / DIGEST
    assert (stored.sha256, stored.size, stored.path.read_bytes()) == (DIGEST, 7, b"content")
    assert stored.path.stat().st_mode & 0o777 == 0o444
    assert cache.file(DIGEST) == stored
    assert leftovers(cache) == []


def test_a_damaged_file_is_not_used_and_can_be_replaced(cache: Cache) -> None:
    stored = cache.add("x", fill)
    stored.path.chmod(0o644)
    stored.path.write_bytes(b"changed")
    assert cache.file(DIGEST) is None
    assert cache.add("x", fill) == stored
    assert cache.file(DIGEST) == stored


def test_an_unknown_file(cache: Cache) -> None:
    assert cache.file(DIGEST) is None


def test_a_wrong_digest_is_refused(cache: Cache) -> None:
    with pytest.raises(AcquireError, match="promised"):
        cache.add("x", fill, sha256="1" * 64)
    assert leftovers(cache) == []
    assert not (cache.root / "files").exists()


def test_a_file_over_the_limit_is_refused(cache: Cache) -> None:
    with pytest.raises(AcquireError, match="larger than"):
        cache.add("x", fill, limit=6)
    assert leftovers(cache) == []


def test_an_interrupt_leaves_nothing(cache: Cache) -> None:
    def interrupted(sink: Sink) -> None:
        sink.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.add("x", interrupted)
    assert leftovers(cache) == []


def test_many_writers_of_the_same_file(cache: Cache) -> None:
    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(lambda _: Cache(cache.root).add("x", fill), range(32)))
    assert {each.sha256 for each in stored} == {DIGEST}
    assert cache.file(DIGEST) is not None
    assert leftovers(cache) == []


def test_documents(cache: Cache) -> None:
    assert cache.document("pages", "six") is None
    cache.keep("pages", "six", b"1")
    cache.keep("pages", "six", b"2")
    cache.keep("pages", "../../x\udc80", b"3")
    assert cache.document("pages", "six") == b"2"
    assert cache.document("other", "six") is None
    assert all(path.is_relative_to(cache.root / "pages") for path in cache.root.rglob("*") if path.is_file())


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file" / "below")
    with pytest.raises(AcquireError, match="FUMEHOOD_CACHE"):
        cache.add("x", fill)
    assert cache.file(DIGEST) is None
    with pytest.raises(AcquireError, match="cannot be used"):
        cache.keep("pages", "six", b"1")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(b"\xff\0" * 1000),
    "changed": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"?"),
    "of-another-version": lambda path: path.write_bytes(b"content"),
    "a-link": lambda path: (path.rename(path.with_name("other")), path.symlink_to("other")),
    "a-link-that-dangles": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "a-pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "unreadable": lambda path: path.chmod(0),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_document_is_none_and_can_be_replaced(cache: Cache, damage: str) -> None:
    cache.keep("pages", "six", b"the content")
    (path,) = [path for path in (cache.root / "pages").rglob("*") if path.is_file()]
    DAMAGES[damage](path)
    found = cache.document("pages", "six")
    assert found is None or (damage == "unreadable" and os.geteuid() == 0)
    cache.keep("pages", "six", b"another")
    assert cache.document("pages", "six") == b"another"


@pytest.mark.parametrize("damage", sorted(set(DAMAGES) - {"of-another-version", "unreadable"}))
def test_a_damaged_file_is_none_whatever_stands_there(cache: Cache, damage: str) -> None:
    path = cache.add("x", fill).path
    path.chmod(0o644)
    DAMAGES[damage](path)
    assert cache.file(DIGEST) is None
    assert cache.add("x", fill).path.read_bytes() == b"content"
    assert cache.file(DIGEST) is not None


def test_a_folder_in_the_place_of_an_entry_is_named(cache: Cache) -> None:
    path = cache.add("x", fill).path
    path.unlink()
    path.mkdir()
    assert cache.file(DIGEST) is None
    with pytest.raises(AcquireError, match=rf"{DIGEST} is a folder, where a file is to be; remove it"):
        cache.add("x", fill)
    assert leftovers(cache) == []


def test_what_a_killed_writer_left_goes_with_the_next_run(cache: Cache) -> None:
    program = "import sys; from pathlib import Path; from analyzer.kept import create_beside; create_beside(Path(sys.argv[1]))"
    cache.prepare()
    subprocess.run([sys.executable, "-c", program, str(cache.root / "tmp" / "file")], check=True)
    assert len(leftovers(cache)) == 1
    cache.prepare()
    assert leftovers(cache) == []


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.delenv("FUMEHOOD_CACHE", raising=False)
    assert default_root() == tmp_path / ".cache" / "fumehood"
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/somewhere")
    assert str(default_root()) == "/var/somewhere/fumehood"
    monkeypatch.setenv("FUMEHOOD_CACHE", str(tmp_path / "own"))
    assert Cache().root == tmp_path / "own"


def test_a_new_cache_is_its_users_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "new" / "cache")
    cache.prepare()
    assert cache.root.stat().st_mode & 0o777 == 0o700


def test_a_cache_that_everybody_can_write_to_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    with pytest.raises(AcquireError, match=r"may be written by every user.*chmod o-w"):
        Cache(tmp_path / "cache").prepare()
