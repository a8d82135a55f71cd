"""The programs of the host that the sandboxes are made of, and the Debian package that brings each."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from analyzer.errors import SandboxError

_ADMIN_DIRECTORIES: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where Debian keeps nft and ip; an ordinary user's PATH does not have them."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that has to be on the host."""

    name: str
    """The program's file name."""
    package: str
    """The Debian package, or the Python distribution for uv."""
    needed_for: str
    minimum: tuple[int, ...] = ()
    """The oldest version that can do what is asked of it; empty: any."""
    version_option: str = "--version"
    optional: bool = False
    """Only some packages or some machines need it."""

    @property
    def remedy(self) -> str:
        """The command that installs it."""
        return f"pip install {self.package}" if self.name == "uv" else f"apt-get install {self.package}"


_EMBEDDED: Final = "the embedded sandbox"

TOOLS: Final[dict[str, Tool]] = {
    tool.name: tool
    for tool in (
        Tool("uv", "uv", "installing packages inside either sandbox"),
        # --disable-userns came with 0.8.
        Tool("bwrap", "bubblewrap", _EMBEDDED, minimum=(0, 8)),
        # --seccomp-bpf came with 5.3; 5.16 is the oldest that a supported Debian or Ubuntu has (22.04).
        Tool("strace", "strace", f"{_EMBEDDED}, tracer strace", minimum=(5, 16)),
        Tool("nft", "nftables", f"{_EMBEDDED}, simulated internet", minimum=(0, 9, 4)),
        Tool("ip", "iproute2", f"{_EMBEDDED}, simulated internet", version_option="-V"),
        Tool("setpriv", "util-linux", _EMBEDDED),
        Tool("gcc", "gcc libpython3-dev", f"sdists with C extensions in the {_EMBEDDED}", optional=True),
        Tool("mmdebstrap", "mmdebstrap", "Docker images where no registry can be reached", optional=True),
    )
}


def find_tool(name: str) -> Path:
    """The path of a program of `TOOLS`, found on PATH, in the administrator's directories, or beside this Python (uv).

    Raises:
        SandboxError: it is not installed; the message has the command that installs it.
        KeyError: `name` is not in `TOOLS`.
    """
    tool = TOOLS[name]
    found = _find_uv() if name == "uv" else shutil.which(name, path=_search_path())
    if found is None:
        raise SandboxError(f"the program {name} is missing, which is needed for {tool.needed_for}: {tool.remedy}")
    return Path(found)


def parse_version(text: str) -> tuple[int, ...]:
    """The first dotted number in what a program prints about itself, such as (6, 1) in `strace -- version 6.1`.

    Text without a version gives an empty tuple, as does the date that old iproute2 prints (`iproute2-ss200127`).
    """
    found = re.search(r"(?<![\w.])v?(\d{1,6}(?:\.\d{1,6})+)", text.replace("iproute2-", " "))
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def _find_uv() -> str | None:
    try:
        return find_uv_bin()
    except FileNotFoundError:
        return shutil.which("uv")


def _search_path() -> str:
    return os.pathsep.join((os.environ.get("PATH", os.defpath), *_ADMIN_DIRECTORIES))
