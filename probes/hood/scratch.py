"""Files for calls that want some: a user's ordinary ones, in folders of which none holds anything else."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

_FOLDERS = ("january", "february", "march", "april")
"""Calls take turns with these, so that a file that one of them removed or wrote to is whole for the next."""

_TEXT = "The quick brown fox jumps over the lazy dog.\n"
_TIME = 1_715_938_200
"""When they were last changed: in 2024."""


def folders(home: str) -> list[str]:
    """The folders' paths."""
    return [f"{home}/project/data/{name}" for name in _FOLDERS]


def furnish(home: str) -> None:
    """Makes folders and files. Raises OSError."""
    for folder in folders(home):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, content in _FILES.items():
            Path(folder, name).write_bytes(content)


def _zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("notes.txt", (2024, 5, 17, 9, 30, 0)), _TEXT)
    return buffer.getvalue()


def _packed() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("notes.txt")
        member.size, member.mtime = len(_TEXT), _TIME
        archive.addfile(member, io.BytesIO(_TEXT.encode()))
    return buffer.getvalue()


def _picture() -> bytes:
    """One white pixel, as PNG (RFC 2083)."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\xff\xff\xff")),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


_FILES: dict[str, bytes] = {
    "notes.txt": _TEXT.encode(),
    "report.csv": b"name,amount\napples,3\npears,5\n",
    "settings.json": b'{"name": "value", "amount": 3}\n',
    "settings.yaml": b"name: value\namount: 3\n",
    "settings.ini": b"[section]\nname = value\namount = 3\n",
    "script.py": b"print('hello')\n",
    "page.html": b"<!doctype html><title>Title</title><p>Text</p>\n",
    "archive.zip": _zipped(),
    "archive.tar": _packed(),
    "picture.png": _picture(),
}
