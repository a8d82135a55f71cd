from __future__ import annotations

import bz2
import gzip
import io
import stat
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analyzer.acquire import limits, members
from analyzer.acquire.archive import read_archive
from analyzer.errors import AcquireError
from tests.packages import make_sdist, make_wheel
from tests.unit.acquire.conftest import check_message


def everything(_name: str) -> bool:
    return True


def tar_of(path: Path, *entries: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info, content in entries:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def zip_of(path: Path, *names: str, mode: int = 0o100644, content: bytes = b"") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(AcquireError) as caught:
        read_archive(path, path.name, everything)
    assert path.name in str(caught.value)
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize("suffix", [".tar.gz", ".tgz", ".tar.bz2", ".zip"])
def test_an_honest_sdist_is_read(made: Path, suffix: str) -> None:
    path = make_sdist(made, "demo", files={"src/demo.py": "x = 1"}, suffix=suffix)
    contents = read_archive(path, path.name, lambda name: name.endswith("PKG-INFO"))
    assert set(contents.names) == {"demo-1.0/PKG-INFO", "demo-1.0/pyproject.toml", "demo-1.0/src/demo.py"}
    assert list(contents.files) == ["demo-1.0/PKG-INFO"]
    assert b"Name: demo" in contents.files["demo-1.0/PKG-INFO"]


def test_an_honest_wheel_is_read(made: Path) -> None:
    path = make_wheel(made, "demo", modules={"demo.py": "x = 1"})
    assert "demo.py" in read_archive(path, path.name, everything).files


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/etc/passwd", "a/b/../c", "C:/evil", "..", "a\\..\\..\\evil"]
)
def test_members_that_leave_the_tree(made: Path, name: str) -> None:
    assert "outside its own folder" in refused(tar_of(made / "x.tar.gz", entry(name)))
    assert "outside its own folder" in refused(zip_of(made / "x.zip", name))


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("d/link", "/etc/passwd"), ("d/link", "../../etc"), ("link", ".."), ("d/link", "x/../../.."),
        ("d/e/link", "../../../x"), ("d/l", ""),
    ],
)  # fmt: skip
def test_links_that_leave_the_tree(made: Path, name: str, target: str) -> None:
    assert "leaves its folder" in refused(tar_of(made / "x.tar.gz", entry(name, tarfile.SYMTYPE, target)))
    assert "leaves its folder" in refused(zip_of(made / "x.zip", name, mode=0o120777, content=target.encode()))


@pytest.mark.parametrize("target", ["/etc/passwd", "../x", "d/../../x"])
def test_hard_links_that_leave_the_tree(made: Path, target: str) -> None:
    assert "leaves its folder" in refused(tar_of(made / "x.tar.gz", entry("d/link", tarfile.LNKTYPE, target)))


def test_links_inside_the_tree_are_kept(made: Path) -> None:
    path = tar_of(
        made / "x.tar.gz",
        entry("d/file"),
        entry("d/e/link", tarfile.SYMTYPE, "../file"),
        entry("d/hard", tarfile.LNKTYPE, "d/file"),
    )
    assert set(read_archive(path, path.name, everything).names) == {"d/file", "d/e/link", "d/hard"}


def test_writing_through_a_link_is_refused_whatever_the_order(made: Path) -> None:
    link, file = entry("d/link", tarfile.SYMTYPE, "other"), entry("d/link/file")
    assert "through a link" in refused(tar_of(made / "x.tar.gz", link, file))
    assert "through a link" in refused(tar_of(made / "y.tar.gz", file, link))


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"Z", tarfile.GNUTYPE_SPARSE])
def test_special_members(made: Path, kind: bytes) -> None:
    assert "special file" in refused(tar_of(made / "x.tar.gz", entry("d/special", kind)))


def test_special_members_of_a_zip(made: Path) -> None:
    assert "special file" in refused(zip_of(made / "x.zip", "fifo", mode=stat.S_IFIFO | 0o644))


