"""Lists of authorities that libraries bring: which are extended, and which must not be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hood.bundles import MAX_BYTES, MIN_CERTIFICATES, extend

ONE = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
OURS = b"-----BEGIN CERTIFICATE-----\nOURS\n-----END CERTIFICATE-----\n"
MANY = b"# roots\n" + ONE * MIN_CERTIFICATES


def place(folder: Path, name: str, content: bytes = MANY) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, ns=(1_000_000_007, 2_000_000_009))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "certifi/cacert.pem", "pip/_vendor/certifi/cacert.pem", "botocore/cacert.pem", "httplib2/cacerts.txt",
        "grpc/_cython/_credentials/roots.pem", "stripe/data/ca-certificates.crt", "tool/mozilla.ca-bundle",
    ],
)  # fmt: skip
def test_a_librarys_list_is_extended_and_keeps_its_times(tmp_path: Path, name: str) -> None:
    path = place(tmp_path, name)
    assert extend([tmp_path], OURS) == 1
    assert (path.stat().st_atime_ns, path.stat().st_mtime_ns) == (1_000_000_007, 2_000_000_009)
    assert path.read_bytes() == MANY + OURS


def test_a_list_is_extended_once(tmp_path: Path) -> None:
    path = place(tmp_path, "certifi/cacert.pem", MANY[:-1])
    assert extend([tmp_path], OURS) == 1
    assert extend([tmp_path, tmp_path], OURS) == 0
    assert path.read_bytes() == MANY + OURS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("thing/cacert.pem", ONE * 3),  # somebody's own servers
        ("thing/cacert.pem", b""),
        ("thing/cacert.pem", ONE * (MAX_BYTES // len(ONE) + 1)),
        ("thing/cacert.py", MANY),
        ("thing/names.txt", MANY),
    ],
)
def test_anything_else_is_left_as_it_is(tmp_path: Path, name: str, content: bytes) -> None:
    path = place(tmp_path, name, content)
    assert extend([tmp_path], OURS) == 0
    assert path.read_bytes() == content


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = place(tmp_path, "outside/cacert.pem")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "cacert.pem").symlink_to(outside)
    (inside / "folder").symlink_to(outside.parent)
    os.link(outside, inside / "roots.pem")
    os.mkfifo(inside / "ca.pem")
    assert extend([inside], OURS) == 0
    assert outside.read_bytes() == MANY


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert extend([tmp_path / "none"], OURS) == 0
