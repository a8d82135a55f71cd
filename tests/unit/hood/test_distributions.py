from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hood import distributions
from hood.distributions import Distribution, installed
from hypothesis import given, settings
from hypothesis import strategies as st

TARGET = "/srv/packages/thing-1.0-py3-none-any.whl"
METADATA = "Metadata-Version: 2.1\nName: Thing\nVersion: 1.0\nSummary: for tests\n\nName: body\n"
RECORD = "thing/__init__.py,,\nthing-1.0.dist-info/RECORD,,\n"
DIRECT = json.dumps({"url": f"file://{TARGET}", "archive_info": {}})

text = st.text(alphabet=st.characters(), max_size=200)


@contextmanager
def site(**files: bytes | str) -> Iterator[Path]:
    """A site-packages folder with one distribution, of which the named files are as they are given."""
    folder = Path(tempfile.mkdtemp())
    info = folder / "thing-1.0.dist-info"
    info.mkdir()
    content = {"METADATA": METADATA, "RECORD": RECORD, "direct_url.json": DIRECT, "entry_points.txt": "", **files}
    for name, value in content.items():
        (info / name).write_bytes(value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def read(**files: bytes | str) -> Distribution:
    with site(**files) as folder:
        (found,) = installed(folder, TARGET)
    json.dumps(found.as_json())
    return found


def test_an_ordinary_distribution() -> None:
    with site(
        RECORD="thing/__init__.py,sha256=x,1\nthing/sub/deep.py,,\nthing/fast.cpython-311-x86_64-linux-gnu.so,,\n"
        "thing/__main__.py,,\nthing/data.txt,,\nthing-1.0.dist-info/RECORD,,\n../../../bin/thing,,\n",
        **{
            "entry_points.txt": "[console_scripts]\nthing = thing:main\nThing-2=thing:main [extra]\n[gui_scripts]\nwindow = thing:gui\n"
        },
    ) as folder:
        (found,) = installed(folder, TARGET)
        assert (found.name, found.version, found.requested) == ("Thing", "1.0", True)
        assert found.modules == ["thing", "thing.fast", "thing.sub.deep"]
        assert found.scripts == ["thing", "Thing-2", "window"]
        assert str(folder / "thing/data.txt") in found.files
        assert os.path.normpath(folder / "../../../bin/thing") in found.files


@pytest.mark.parametrize(
    ("headers", "license_", "urls"),
    [
        ("", "", []),
        ("License: BSD License\n        and more of it\n", "BSD License", []),
        ("License: see the file\nLicense-Expression: MIT OR Apache-2.0\n", "MIT OR Apache-2.0", []),
        ("License: " + "x" * 500 + "\n", "x" * 200, []),
        ("Home-page: https://a.example/\nProject-URL: Source, https://a.example/git\nProject-URL: Docs,https://a.example\n",
         "", ["Home-page, https://a.example/", "Source, https://a.example/git", "Docs,https://a.example"]),
        ("Home-page:\nProject-URL: " + "u" * 900 + "\n", "", ["u" * 500]),
        ("".join(f"Project-URL: {number}, x\n" for number in range(90)), "", [f"{number}, x" for number in range(40)]),
    ],
)  # fmt: skip
def test_licence_and_addresses(headers: str, license_: str, urls: list[str]) -> None:
    found = read(METADATA=f"Metadata-Version: 2.4\nName: Thing\nVersion: 1\n{headers}\nLicense: of the text\n")
    assert (found.license, found.urls) == (license_, urls)


def test_distributions_come_by_name_and_only_the_one_that_was_asked_for_is_requested() -> None:
    with site() as folder:
        for name in ("another-2.0.dist-info", "zzz-1.dist-info"):
            (folder / name).mkdir()
            (folder / name / "METADATA").write_text(f"Name: {name[:3]}\nVersion: 3\n")
            (folder / name / "REQUESTED").write_text("")
        found = installed(folder, TARGET)
    assert [(one.name, one.requested) for one in found] == [("ano", False), ("Thing", True), ("zzz", False)]


@pytest.mark.parametrize(
    ("url", "requested"),
    [
        ("file:///srv/packages/thing-1.0-py3-none-any.whl", True),
        ("file:///srv/packages/thing%2D1.0-py3-none-any.whl", True),
        ("file:///srv/packages/other-1.0-py3-none-any.whl", False),
        ("file:///srv/packages/some-thing-1.0-py3-none-any.whl", False),
        ("", False),
    ],
)
def test_what_was_asked_for_is_told_by_the_installers_note(url: str, requested: bool) -> None:
    assert read(**{"direct_url.json": json.dumps({"url": url})}).requested is requested


@pytest.mark.parametrize(
    "note", [b"", b"{", b"[]", b"null", b'{"url": 1}', b"[" * 100_000, b'{"url": "\xff"}', b"9" * 10_000]
)
def test_a_broken_note_asks_for_nothing(note: bytes) -> None:
    assert not read(**{"direct_url.json": note}).requested


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_anywhere_are_read(content: bytes) -> None:
    for name in ("METADATA", "RECORD", "direct_url.json", "entry_points.txt"):
        read(**{name: content})


@given(st.lists(st.tuples(text, text), max_size=10))
def test_any_lines_of_metadata_are_read(headers: list[tuple[str, str]]) -> None:
    found = read(METADATA="".join(f"{name}: {value}\n" for name, value in headers))
    assert len(found.name) <= 256
    assert "\n" not in found.version


@given(st.lists(st.lists(text, max_size=4), max_size=10))
def test_any_rows_of_a_record_are_read(rows: list[list[str]]) -> None:
    for file in read(RECORD="".join(",".join(row) + "\n" for row in rows)).files:
        assert file.startswith("/")


@given(
    st.dictionaries(
        st.sampled_from(["console_scripts", "gui_scripts", "DEFAULT", "other"]), st.dictionaries(text, text, max_size=5)
    )
)
def test_any_entry_points_are_file_names(groups: dict[str, dict[str, str]]) -> None:
    lines = [
        line
        for group, entries in groups.items()
        for line in [f"[{group}]", *(f"{a} = {b}" for a, b in entries.items())]
    ]
    for name in read(**{"entry_points.txt": "\n".join(lines)}).scripts:
        assert name not in {"", ".", ".."}
        assert "/" not in name
        assert "\0" not in name
        assert len(name) <= 200


@pytest.mark.parametrize("name", ["../../bin/sh", "/bin/sh", ".", "..", "a/b", "nul\0byte", "x" * 201])
def test_a_script_cannot_be_a_path(name: str) -> None:
    assert read(**{"entry_points.txt": f"[console_scripts]\n{name} = a:b\ngood = a:b\n"}).scripts == ["good"]


@pytest.mark.parametrize(
    "name",
    ["not-a-name.py", "a/b-c.py", "a/../b.py", "a//b.py", "/absolute.py", "class_.txt", "a.py.txt", "a/.py", "1.py"],
)
def test_what_cannot_be_imported_is_no_module(name: str) -> None:
    modules = read(RECORD=f"{name},,\nthing.py,,\n").modules
    assert "thing" in modules
    assert all(part.isidentifier() for module in modules for part in module.split("."))


@pytest.mark.parametrize("kind", ["folder", "link", "fifo", "missing", "socket"])
@pytest.mark.parametrize("name", ["METADATA", "RECORD", "direct_url.json", "entry_points.txt"])
def test_what_is_no_regular_file_is_empty(kind: str, name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("Name: secret\nVersion: 9\n")
    with site() as folder:
        path = folder / "thing-1.0.dist-info" / name
        path.unlink()
        if kind == "folder":
            path.mkdir()
        elif kind == "link":
            path.symlink_to(secret)
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "socket":
            os.mknod(path, 0o140644)
        (found,) = installed(folder, TARGET)
    assert found.name in {"Thing", "thing"}
    assert found.version in {"1.0", ""}


def test_a_link_to_a_distribution_is_none(tmp_path: Path) -> None:
    with site() as folder:
        (folder / "linked-1.0.dist-info").symlink_to(folder / "thing-1.0.dist-info")
        (folder / "file-1.0.dist-info").write_text("")
        assert [one.name for one in installed(folder, TARGET)] == ["Thing"]


def test_sizes_and_counts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributions, "_MAX_FILES", 10)
    monkeypatch.setattr(distributions, "_MAX_DISTRIBUTIONS", 5)
    monkeypatch.setattr(distributions, "_MAX_BYTES", 1000)
    record = "".join(f"thing/m{number:04}.py,,\n" for number in range(1000))
    with site(RECORD=record) as folder:
        for number in range(20):
            (folder / f"d{number}-1.dist-info").mkdir()
            (folder / f"d{number}-1.dist-info" / "RECORD").write_text(record)
        found = installed(folder, TARGET)
    assert len(found) <= 5
    assert sum(len(one.files) for one in found) <= 10


def test_a_wheel_as_installers_lay_it_is_read(tmp_path: Path) -> None:
    content = b"x = 1\n"
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    found = read(RECORD=f'"with,comma/a.py",sha256={digest},{len(content)}\r\nthing.py,sha256={digest},6\r\n')
    assert any(file.endswith("/with,comma/a.py") for file in found.files)
    assert found.modules == ["thing"]
