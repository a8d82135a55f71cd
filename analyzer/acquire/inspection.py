"""What a wheel or sdist says about itself, once it proved safe to unpack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.acquire.metadata import Metadata, core_metadata, from_core_metadata, same_name, same_version
from analyzer.acquire.source import below_top, source_metadata, wanted_in_sdist
from analyzer.acquire.text import shown
from analyzer.archives.archive import read_archive
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from pathlib import Path

    from analyzer.acquire.index import Candidate


def inspect(path: Path, candidate: Candidate) -> Metadata:
    """Check a file and read its metadata.

    Raises:
        AcquireError: It is unsafe or damaged, holds no usable metadata, or is for another project than its name says.
    """
    if candidate.kind == "wheel":
        return _wheel(path, candidate)
    contents = read_archive(path, candidate.filename, wanted_in_sdist)
    metadata = source_metadata(below_top(contents.names, contents.files), candidate.filename)
    if metadata.name and not same_name(metadata.name, candidate.project):
        raise AcquireError(
            f"{shown(candidate.filename)} says that it is {shown(metadata.name)}: "
            "rename it to NAME-VERSION or get it again"
        )
    return metadata


def _wheel(path: Path, candidate: Candidate) -> Metadata:
    contents = read_archive(path, candidate.filename, _is_metadata)
    for name, content in contents.files.items():
        if not _is_info_of(name.split("/")[0], candidate):
            continue
        metadata = from_core_metadata(core_metadata(content, candidate.filename))
        if same_name(metadata.name, candidate.project) and same_version(metadata.version, candidate.version):
            return metadata
        raise AcquireError(
            f"{shown(candidate.filename)} says that it is {shown(metadata.name)} {shown(metadata.version)}: "
            "its name and its METADATA differ; get it again"
        )
    raise AcquireError(
        f"{shown(candidate.filename)} is no wheel: it has no METADATA for its name; build or get it again"
    )


def _is_metadata(name: str) -> bool:
    return name.count("/") == 1 and name.endswith(".dist-info/METADATA")


def _is_info_of(folder: str, candidate: Candidate) -> bool:
    name, _, version = folder.removesuffix(".dist-info").partition("-")
    return same_name(name, candidate.project) and same_version(version, candidate.version)
