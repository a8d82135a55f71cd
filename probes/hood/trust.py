"""Makes the package's machine trust the run's authority, as an administrator would: in the system's folder of certificates.

In the embedded sandbox the folder is made here, of the host's. What the host trusts beyond the public authorities (its company's, a
tool's) stays out, since its name would tell whose machine this is.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

BUNDLE = "ca-certificates.crt"


@dataclass(frozen=True, slots=True)
class Authority:
    """The run's authority: its certificate as PEM, the name of its file without the ending, and its subject's hash."""

    certificate: bytes
    name: str
    hash: str


@dataclass(frozen=True, slots=True)
class System:
    """Where a system has its certificates.

    `public` is where Debian and its kin keep the public authorities, to which the folder's links lead (update-ca-certificates(8));
    `others` are where Fedora, openSUSE and Alpine have all certificates in one file.
    """

    folder: Path = Path("/etc/ssl/certs")
    public: str = "/usr/share/ca-certificates/"
    others: tuple[str, ...] = (
        "/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/tls/cert.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
    )  # fmt: skip


def authority(internet: Path) -> Authority | None:
    """The authority as the simulated internet left it in its folder; None where there is none. Raises ValueError, OSError."""
    path = internet / "ca.json"
    if not path.exists():
        return None
    facts = json.loads(path.read_text(encoding="ascii"))
    return Authority((internet / "ca.pem").read_bytes(), facts["name"], facts["hash"])


def furnish(run: Path, trusted: Authority, system: System | None = None) -> None:
    """Makes two folders for the package: `certs`, and `authorities`, where an administrator puts further ones.

    The first gets those links of the system's that lead to public authorities, a bundle of these, and the authority. Where the
    system has no such links, its bundle is taken as it is. Raises OSError.
    """
    system = system or System()
    folder, local = run / "certs", run / "authorities"
    folder.mkdir(mode=0o755)
    local.mkdir(mode=0o755)
    links = _links(system.folder) if system.folder.is_dir() else {}
    public = {name: goal for name, goal in links.items() if goal.startswith(system.public) and os.access(goal, os.R_OK)}
    hashed = {name: goal for name, goal in links.items() if goal in public}
    for name, goal in (public | hashed).items():
        os.symlink(goal, folder / name)  # noqa: PTH211 twice as fast, and there are hundreds
    roots = b"".join(Path(goal).read_bytes() for goal in sorted(set(public.values())))
    (folder / BUNDLE).write_bytes((roots or _bundle(system)) + trusted.certificate)
    (folder / f"{trusted.name}.pem").write_bytes(trusted.certificate)
    (local / f"{trusted.name}.crt").write_bytes(trusted.certificate)
    number = next(number for number in range(len(hashed) + 1) if f"{trusted.hash}.{number}" not in hashed)
    (folder / f"{trusted.hash}.{number}").symlink_to(f"{trusted.name}.pem")


def _links(folder: Path) -> dict[str, str]:
    """The names of a folder's links, and where each leads."""
    with os.scandir(folder) as scanned:
        return {entry.name: os.readlink(entry.path) for entry in scanned if entry.is_symlink()}  # noqa: PTH115


def _bundle(system: System) -> bytes:
    """All certificates of a system, b"" where it has none."""
    for path in (system.folder / BUNDLE, *map(Path, system.others)):
        if path.is_file():
            return path.read_bytes()
    return b""
