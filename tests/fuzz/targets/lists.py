"""Lists of packages: requirements files, lock files and installed environments."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.acquire.lists import Listing, read_environment, wanted_here
from analyzer.acquire.lists.files import decoded
from analyzer.acquire.lists.lock import parse_lock
from analyzer.acquire.lists.narrowed import constraints_of
from analyzer.acquire.lists.requirements import parse_requirements
from analyzer.errors import AcquireError, UsageError
from tests.fuzz.target import target
from tests.fuzz.targets.metadata import PYTHON, REQUIREMENT

DIGEST = b"a" * 64


def _check(listing: Listing) -> None:
    """Whatever is told is one line, and what is wanted can be asked for."""
    for one in listing.refused:
        assert one.place.isprintable()
        assert one.why.isprintable()
        assert len(one.why) < 1000
    assert all(note.isprintable() for note in listing.notes)
    for wanted in listing.wanted:
        hash(wanted.identity)
        with suppress(AcquireError):
            wanted_here(wanted, PYTHON)
    constraints_of(listing.constraints, PYTHON)


@target(
    b"six==1.17.0", b" --hash=sha256:" + DIGEST, b" \\\n", b"\n", b"# x", b"-r ", b"-c ", b"-e ", b"--index-url https://a:b@c.example/",
    b"./x.whl", b"\xff\xfes\0i\0x\0", b"https://a.example/", *REQUIREMENT, guided=True,
)  # fmt: skip
def requirements_file(data: bytes) -> None:
    _check(parse_requirements(decoded(data)))


@target(
    b'lock-version = "1.0"\n', b'created-by = "x"\n', b"[[packages]]\n", b'name = "six"\n', b'version = "1.0"\n',
    b'marker = "python_version > \'3\'"\n', b"wheels = [{name = 'six-1.0-py3-none-any.whl', url = 'https://a.example/', hashes = {sha256 = '",
    DIGEST, b"'}}]\n", b"[packages.vcs]\n", b"default-groups = ['x']\n", b"= 1e400\n", b"[" * 200,
)  # fmt: skip
def lock_file(data: bytes) -> None:
    with suppress(UsageError):
        _check(parse_lock(data))


@target(
    b"Metadata-Version: 2.1\n",
    b"Name: six\n",
    b"Version: 1.0\n",
    b'{"archive_info": {"hashes": {"sha256": "',
    DIGEST,
    b'"}}}',
    b"\0",
)
def installed_distribution(data: bytes) -> None:
    metadata, _, origin = data.partition(b"\xfe\xfe")
    with TemporaryDirectory() as name:
        info = Path(name, "x.dist-info")
        info.mkdir()
        (info / "METADATA").write_bytes(metadata)
        if origin:
            (info / "direct_url.json").write_bytes(origin)
        with suppress(UsageError):
            _check(read_environment(Path(name)))