def test_too_many_members(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_MEMBERS", 10)
    assert "more than 10 members" in refused(tar_of(made / "x.tar.gz", *(entry(f"d/{n}") for n in range(11))))
    assert "more than 10 members" in refused(zip_of(made / "x.zip", *(f"d/{n}" for n in range(11))))


def test_decompression_bombs(made: Path) -> None:
    zeros = bytes(limits.RATIO_FLOOR_BYTES + 1)
    with zipfile.ZipFile(made / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", zeros)
    assert "decompression bomb" in refused(made / "x.zip")
    info, _ = entry("d/zeros")
    path = tar_of(made / "x.tar.gz", (info, zeros))
    with pytest.raises(AcquireError, match="decompression bomb"):
        read_archive(path, path.name, lambda name: False)


def test_too_large_when_unpacked(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_UNPACKED_BYTES", 1000)
    assert "unpacks to more than" in refused(zip_of(made / "x.zip", "file", content=b"x" * 1001))


def test_a_header_that_claims_to_be_huge(made: Path) -> None:
    info, content = entry("d/long", tarfile.GNUTYPE_LONGNAME)[0], b"n" * (limits.MIB + 1)
    assert "header that is unreasonably large" in refused(tar_of(made / "x.tar.gz", (info, content)))


def test_nested_long_names_end_in_an_error(made: Path) -> None:
    names = [(entry("././@LongLink", tarfile.GNUTYPE_LONGNAME)[0], b"n\0") for _ in range(900)]
    assert "damaged" in refused(tar_of(made / "x.tar.gz", *names))


def test_encrypted_members(made: Path) -> None:
    path = zip_of(made / "x.zip", "secret", content=b"x")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # flags of the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # flags in the central directory
    path.write_bytes(data)
    assert "encrypted" in refused(path)


def test_unusual_compression(made: Path) -> None:
    with zipfile.ZipFile(made / "x.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("file", b"x")
    assert "compression method 14" in refused(made / "x.zip")


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.bz2", ".zip"])
@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9, -1])
def test_truncated_archives(made: Path, suffix: str, keep: float) -> None:
    path = make_sdist(made, "demo", files={"demo.py": "x = 1\n" * 50}, suffix=suffix)
    data = path.read_bytes()
    path.write_bytes(data[:-1] if keep < 0 else data[: int(len(data) * keep)])
    assert "damaged or truncated" in refused(path)


def test_damage_in_the_middle_of_a_tar_is_seen(made: Path) -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name in ("d/a", "d/b"):
            archive.addfile(entry(name)[0])
    data = bytearray(plain.getvalue())
    data[512] ^= 0xFF  # the second header's checksum no longer fits, and tarfile would end there in silence
    path = made / "x.tar.gz"
    path.write_bytes(gzip.compress(bytes(data)))
    assert "damaged" in refused(path)


def test_metadata_is_bounded(made: Path) -> None:
    content = b"\n".join(str(number).encode() for number in range(200_000))
    assert "more than 1 MiB" in refused(zip_of(made / "x.zip", "PKG-INFO", content=content))
    info, _ = entry("PKG-INFO")
    assert "more than 1 MiB" in refused(tar_of(made / "x.tar.gz", (info, content)))


def test_a_format_that_is_not_known(made: Path) -> None:
    (made / "x.rar").touch()
    assert "no archive of a known kind" in refused(made / "x.rar")


def _tar_bytes() -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, _ in (
            entry("d/" + "n" * 120),
            entry("d/ü"),
            entry("d/l", tarfile.SYMTYPE, "ü"),
            entry("d/h", tarfile.LNKTYPE, "d/ü"),
        ):
            archive.addfile(info)
    return plain.getvalue()[:6144]


def _zip_bytes() -> bytes:
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("d/file", b"text" * 10)
        archive.writestr("d/ü", b"")
    return plain.getvalue()


def _mutated(original: bytes) -> st.SearchStrategy[bytes]:
    change = st.tuples(st.integers(0, len(original) - 1), st.binary(min_size=1, max_size=16))

    def apply(changes: list[tuple[int, bytes]]) -> bytes:
        data = bytearray(original)
        for position, replacement in changes:
            data[position : position + len(replacement)] = replacement
        return bytes(data)

    return st.lists(change, min_size=1, max_size=6).map(apply)


FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _survives(data: bytes, filename: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / filename
        path.write_bytes(data)
        try:
            contents = read_archive(path, filename, everything)
        except AcquireError as error:
            check_message(error)
        else:
            assert not any(name.startswith("/") or ".." in name.split("/") for name in contents.names)


@FUZZ
@given(_mutated(_zip_bytes()) | st.binary(max_size=200))
def test_mutated_zips(data: bytes) -> None:
    _survives(data, "x.zip")


@FUZZ
@given(_mutated(_tar_bytes()))
@example(_tar_bytes())
def test_mutated_tars(data: bytes) -> None:
    _survives(gzip.compress(data, 1), "x.tar.gz")


@FUZZ
@given(_mutated(bz2.compress(_tar_bytes())) | st.binary(max_size=100))
def test_mutated_compressed_streams(data: bytes) -> None:
    _survives(data, "x.tar.bz2")
    _survives(data, "x.tar.gz")
