"""Archives from strangers: a right one comes out as it went in, every wrong one is refused by name, nothing lands elsewhere."""

from __future__ import annotations

import hashlib
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analyzer.errors import RecordError
from analyzer.store import contents, unpacking
from analyzer.store.archive import MANIFEST
from analyzer.store.manifest import Origin
from analyzer.store.unpacking import unpack
from tests.unit.store.archives import CONTENT, ORIGIN, build, make_record, manifest_of, packed


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the archive's place (`a.record`) and an empty folder to unpack into (`out`)."""
    (tmp_path / "out").mkdir()
    return tmp_path


def opened(place: Path, archive: bytes) -> Origin:
    (place / "a.record").write_bytes(archive)
    return unpack(place / "a.record", place / "out")


def refuse(place: Path, archive: bytes, problem: str) -> None:
    with pytest.raises(RecordError, match=problem) as caught:
        opened(place, archive)
    assert str(caught.value).startswith(str(place / "a.record"))
    assert "\n" not in str(caught.value)
    assert {path.name for path in place.iterdir()} <= {"a.record", "out", "record"}


def test_what_went_in_comes_out(place: Path) -> None:
    manifest = opened(place, packed(make_record(place / "record")))
    assert Origin(**{name: getattr(manifest, name) for name in Origin.model_fields}) == ORIGIN
    found = {str(path.relative_to(place / "out")): path for path in (place / "out").rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == CONTENT
    assert not any(path.stat().st_mode & 0o111 for path in found.values())


def test_one_made_by_hand_is_opened(place: Path) -> None:
    opened(place, build(CONTENT))


def test_an_empty_record_is_opened(place: Path) -> None:
    opened(place, build({}))


@pytest.mark.parametrize(
    "name",
    [
        "../x", "/tmp/x", "steps/../../x", "steps/01-install.strace/x", "STEPS.JSONL", "steps\\01-install.out", "steps/",
        "steps/01-other.out", "steps/1-install.out", "steps/01-install.exe", "trees/other.jsonl", "internet/ca.pem", "x",
        "steps/0\u0661-install.out", "steps/01-install.out\n", "./end.json", "steps//01-install.out", "C:/x", "end.json ",
    ],
)  # fmt: skip
def test_only_names_of_a_record_are_taken(place: Path, name: str) -> None:
    refuse(place, build({name: b"x"}), "which no record has")
    assert list((place / "out").iterdir()) == []


def test_a_link_is_refused(place: Path) -> None:
    def link(info: zipfile.ZipInfo) -> None:
        if info.filename != MANIFEST:
            info.external_attr = 0o120777 << 16

    refuse(place, build({"end.json": b"/etc/passwd"}, change=link), "as a link or another special file")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_refused(place: Path, method: int) -> None:
    def compress(info: zipfile.ZipInfo) -> None:
        if info.filename != MANIFEST:
            info.compress_type = method

    refuse(place, build(CONTENT, change=compress), "compressed by method")


def test_an_encrypted_member_is_refused(place: Path) -> None:
    archive = bytearray(build({"end.json": b"{}"}))
    entry = archive.rindex(b"PK\x01\x02")
    archive[entry + 8] |= 1
    refuse(place, bytes(archive), "has end.json encrypted")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_comes_once(place: Path) -> None:
    refuse(place, build([("end.json", b"{}"), ("end.json", b"{}")]), "files that its manifest lists")
    twice = manifest_of({"end.json": b"{}"})
    twice["files"] *= 2
    refuse(place, build([("end.json", b"{}"), ("end.json", b"{}")], twice), "files that its manifest lists")


def test_the_manifest_must_list_what_is_there(place: Path) -> None:
    refuse(place, build(CONTENT, manifest_of({"end.json": b"{}"})), "files that its manifest lists")
    refuse(place, build({"end.json": b"{}"}, manifest_of(CONTENT)), "files that its manifest lists")


@pytest.mark.parametrize(
    "change", [{"size": 1}, {"size": 3}, {"size": 10**9}, {"sha256": "0" * 64}, {"size": 1, "sha256": "f" * 64}]
)
def test_sizes_and_digests_are_checked(place: Path, change: dict[str, Any]) -> None:
    manifest = manifest_of({"trees/import.jsonl": b"{}"})
    manifest["files"][0] |= change
    refuse(place, build({"trees/import.jsonl": b"{}"}, manifest), "another trees/import.jsonl than its manifest says")


def test_more_than_it_says_is_not_decompressed(place: Path) -> None:
    """A file that claims 10 bytes and holds 64 MiB; what was written of it is less than one piece of it."""
    manifest = manifest_of({"trees/import.jsonl": bytes(10)})
    refuse(place, build({"trees/import.jsonl": bytes(64 << 20)}, manifest), "another trees/import.jsonl")
    assert (place / "out" / "trees" / "import.jsonl").stat().st_size < 1 << 20


def test_the_sum_is_bounded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    total = sum(map(len, CONTENT.values()))
    monkeypatch.setattr(unpacking, "MAX_TOTAL_BYTES", total - 1)
    refuse(place, build(CONTENT), "unpacks to more than")
    assert not any(path.is_file() for path in (place / "out").rglob("*"))


def test_each_file_is_bounded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_FILE_BYTES", 255)
    refuse(place, build({"internet/capture.pcap": bytes(256)}), "holds internet/capture.pcap with more than")


def test_the_number_of_files_is_bounded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_FILES", len(CONTENT) - 1)
    refuse(place, build(CONTENT), f"has more than {len(CONTENT) - 1} files")


def test_the_directory_of_members_is_bounded(place: Path) -> None:
    def swell(info: zipfile.ZipInfo) -> None:
        info.comment = bytes(65_000)

    names = {f"steps/{number:03d}-import.out": b"" for number in range(200)}
    refuse(place, build(names, change=swell), "the directory of members is too large")


def test_the_archive_itself_is_bounded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_ARCHIVE_BYTES", 10)
    refuse(place, build(CONTENT), "which no record is")


def test_the_manifest_is_bounded(place: Path) -> None:
    refuse(place, build({}, manifest_of({}) | {"more": " " * (17 << 20)}), "has too large a manifest")


def test_another_first_member_hides_behind_nothing(place: Path) -> None:
    """The first bytes say "record", and the directory at the end names another manifest."""
    forged = build({})
    refuse(place, forged + build({"end.json": b"{}"}), "does not begin with its manifest")


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_record_is_told_so(place: Path, content: bytes) -> None:
    refuse(place, content, "is no record: name a file that `fumehood analyze -o record=PATH` wrote")


def test_what_is_not_there_is_told_so(place: Path) -> None:
    with pytest.raises(RecordError, match=r"none\.record does not exist"):
        unpack(place / "none.record", place / "out")
    with pytest.raises(RecordError, match="is no record"):
        unpack(place, place / "out")


def test_a_truncated_one_is_damaged(place: Path) -> None:
    whole = build(CONTENT)
    for length in range(100, len(whole) - 1, 97):
        refuse(place, whole[:length], "is damaged or truncated|cannot be unpacked")


def test_no_room_is_told_so(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    archive = build(CONTENT)
    (place / "a.record").write_bytes(archive)
    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(RecordError, match=r"a\.record cannot be unpacked \(No space left on device\)"):
        unpack(place / "a.record", place / "out")


FUZZED = build(CONTENT | {"steps/01-install.strace": b"x" * 300})


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    edits=st.lists(st.tuples(st.integers(0, len(FUZZED) - 1), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, len(FUZZED)),
    inserted=st.binary(max_size=8),
    where=st.integers(0, len(FUZZED)),
)
@example(edits=[], cut=0, inserted=b"", where=0)
def test_a_mutated_archive_raises_nothing_else_and_stays_inside(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int]], cut: int, inserted: bytes, where: int
) -> None:
    data = bytearray(FUZZED)
    for position, value in edits:
        data[position] = value
    data[where:where] = inserted
    if cut % 7 == 0:  # most of them are whole, since a cut one is refused before the rest is looked at
        del data[len(data) - cut // 7 :]
    check(tmp_path_factory.mktemp("fuzz"), bytes(data))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    names=st.lists(
        st.one_of(
            st.sampled_from([*CONTENT, "../x", "/x", "steps/", "steps", "trees/x", "a\0b"]), st.text(max_size=20)
        ),
        max_size=6,
        unique=True,
    ),
    changes=st.dictionaries(
        st.sampled_from(["format", "created", "acquisition", "facts", "files", "generator", "more"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=5,
        ),
        max_size=3,
    ),
    seed=st.integers(0, 2**32),
)
def test_an_invented_archive_raises_nothing_else_and_stays_inside(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], changes: dict[str, Any], seed: int
) -> None:
    content = {name: random.Random(seed).randbytes(seed % 50) for name in names if name}
    try:
        data = build(content, manifest_of(content) | changes)
    except UnicodeEncodeError:
        return
    check(tmp_path_factory.mktemp("fuzz"), data)


def check(place: Path, data: bytes) -> None:
    """Opens it: it is refused, or what comes out is what the manifest says."""
    (place / "out").mkdir()
    try:
        manifest = opened(place, data)
    except RecordError:
        pass
    else:
        written = {str(path.relative_to(place / "out")): path for path in (place / "out").rglob("*") if path.is_file()}
        assert set(written) == {file.name for file in manifest.files}
        for file in manifest.files:
            assert hashlib.sha256(written[file.name].read_bytes()).hexdigest() == file.sha256
    assert {path.name for path in place.iterdir()} == {"a.record", "out"}
    inside = {str(path.relative_to(place / "out")) for path in (place / "out").rglob("*")} - set(contents.FOLDERS)
    assert all(contents.most_bytes(name) for name in inside)
    json.dumps(sorted(inside))
