"""The certificates of a container."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from analyzer.errors import SandboxError
from analyzer.sandbox.decoys import Decoys
from analyzer.sandbox.docker.trust import mounts, public_authorities
from analyzer.sandbox.workspace import Workspace

OURS = b"-----BEGIN CERTIFICATE-----\nOURS\n-----END CERTIFICATE-----\n"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A workspace in which the simulated internet told of its authority."""
    space = Workspace(tmp_path / "folder", tmp_path / "record", Decoys([], {}, []))
    space.folder.mkdir()
    (space.record / "internet").mkdir(parents=True)
    (space.record / "internet/ca.pem").write_bytes(OURS)
    (space.record / "internet/ca.json").write_text('{"name": "Ashford_Systems_Root_CA_G1", "hash": "586aa9fa"}')
    return space


def test_the_authority_is_in_the_bundle_and_in_the_folder(space: Workspace) -> None:
    placed = {place: source.read_bytes() for source, place in mounts(space).items()}
    assert set(placed) == {
        "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/Ashford_Systems_Root_CA_G1.pem", "/etc/ssl/certs/586aa9fa.0",
    }  # fmt: skip
    assert placed["/etc/ssl/certs/ca-certificates.crt"] == public_authorities() + OURS
    assert placed["/etc/ssl/certs/586aa9fa.0"] == OURS


def test_the_public_authorities_are_many_and_can_be_read() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=public_authorities().decode("ascii"))
    assert len(context.get_ca_certs()) > 100


@pytest.mark.parametrize(
    "facts",
    [
        "", "[]", '{"name": "../x", "hash": "586aa9fa"}', '{"name": "a:b", "hash": "586aa9fa"}', '{"name": "a", "hash": "x"}',
        '{"name": "a\\n", "hash": "586aa9fa"}', '{"name": "a", "hash": "586aa9fa", "more": 1}',
    ],
)  # fmt: skip
def test_what_is_told_otherwise_is_refused(space: Workspace, facts: str) -> None:
    (space.record / "internet/ca.json").write_text(facts)
    with pytest.raises(SandboxError, match="authority"):
        mounts(space)
