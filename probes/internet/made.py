"""Files that are made when they are asked for: small, real, and harmless when they are opened or run.

Each has the mark in it. Those that can be run ask whether they may read a file that does not exist and has the mark in its name
(`/var/tmp/.build-MARK`), and end; the tracer sees that question.
"""

from __future__ import annotations

import base64
import io
import platform
import struct
from collections.abc import Callable
from typing import Final

PLACE: Final = "/var/tmp/.build-"  # noqa: S108 nothing is ever there
_ORIGIN: Final = 0x400000
_HEADERS: Final = 64 + 56
_X86_64: Final = bytes.fromhex(
    "488d3d1d000000"  # lea rdi, [rip+29]: the path
    "be04000000"  # mov esi, R_OK
    "b815000000"  # mov eax, access
    "0f05"  # syscall
    "31ff"  # xor edi, edi
    "b83c000000"  # mov eax, exit
    "0f05"  # syscall
    "9090909090909090"
)
_AARCH64: Final = struct.pack(
    "<9I",
    0x92800C60,  # mov x0, AT_FDCWD
    0x10000101,  # adr x1, the path
    0xD2800082,  # mov x2, R_OK
    0xD2800608,  # mov x8, faccessat
    0xD4000001,  # svc 0
    0xD2800000,  # mov x0, 0
    0xD2800BA8,  # mov x8, exit
    0xD4000001,  # svc 0
    0xD503201F,  # nop
)
_IMAGES: Final = {
    "gif": "R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==",
    "png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
}  # of one pixel


def make(kind: str, mark: str) -> bytes:
    """A file of a kind: elf, exe, zip, tar, tar.gz, gif, png, jar. Raises KeyError for another."""
    return _MAKERS[kind](mark)


def elf(mark: str, machine: str = "") -> bytes:
    """A static program for this machine (x86_64 or aarch64), with one segment and no sections (elf(5))."""
    arm = (machine or platform.machine()) == "aarch64"
    code = _AARCH64 if arm else _X86_64
    content = code + f"{PLACE}{mark}".encode("ascii") + b"\0"
    size = _HEADERS + len(content)
    header = struct.pack(
        "<4s5B7xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 0, 2, 183 if arm else 62, 1, _ORIGIN + _HEADERS, 64, 0, 0, 64, 56, 1,
        64, 0, 0,
    )  # fmt: skip
    return header + struct.pack("<IIQQQQQQ", 1, 5, 0, _ORIGIN, _ORIGIN, size, size, 0x1000) + content


def script(mark: str) -> bytes:
    """A text that sh and Python both run."""
    return (
        f"# build {mark}\n''':'\ntest -r {PLACE}{mark}\nexit 0\n'''\n__import__(\"os\").access(\"{PLACE}{mark}\", 4)\n"
    ).encode("ascii")


def _exe(mark: str) -> bytes:
    """The old part of a Windows program, which says that it needs Windows."""
    code = bytes.fromhex("0e1fba0e00b409cd21b8014ccd21") + b"This program cannot be run in DOS mode.\r\r\n$"
    header = struct.pack("<2s13H", b"MZ", 0x90, 3, 0, 4, 0, 0xFFFF, 0, 0xB8, 0, 0, 0, 64, 0)
    return header.ljust(64, b"\0") + code.ljust(64, b"\0") + mark.encode("ascii").ljust(384, b"\0")


def _zip(mark: str) -> bytes:
    import zipfile

    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.comment = mark.encode("ascii")
        for name in ("__main__.py", "install.sh"):
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 9, 14, 6)), script(mark))
    return target.getvalue()


def _tar(mark: str, mode: str = "w") -> bytes:
    import tarfile

    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload] # the mode is w or w:gz
        for name in ("install.sh", "__main__.py"):
            member = tarfile.TarInfo(f"build-{mark}/{name}")
            member.size, member.mode, member.mtime = len(script(mark)), 0o755, 1_772_442_846
            archive.addfile(member, io.BytesIO(script(mark)))
    return target.getvalue()


def _gzipped(mark: str) -> bytes:
    import gzip

    return gzip.compress(script(mark), mtime=0)


_MAKERS: Final[dict[str, Callable[[str], bytes]]] = {
    "elf": elf,
    "script": script,
    "exe": _exe,
    "zip": _zip,
    "tar": _tar,
    "tar.gz": lambda mark: _tar(mark, "w:gz"),
    "gz": _gzipped,
    "gif": lambda _: base64.b64decode(_IMAGES["gif"]),
    "png": lambda _: base64.b64decode(_IMAGES["png"]),
}
