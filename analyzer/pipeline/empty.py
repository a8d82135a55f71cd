"""A package that does nothing, as a wheel or an sdist: what its run shows is not the package's.

It has what makes every phase run: one module, one function in it, one console script, and as an sdist a `setup.py`. The same
bytes each time, so that runs of it differ in nothing but what is measured.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
import zipfile
from typing import Final, Literal

Form = Literal["wheel", "sdist"]
"""How it is handed over: installed as it is, or built first."""

NAME: Final = "emptypackage"
"""Its project, module and script; it is one word, so that each spelling of it is the same."""

VERSION: Final = "1.0"
FUNCTION: Final = "nothing"

_STEM: Final = f"{NAME}-{VERSION}"
_INFO: Final = f"{_STEM}.dist-info"
_ZIP_TIME: Final = (2020, 1, 1, 0, 0, 0)
_TAR_TIME: Final = 1_577_836_800
_MODE: Final = 0o644

# It says of itself what every honest package says, so that nothing is to be told of its metadata.
_METADATA: Final = f"""Metadata-Version: 2.1
Name: {NAME}
Version: {VERSION}
Summary: does nothing
License: Apache-2.0
Project-URL: Repository, https://code.example/{NAME}
"""
_MODULE: Final = f"""def {FUNCTION}() -> None:
    return None
"""
_WHEEL: Final = """Wheel-Version: 1.0
Generator: fumehood
Root-Is-Purelib: true
Tag: py3-none-any
"""
_ENTRY_POINTS: Final = f"""[console_scripts]
{NAME} = {NAME}:{FUNCTION}
"""
_SETUP: Final = f"""from setuptools import setup

setup(
    name="{NAME}",
    version="{VERSION}",
    description="does nothing",
    license="Apache-2.0",
    project_urls={{"Repository": "https://code.example/{NAME}"}},
    py_modules=["{NAME}"],
    entry_points={{"console_scripts": ["{NAME} = {NAME}:{FUNCTION}"]}},
)
"""


def filename(form: Form) -> str:
    """What its file is called."""
    return f"{_STEM}-py3-none-any.whl" if form == "wheel" else f"{_STEM}.tar.gz"


def content(form: Form) -> bytes:
    """Its file's bytes."""
    return _wheel() if form == "wheel" else _sdist()


def _wheel() -> bytes:
    files = {
        f"{NAME}.py": _MODULE,
        f"{_INFO}/METADATA": _METADATA,
        f"{_INFO}/WHEEL": _WHEEL,
        f"{_INFO}/entry_points.txt": _ENTRY_POINTS,
    }
    record = "".join(f"{path},{_listed(text.encode())}\n" for path, text in files.items())
    files[f"{_INFO}/RECORD"] = f"{record}{_INFO}/RECORD,,\n"
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for path, text in files.items():
            info = zipfile.ZipInfo(path, _ZIP_TIME)
            info.external_attr = (0o100000 | _MODE) << 16
            archive.writestr(info, text)
    return sink.getvalue()


def _sdist() -> bytes:
    files = {"PKG-INFO": _METADATA, "setup.py": _SETUP, f"{NAME}.py": _MODULE}
    sink = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=sink, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, text in files.items():
            info = tarfile.TarInfo(f"{_STEM}/{path}")
            info.size, info.mtime, info.mode = len(text), _TAR_TIME, _MODE
            archive.addfile(info, io.BytesIO(text.encode()))
    return sink.getvalue()


def _listed(data: bytes) -> str:
    """Digest and size as a RECORD lists them (PEP 376, PEP 427)."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(data)}"
