from __future__ import annotations

import bz2
import gzip
import io
import stat
import struct
import tarfile
import tempfile
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analyzer.archives import limits, members
from analyzer.archives.archive import read_archive
from analyzer.errors import AcquireError
from tests.packages import make_sdist, make_wheel
from tests.unit.acquire.conftest import check_message


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The folder for archives that a test makes."""
    return tmp_path


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


@pytest.mark.parametrize("name", ["x.rar", "x.tar.xz", "x.7z", "x.tar", "x"])
def test_a_format_that_is_not_known(made: Path, name: str) -> None:
    (made / name).touch()
    assert "no archive of a known kind" in refused(made / name)


def test_two_files_of_one_name_in_a_zip(made: Path) -> None:
    """The first or the last one: installers differ, so what is looked at might not be what is installed."""
    same, differing = twice(made / "same.zip", b"x", b"x"), twice(made / "x.zip", b"harmless", b"harmful")
    assert read_archive(same, "same.zip", everything).files == {"file": b"x"}
    assert "two different files of one name" in refused(differing)


def twice(path: Path, *contents: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the duplicate
        for content in contents:
            archive.writestr("file", content)
    return path


def test_the_last_of_one_name_in_a_tar_is_what_is_installed(made: Path) -> None:
    path = tar_of(made / "x.tar.gz", (entry("d/a")[0], b"first"), (entry("d/a")[0], b"last"))
    assert read_archive(path, path.name, everything).files == {"d/a": b"last"}


@pytest.mark.parametrize("mode", [0o104755, 0o102755, 0o101777, 0o100000])
def test_modes_are_nothing_here_and_names_may_differ_in_case(made: Path, mode: int) -> None:
    """Nobody in the sandbox gains privileges by a mode, and its file system tells capitals."""
    info = entry("d/a")[0]
    info.mode = mode
    assert read_archive(tar_of(made / "x.tar.gz", (info, b""), entry("d/A")), "x.tar.gz", everything).names == (
        "d/a",
        "d/A",
    )
    assert read_archive(zip_of(made / "x.zip", "a", "A", mode=mode), "x.zip", everything).names == ("a", "A")


@pytest.mark.parametrize("name", ["d/" + "n" * 5000, "d/\0x", "C:\\x", "\\\\server\\x", "//x"])
def test_names_that_are_no_paths(made: Path, name: str) -> None:
    info = entry("x")[0]
    info.pax_headers = {"path": name}
    if "\0" not in name:  # zipfile ends a name there itself
        assert "outside its own folder" in refused(zip_of(made / "x.zip", name))
    assert "outside its own folder" in refused(tar_of(made / "x.tar.gz", (info, b"")))


def changed(path: Path, *changes: tuple[bytes, int, bytes]) -> Path:
    """The file with other bytes at offsets behind the last place of some mark."""
    data = bytearray(path.read_bytes())
    for mark, offset, replacement in changes:
        at = data.rindex(mark) + offset
        data[at : at + len(replacement)] = replacement
    path.write_bytes(data)
    return path


LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((CENTRAL, 16, b"\1\2\3\4"), id="wrong-checksum"),
        pytest.param((LOCAL, 30, b"X"), id="another-name-in-the-local-header"),
        pytest.param((CENTRAL, 42, b"\xf0\xff\xff\x7f"), id="offset-behind-the-end"),
        pytest.param((CENTRAL, 20, b"\xf0\xff\xff\x7f"), id="packed-size-beyond-the-end"),
        pytest.param((END, 12, b"\xf0\xff\xff\x7f"), id="directory-of-2-gib"),
        pytest.param((END, 16, b"\xf0\xff\xff\x7f"), id="directory-behind-the-end"),
    ],
)
def test_zips_that_lie(made: Path, change: tuple[bytes, int, bytes]) -> None:
    assert "get it" in refused(changed(zip_of(made / "x.zip", "name", content=b"some text " * 50), change))


def test_sizes_of_zip64_that_lie(made: Path) -> None:
    with zipfile.ZipFile(made / "x.zip", "w") as archive, archive.open("file", "w", force_zip64=True) as file:
        file.write(b"text")
    extra = struct.pack("<HHQ", 1, 8, 2**63 - 1)
    data = (made / "x.zip").read_bytes()
    at = data.rindex(CENTRAL)
    name_ends = at + 46 + 4
    head = bytearray(data[at:name_ends])
    head[24:28], head[30:32] = b"\xff" * 4, struct.pack("<H", len(extra))
    end = bytearray(data[data.rindex(END) :])
    end[12:16] = struct.pack("<I", len(head) + len(extra))
    (made / "x.zip").write_bytes(data[:at] + head + extra + end)
    assert "get it" in refused(made / "x.zip")


def test_members_that_share_their_bytes(made: Path) -> None:
    """As David Fifield's bombs do: many entries of the directory lead to the same packed bytes."""
    with zipfile.ZipFile(made / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(8 * limits.MIB))
    data = (made / "x.zip").read_bytes()
    at, end = data.rindex(CENTRAL), data.rindex(END)
    entries = data[at:end] * 200
    tail = bytearray(data[end:])
    tail[8:12], tail[12:16] = struct.pack("<HH", 200, 200), struct.pack("<I", len(entries))
    (made / "x.zip").write_bytes(data[:at] + entries + tail)
    with pytest.raises(AcquireError, match=r"decompression bomb|damaged"):
        read_archive(made / "x.zip", "x.zip", lambda name: False)


def test_a_directory_of_a_million_entries(made: Path) -> None:
    entry_bytes = struct.pack("<4s6H3I5H2I", CENTRAL, 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    tail = struct.pack("<4s4H2IH", END, 0, 0, 65535, 65535, len(entry_bytes) * 1_000_000, 0, 0)
    (made / "x.zip").write_bytes(entry_bytes * 1_000_000 + tail)
    assert "unreasonably large directory" in refused(made / "x.zip")
    tail = struct.pack("<4s4H2IH", END, 0, 0, 65535, 65535, len(entry_bytes) * 150_000, 0, 0)
    (made / "x.zip").write_bytes(entry_bytes * 150_000 + tail)
    assert "more than 100000 members" in refused(made / "x.zip")


@pytest.mark.parametrize("size", ["999999999999999999", "-1", "x", "9" * 5000])
def test_sizes_of_a_tar_that_lie(made: Path, size: str) -> None:
    info = entry("d/file")[0]
    info.pax_headers = {"size": size}
    assert "get it" in refused(tar_of(made / "x.tar.gz", (info, b"text")))


def test_a_bomb_in_a_bomb_is_a_file(made: Path) -> None:
    inner = gzip.compress(bytes(limits.MIB))
    for _ in range(3):
        inner = gzip.compress(inner)
    path = tar_of(made / "x.tar.gz", (entry("d/bomb.gz")[0], inner))
    assert read_archive(path, path.name, everything).files["d/bomb.gz"] == inner


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
