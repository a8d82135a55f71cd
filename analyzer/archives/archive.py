"""One careful look into an archive: everything is checked and decompressed once, a few files are kept, none written."""

from __future__ import annotations

import struct
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from analyzer.archives.members import Contents, Ledger, Taking
from analyzer.archives.tarred import read_tar
from analyzer.archives.text import shown
from analyzer.archives.zipped import read_zip
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SDIST_SUFFIXES: Final = (".tar.gz", ".tgz", ".tar.bz2", ".zip")
"""Endings of source archives, the current one first (PEP 625), then those that the index still holds."""

ARCHIVE_SUFFIXES: Final = (".whl", *SDIST_SUFFIXES)
"""Endings of every archive that can be analysed."""

# What the standard library raises for damaged archives, as fuzzing showed: its parsers let arithmetic, lookup,
# recursion and decoding errors through beside their own classes.
_DAMAGED: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
    RuntimeError,
)


def read_archive(path: Path, filename: str, wanted: Callable[[str], bool], *, whole: bool = True) -> Contents:
    """Check an archive and return its member names and the wanted files.

    Args:
        path: Where the archive is.
        filename: What the user knows it as; its ending decides the format.
        wanted: Tells for a member's normalised path whether its content is kept; each at most 1 MiB.
        whole: False decompresses of a zip archive only what is wanted, for bytes that were checked whole before.

    Raises:
        AcquireError: The archive is damaged, unsafe to unpack, or of no known format.
    """
    return _read(path, filename, lambda ledger: ledger.keeping(wanted), whole)


def scan_archive(path: Path, filename: str, taking: Taking) -> Contents:
    """Check an archive and hand on the content of its files, piece by piece, whatever their size; nothing is kept.

    Raises what `read_archive` does, and then what was handed on was not all.
    """
    return _read(path, filename, lambda _: taking, whole=True)


def _read(path: Path, filename: str, how: Callable[[Ledger], Taking], whole: bool) -> Contents:
    try:
        ledger = Ledger(filename, path.stat().st_size)
        taking = how(ledger)
        if filename.endswith((".whl", ".zip")):
            read_zip(path, ledger, taking, whole=whole)
        elif filename.endswith((".tar.gz", ".tgz", ".tar.bz2")):
            read_tar(path, ledger, taking, bzip2=filename.endswith(".bz2"))
        else:
            raise AcquireError(
                f"{shown(filename)} is no archive of a known kind: give one that ends in {', '.join(ARCHIVE_SUFFIXES)}"
            )
    except _DAMAGED as error:
        raise AcquireError(
            f"{shown(filename)} is damaged or truncated ({shown(str(error)) or type(error).__name__}): get it again"
        ) from error
    return ledger.close()
