"""Installed environments, read as text."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from analyzer.acquire.lists import read_environment
from analyzer.errors import UsageError

SHA = "a" * 64


def install(site: Path, name: str, version: str, origin: object = None) -> Path:
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nText")
    if origin is not None:
        (info / "direct_url.json").write_text(json.dumps(origin))
    return info


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "lib" / "python3.13" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def test_names_and_versions(site: Path, tmp_path: Path) -> None:
    install(site, "Six", "1.17.0")
    install(site, "idna", "3.10")
    (site / "old-1.0.egg-info").write_text("Metadata-Version: 1.0\nName: old\nVersion: 1.0\n")
    (tmp_path / "lib64").symlink_to("lib")
    listing = read_environment(tmp_path)
    assert sorted(one.target for one in listing.wanted) == ["Six==1.17.0", "idna==3.10", "old==1.0"]
    assert sorted(listing.constraints) == ["Six==1.17.0", "idna==3.10", "old==1.0"]
    assert listing.refused == []


def test_a_folder_of_packages_itself(tmp_path: Path) -> None:
    install(tmp_path, "six", "1.0")
    assert [one.target for one in read_environment(tmp_path).wanted] == ["six==1.0"]


@pytest.mark.parametrize(
    ("origin", "digests"),
    [
        ({"url": "file:///x", "archive_info": {"hashes": {"sha256": SHA}}}, {f"sha256:{SHA}"}),
        ({"url": "file:///x", "archive_info": {"hash": f"sha256={SHA}"}}, {f"sha256:{SHA}"}),
        ({"url": "file:///x", "archive_info": {}}, None),
        ({"url": "file:///x", "dir_info": {"editable": True}}, None),
        ({"url": "https://a.example", "vcs_info": {"vcs": "git", "commit_id": "1"}}, None),
        ([], None),
    ],
)
def test_where_it_came_from(origin: object, digests: set[str] | None, site: Path, tmp_path: Path) -> None:
    install(site, "mine", "1.0", origin)
    listing = read_environment(tmp_path)
    assert [set(one.digests) for one in listing.wanted] == ([] if digests is None else [digests])
    assert [one.place for one in listing.refused] == (["mine-1.0.dist-info"] if digests is None else [])


def test_what_cannot_be_read_stops_no_other(site: Path, tmp_path: Path) -> None:
    install(site, "six", "1.0")
    os.mkfifo(install(site, "pipe", "1.0").parent / "other")
    (site / "pipe-1.0.dist-info" / "METADATA").unlink()
    os.mkfifo(site / "pipe-1.0.dist-info" / "METADATA")
    (site / "empty-1.0.dist-info").mkdir()
    (site / "wild-1.0.dist-info").mkdir()
    (site / "wild-1.0.dist-info" / "METADATA").write_bytes(b"Name: ../../x\nVersion: 1.0\n")
    (site / "link-1.0.dist-info").symlink_to("/proc/self")
    (site / "version-1.0.dist-info").mkdir()
    (site / "version-1.0.dist-info" / "METADATA").write_bytes(b"Name: version\nVersion: ; rm\n")
    listing = read_environment(tmp_path)
    assert [one.target for one in listing.wanted] == ["six==1.0"]
    assert len(listing.refused) == 5
    assert all("can be read" in one.why for one in listing.refused)


@pytest.mark.parametrize("name", ["missing", "."])
def test_where_nothing_is_installed(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no package is installed there"):
        read_environment(tmp_path / name)
