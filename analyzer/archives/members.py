"""What every member of an archive is checked for, whatever the archive's format."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

from analyzer.archives.limits import (
    GIB,
    MAX_MEMBERS,
    MAX_METADATA_BYTES,
    MAX_NAME_LENGTH,
    MAX_RATIO,
    MAX_UNPACKED_BYTES,
    MIB,
    RATIO_FLOOR_BYTES,
)
from analyzer.archives.text import shown
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Mapping

_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")
_MAX_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its name as the archive spells it, what it is, and for links what they point to."""

    name: str
    kind: Literal["file", "directory", "symlink", "hardlink", "special"]
    target: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What was read of an archive that passed every check: all member names, and the few files that were asked for."""

    names: tuple[str, ...]
    files: Mapping[str, bytes]


class Taker(Protocol):
    """Takes the content of one member."""

    def feed(self, chunk: bytes) -> None:
        """The next bytes, at most 1 MiB."""

    def end(self) -> None:
        """Nothing comes any more."""


Taking = Callable[[str], "Taker | None"]
"""Tells for a member's normalised path who takes its content; None for a member that nobody wants."""


@dataclass(slots=True)
class Ledger:
    """The account of one archive while it is read. `packed` is the archive's own size in bytes."""

    filename: str
    packed: int
    _kinds: dict[str, str] = field(default_factory=dict)
    _links: dict[str, Member] = field(default_factory=dict)
    _files: dict[str, bytes] = field(default_factory=dict)
    _count: int = 0
    _unpacked: int = 0

    def admit(self, member: Member) -> str:
        """Check one member and return its normalised path below the archive's root ("" for the root itself).

        Raises:
            AcquireError: The member would land outside the tree, or is nothing that a package may hold.
        """
        self._count += 1
        if self._count > MAX_MEMBERS:
            raise self.refuse(f"has more than {MAX_MEMBERS} members")
        name = _normalised(member.name)
        if name is None:
            raise self.refuse("would write outside its own folder", member.name)
        if member.kind == "special":
            raise self.refuse("holds a device, a pipe or another special file", member.name)
        self._kinds[name] = member.kind
        if member.kind in ("symlink", "hardlink"):
            self._links[name] = member
        return name

    def count_bytes(self, size: int) -> None:
        """Account for bytes that were unpacked, or that the archive says it will unpack to."""
        self._unpacked += size
        if self._unpacked > MAX_UNPACKED_BYTES:
            raise self.refuse(f"unpacks to more than {MAX_UNPACKED_BYTES // GIB} GiB")
        if self._unpacked > max(RATIO_FLOOR_BYTES, MAX_RATIO * self.packed):
            raise self.refuse(f"unpacks to more than {MAX_RATIO} times its size, as a decompression bomb does")

    def keep(self, name: str, content: bytes) -> None:
        """Keep the content of a metadata file."""
        if len(content) > MAX_METADATA_BYTES:
            raise self.refuse(f"holds a metadata file of more than {MAX_METADATA_BYTES // MIB} MiB", name)
        if len(self._files) >= _MAX_KEPT:
            raise self.refuse(f"holds more than {_MAX_KEPT} metadata files", name)
        self._files[name] = content

    def keeping(self, wanted: Callable[[str], bool]) -> Taking:
        """Keeps the wanted files."""
        return lambda name: _Keeper(self, name) if wanted(name) else None

    def close(self) -> Contents:
        """Check what only the whole archive tells, and return what was kept."""
        symlinks = {name for name, link in self._links.items() if link.kind == "symlink"}
        if symlinks:
            for name in self._kinds:
                if any(parent in symlinks for parent in _parents(name)):
                    raise self.refuse("would write through a link", name)
        for name, link in self._links.items():
            if not stays_inside(name, link):
                raise self.refuse(f"holds a link that leaves its folder (to {shown(link.target)})", name)
        return Contents(tuple(self._kinds), dict(self._files))

    def refuse(self, problem: str, member: str = "") -> AcquireError:
        """The error for this archive: what is wrong, in which member, and that it should not be trusted."""
        where = f", in member {shown(member)}" if member else ""
        return AcquireError(
            f"{shown(self.filename)} {problem}{where}: it is not unpacked; get it from a source that you trust"
        )


@dataclass(slots=True)
class _Keeper:
    ledger: Ledger
    name: str
    content: bytearray = field(default_factory=bytearray)

    def feed(self, chunk: bytes) -> None:
        """One byte more than is allowed says that it is too much; the rest need not be held."""
        self.content += chunk[: MAX_METADATA_BYTES + 1 - len(self.content)]

    def end(self) -> None:
        self.ledger.keep(self.name, bytes(self.content))


def _normalised(name: str) -> str | None:
    """The path without `.` and empty parts; None where it is absolute, climbs up or cannot be a path."""
    if not name or "\0" in name or len(name) > MAX_NAME_LENGTH or name.startswith(("/", "\\")) or _DRIVE.match(name):
        return None
    if ".." in re.split(r"[/\\]", name):
        return None
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _parents(name: str) -> list[str]:
    return [name[:index] for index, character in enumerate(name) if character == "/"]


def stays_inside(name: str, link: Member) -> bool:
    """Whether a link's target is inside the tree.

    A hard link names a member from the root. A symbolic link may climb with leading `..` from its own folder, which
    is a real folder since nothing is written through links; a `..` after a name could climb from behind another link,
    and is refused.
    """
    target = link.target
    if not target or target.startswith(("/", "\\")) or "\0" in target or _DRIVE.match(target):
        return False
    if link.kind == "hardlink":
        return _normalised(target) is not None
    parts = [part for part in re.split(r"[/\\]", target) if part not in ("", ".")]
    climbs = 0
    while climbs < len(parts) and parts[climbs] == "..":
        climbs += 1
    return ".." not in parts[climbs:] and climbs <= name.count("/")
