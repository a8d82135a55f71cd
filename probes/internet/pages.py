"""What web servers of the simulated internet answer: plausible, small, and harmless when it is run."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from hashlib import blake2s
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Page:
    """An answer's status, media type and body."""

    status: int
    media_type: str
    body: bytes


_STATUS_OK: Final = Page(200, "application/json", b'{"status":"ok"}')
_ICON: Final = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)  # a transparent GIF of one pixel
_API_PARTS: Final = frozenset({"api", "v1", "v2", "v3", "graphql", "rest", "rpc", "json", "webhooks", "oauth", "token"})
_SCRIPTS: Final = {
    ".sh": ("application/x-sh", "#!/bin/sh\n# build {mark}\nexit 0\n"),
    ".py": ("text/x-python", "# build {mark}\n"),
    ".ps1": ("text/plain", "# build {mark}\n"),
    ".bat": ("text/plain", "@rem build {mark}\r\n"),
    ".js": ("text/javascript", "/* build {mark} */\n"),
    ".css": ("text/css", "/* build {mark} */\n"),
    ".txt": ("text/plain", "{mark}\n"),
    ".xml": ("application/xml", '<?xml version="1.0"?>\n<data id="{mark}"/>\n'),
    ".yml": ("text/yaml", "id: {mark}\n"),
    ".yaml": ("text/yaml", "id: {mark}\n"),
}
_ZIPS: Final = frozenset({".zip", ".whl", ".jar", ".egg", ".apk"})
_GZIPS: Final = frozenset({".gz", ".tgz"})
_IMAGES: Final = frozenset({".gif", ".png", ".jpg", ".jpeg", ".ico", ".webp"})
_BINARIES: Final = frozenset(
    {".exe", ".bin", ".dll", ".so", ".elf", ".dat", ".msi", ".deb", ".rpm", ".pkg", ".pyd", ".pdf"}
)


def mark(path: str) -> str:
    """The text in a served file by which it is known again: 16 hexadecimal digits of the path's BLAKE2s digest."""
    return blake2s(path.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def choose(method: str, target: str, accept: str) -> Page:
    """The answer to a request for a target (path with query, or absolute) with this Accept header."""
    path = _path(target)
    if method in {"PUT", "POST", "PATCH", "DELETE"}:
        return _STATUS_OK
    suffix = PurePosixPath(path).suffix.lower()
    file = _file(path, suffix)
    if file is not None:
        return file
    if suffix == ".json" or "application/json" in accept or _API_PARTS & set(path.lower().split("/")):
        return Page(200, "application/json", json.dumps({"status": "ok", "id": mark(path), "data": []}).encode("ascii"))
    return Page(200, "text/html; charset=utf-8", _HTML)


_HTML: Final = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Welcome</title></head>
<body><h1>Welcome</h1><p>The service is running.</p></body></html>
"""


def _path(target: str) -> str:
    try:
        return urlsplit(target).path
    except ValueError:
        return target


def _file(path: str, suffix: str) -> Page | None:
    """A file by its name's suffix: empty archives, and programs that no system starts."""
    script = _SCRIPTS.get(suffix)
    if script is not None:
        return Page(200, script[0], script[1].format(mark=mark(path)).encode("ascii"))
    if suffix in _ZIPS:
        comment = mark(path).encode("ascii")
        return Page(200, "application/zip", b"PK\x05\x06" + bytes(16) + len(comment).to_bytes(2, "little") + comment)
    if suffix in _GZIPS:
        return Page(200, "application/gzip", gzip.compress(bytes(10_240), mtime=0))  # an empty tar archive
    if suffix in _IMAGES:
        return Page(200, "image/gif", _ICON)
    if suffix in _BINARIES:
        return Page(200, "application/octet-stream", mark(path).encode("ascii") + bytes(496))
    return None
