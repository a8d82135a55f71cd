"""Makes libraries that bring certificates of their own trust the run's authority: certifi, pip, botocore, gRPC and their like.

Each keeps a list of the public authorities as a file beside its code. The run's own is added to each, with the rights of the
package's user and while nothing of the package runs; what looks like no such list, because it names a few authorities only, is left
alone: whoever trusts just these is to be seen to refuse all others.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

MIN_CERTIFICATES = 20
"""Lists of the public authorities have more than a hundred, lists of somebody's own servers a few."""
MAX_BYTES = 4 << 20
_MAX_BUNDLES = 200
_MAX_ENTRIES = 200_000
_NAME = re.compile(r"(?=.*(?:ca|cert|root)).*\.(?:pem|crt|txt)|.*\.ca-bundle", re.ASCII | re.IGNORECASE | re.DOTALL)
_MARK = b"-----BEGIN CERTIFICATE-----"


def extend(roots: list[Path], certificate: bytes) -> int:
    """Adds the certificate to every list below the folders that lacks it; gives the number of lists changed.

    Never follows a link, and keeps each file's times. A file that cannot be read or written is left as it is.
    """
    changed = 0
    for folder, name in _candidates(roots):
        if changed < _MAX_BUNDLES:
            changed += _add(folder, name, certificate)
    return changed


def _candidates(roots: list[Path]) -> Iterator[tuple[int, str]]:
    """Files by their names, as an open folder and the name in it, valid until the next is asked for."""
    seen = 0
    for root in filter(os.path.isdir, roots):
        for _, _, files, folder in os.fwalk(root, follow_symlinks=False):
            seen += len(files) + 1
            if seen > _MAX_ENTRIES:
                return
            yield from ((folder, name) for name in files if _NAME.fullmatch(name))


def _add(folder: int, name: str, certificate: bytes) -> bool:
    try:
        descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return False
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or status.st_size > MAX_BYTES:
            return False
        try:
            content = _read(descriptor, status.st_size)
            if content.count(_MARK) < MIN_CERTIFICATES or certificate in content:
                return False
            file.write((b"" if content.endswith(b"\n") else b"\n") + certificate)
        except OSError:
            return False
        finally:
            os.utime(descriptor, ns=(status.st_atime_ns, status.st_mtime_ns))
    return True


def _read(descriptor: int, size: int) -> bytes:
    pieces = []
    while size > 0 and (piece := os.read(descriptor, size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
