"""The certificates that a package in a container trusts: the public authorities', and that of the run.

What this machine trusts beyond those (its company's authority, a tool's) stays out: its name would tell whose machine this is. The
image's own folder of certificates gets two more files, as an administrator would have put them there (openssl-rehash(1)).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from analyzer.errors import SandboxError
from analyzer.sandbox.layout import pip_package
from analyzer.sandbox.workspace import BUNDLE, CERTIFICATES, Workspace

_BLOCK: Final = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n")
_MAX_BYTES: Final = 65_536


class _Authority(BaseModel):
    """What the simulated internet says of its authority (`probes/internet/server.py`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,100}$")]
    hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")]


def mounts(space: Workspace) -> dict[Path, str]:
    """Files of the workspace, by which the image trusts the run's authority, with their places. Raises SandboxError, OSError."""
    internet = space.record / "internet"
    try:
        facts = _Authority.model_validate_json(_start(internet / "ca.json"))
    except ValidationError as error:
        raise SandboxError(
            f"the simulated internet tells of its authority in a way that is not understood ({error.error_count()} errors): try again"
        ) from error
    certificate = _start(internet / "ca.pem")
    files = {
        "bundle.crt": (public_authorities() + certificate, BUNDLE),
        "authority.pem": (certificate, f"{CERTIFICATES}/{facts.name}.pem"),
        # A file of its own, since the same one at two places would be seen to be mounted.
        "authority.hash": (certificate, f"{CERTIFICATES}/{facts.hash}.0"),
    }
    for name, (content, _) in files.items():
        (space.folder / name).write_bytes(content)
    return {space.folder / name: place for name, (_, place) in files.items()}


def public_authorities() -> bytes:
    """The certificates of the public authorities as PEM, from the list that pip brings along. Raises SandboxError, OSError."""
    return b"".join(_BLOCK.findall((pip_package() / "_vendor/certifi/cacert.pem").read_bytes()))


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES)
