"""The folder of certificates, of made-up systems."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hood.trust import BUNDLE, Authority, System, authority, furnish

OURS = Authority(b"-----OURS-----\n", "Ashford_Systems_Root_CA_G1", "586aa9fa")


@pytest.fixture
def system(tmp_path: Path) -> System:
    """A system with two public authorities, and one that its company made."""
    public, own = tmp_path / "public", tmp_path / "own"
    certificates = tmp_path / "etc"
    for folder in (public, own, certificates):
        folder.mkdir()
    for folder, name in ((public, "First"), (public, "Second"), (own, "Company")):
        (folder / f"{name}.crt").write_text(f"-----{name}-----\n")
        (certificates / f"{name}.pem").symlink_to(folder / f"{name}.crt")
        (certificates / f"{abs(hash(name)):08x}"[:8]).with_suffix(".0").symlink_to(f"{name}.pem")
    (certificates / "ours.pem").write_text("-----Tool-----\n")
    (certificates / BUNDLE).write_text("-----First-----\n-----Second-----\n-----Company-----\n-----Tool-----\n")
    return System(certificates, f"{public}/", ())


def test_it_has_the_public_authorities_and_the_runs_own(system: System, tmp_path: Path) -> None:
    furnish(tmp_path, OURS, system)
    folder = tmp_path / "certs"
    assert (folder / BUNDLE).read_bytes().endswith(OURS.certificate)
    assert sorted((folder / BUNDLE).read_text().splitlines()) == [
        "-----First-----",
        "-----OURS-----",
        "-----Second-----",
    ]
    assert (folder / "First.pem").readlink() == tmp_path / "public/First.crt"
    assert (folder / "586aa9fa.0").read_bytes() == (folder / f"{OURS.name}.pem").read_bytes() == OURS.certificate
    assert len(list(folder.iterdir())) == 2 * 2 + 3
    (local,) = (tmp_path / "authorities").iterdir()
    assert (local.name, local.read_bytes()) == (f"{OURS.name}.crt", OURS.certificate)


def test_what_the_machine_trusts_beyond_is_not_told(system: System, tmp_path: Path) -> None:
    furnish(tmp_path, OURS, system)
    folder = tmp_path / "certs"
    assert not {"Company.pem", "ours.pem"} & {path.name for path in folder.iterdir()}
    assert b"Company" not in (folder / BUNDLE).read_bytes()
    assert b"Tool" not in (folder / BUNDLE).read_bytes()


def test_another_systems_bundle_is_taken_as_it_is(tmp_path: Path) -> None:
    system = tmp_path / "etc"
    system.mkdir()
    (system / BUNDLE).write_bytes(b"-----All-----\n")
    furnish(tmp_path, OURS, System(system, f"{tmp_path}/public/", ()))
    assert (tmp_path / "certs" / BUNDLE).read_bytes() == b"-----All-----\n" + OURS.certificate


def test_a_bundle_in_another_place_is_taken_where_there_is_no_usual_one(tmp_path: Path) -> None:
    other = tmp_path / "cert.pem"
    other.write_bytes(b"-----All-----\n")
    furnish(tmp_path, OURS, System(tmp_path / "none", f"{tmp_path}/public/", (f"{tmp_path}/missing", str(other))))
    assert (tmp_path / "certs" / BUNDLE).read_bytes() == b"-----All-----\n" + OURS.certificate


def test_a_system_without_any_trusts_the_run_alone(tmp_path: Path) -> None:
    furnish(tmp_path, OURS, System(tmp_path / "none", f"{tmp_path}/public/", ()))
    assert (tmp_path / "certs" / BUNDLE).read_bytes() == OURS.certificate


def test_a_hash_that_is_taken_gets_the_next_number(system: System, tmp_path: Path) -> None:
    (system.folder / "586aa9fa.0").symlink_to("First.pem")
    furnish(tmp_path, OURS, system)
    folder = tmp_path / "certs"
    assert (folder / "586aa9fa.0").read_text() == "-----First-----\n"
    assert (folder / "586aa9fa.1").read_bytes() == OURS.certificate


def test_the_authority_is_what_the_simulated_internet_left(tmp_path: Path) -> None:
    assert authority(tmp_path) is None
    (tmp_path / "ca.pem").write_bytes(OURS.certificate)
    (tmp_path / "ca.json").write_text(json.dumps({"name": OURS.name, "hash": OURS.hash}))
    assert authority(tmp_path) == OURS
