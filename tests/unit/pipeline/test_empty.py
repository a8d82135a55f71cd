"""The empty package is one that installers take, and is the same each time."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import tarfile
import zipfile
from typing import get_args

import pytest

from analyzer.pipeline import empty


@pytest.mark.parametrize("form", get_args(empty.Form))
def test_it_is_the_same_each_time(form: empty.Form) -> None:
    assert empty.content(form) == empty.content(form)


def test_the_wheel_lists_its_files_with_their_digests() -> None:
    with zipfile.ZipFile(io.BytesIO(empty.content("wheel"))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    record = files[f"{empty.NAME}-{empty.VERSION}.dist-info/RECORD"].decode()
    rows = {path: (digest, size) for path, digest, size in csv.reader(io.StringIO(record))}
    assert set(rows) == set(files)
    for path, (digest, size) in rows.items():
        if digest:
            found = base64.urlsafe_b64encode(hashlib.sha256(files[path]).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={found}", str(len(files[path])))


def test_the_sdist_has_one_folder() -> None:
    with tarfile.open(fileobj=io.BytesIO(empty.content("sdist"))) as archive:
        names = archive.getnames()
    assert {name.split("/")[0] for name in names} == {f"{empty.NAME}-{empty.VERSION}"}
    assert {name.split("/")[1] for name in names} == {"PKG-INFO", "setup.py", f"{empty.NAME}.py"}


def test_every_phase_has_something_to_run() -> None:
    with zipfile.ZipFile(io.BytesIO(empty.content("wheel"))) as archive:
        module = archive.read(f"{empty.NAME}.py").decode()
        scripts = archive.read(f"{empty.NAME}-{empty.VERSION}.dist-info/entry_points.txt").decode()
    space: dict[str, object] = {}
    exec(compile(module, "module", "exec"), space)
    function = space[empty.FUNCTION]
    assert callable(function)
    assert function() is None
    assert f"{empty.NAME} = {empty.NAME}:{empty.FUNCTION}" in scripts
