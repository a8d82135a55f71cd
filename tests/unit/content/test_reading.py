from __future__ import annotations

import gzip
from pathlib import Path
from typing import Literal

import pytest

from analyzer.content import scanning, urls
from analyzer.content.reading import FileToRead, Task, read_files
from analyzer.model.filefacts import FileFacts
from tests.packages import make_sdist, make_wheel
from tests.unit.content import tokens


def read(*paths: Path, seconds: float = 1e6) -> FileFacts:
    files = [file(path, "target" if place == 0 else "dependency") for place, path in enumerate(paths)]
    facts = read_files(Task(name="demo", version="1.0", files=tuple(files), seconds=seconds))
    assert FileFacts.model_validate_json(facts.document()) == facts
    return facts


def file(path: Path, role: Literal["target", "dependency"]) -> FileToRead:
    return FileToRead(path=path, filename=path.name, role=role)


METADATA = """Metadata-Version: 2.1
Name: demo
Version: 1.0
License: MIT
Classifier: License :: OSI Approved :: MIT License
Classifier: Topic :: Internet :: WWW/HTTP
Requires-Dist: other
"""


def test_a_wheel(tmp_path: Path) -> None:
    path = make_wheel(
        tmp_path,
        "demo",
        modules={
            "demo/__init__.py": f"import x\nURL = 'http://a.example:8080/x'\nKEY = '{tokens.AWS}'\n",
            "demo/core.so": b"\x7fELF\0http://a.example:8080/x\0http://b.example/y\0",
            "demo/data.bin": b"PK\x03\x04" + b"x" * 100,
            "demo/license.py": "MIT = 1",
        },
        entry_points={"console_scripts": {"demo": "demo:main"}},
        extra_files={
            "demo-1.0.dist-info/METADATA": METADATA,
            "demo-1.0.dist-info/licenses/LICENSE": "Permission is hereby granted, free of charge, to any person obtaining a copy\n"
            "of this software and associated documentation files",
        },
    )
    facts = read(path)
    found = {one.url: (one.file, one.line, one.count) for one in facts.urls}
    assert found["http://a.example:8080/x"] == ("demo/__init__.py", 2, 2)
    assert found["http://b.example/y"] == ("demo/core.so", 0, 1)
    assert [(one.service, one.file, one.line) for one in facts.secrets] == [("AWS", "demo/__init__.py", 3)]
    assert [(one.source, one.text[:7], one.recognised) for one in facts.licenses] == [
        ("License", "MIT", ()),
        ("classifier", "License", ()),
        ("file", "Permiss", ("MIT",)),
    ]
    assert facts.classifiers[-1] == "Topic :: Internet :: WWW/HTTP"
    assert facts.requires == ("other",)
    assert (facts.scripts, facts.compiled) == (True, True)
    assert facts.failed == ()
    assert facts.skipped == ("demo/data.bin is packed within the package, and was not opened",)
    assert facts.files == 9


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.bz2", ".zip"])
def test_an_sdist_is_told_below_its_top_folder(tmp_path: Path, suffix: str) -> None:
    path = make_sdist(
        tmp_path,
        "demo",
        files={
            "src/demo.py": "# http://a.example/x\n",
            "COPYING": "GNU GENERAL PUBLIC LICENSE Version 2, June 1991",
            "ext/a.c": "int x;",
        },
        requires=["other>=1"],
        suffix=suffix,
    )
    facts = read(path)
    assert [(one.file, one.line) for one in facts.urls if one.url == "http://a.example/x"] == [("src/demo.py", 1)]
    assert [(one.file, one.recognised) for one in facts.licenses] == [("COPYING", ("GPL-2.0-only",))]
    assert facts.requires == ("other",)
    assert facts.compiled


def test_a_project_without_pkg_info_is_described_by_its_pyproject(tmp_path: Path) -> None:
    pyproject = '[project]\nname = "demo"\nlicense = {text = "GPLv3"}\nclassifiers = ["Framework :: Django"]\n[project.scripts]\nx = "a:b"\n'
    path = make_sdist(tmp_path, "demo", pyproject=pyproject)
    facts = read(path)
    assert [(one.source, one.text) for one in facts.licenses] == [("License", "GPLv3")]
    assert (facts.classifiers, facts.scripts) == (("Framework :: Django",), True)


def test_what_a_dependency_says_of_its_licence(tmp_path: Path) -> None:
    needed = METADATA.replace("demo", "needed").replace("MIT\n", "LGPL\n", 1)
    dependency = make_wheel(
        tmp_path,
        "needed",
        modules={"needed.py": "# http://needed.example/"},
        extra_files={"needed-1.0.dist-info/METADATA": needed},
    )
    facts = read(make_wheel(tmp_path, "demo"), dependency, make_sdist(tmp_path, "third"))
    told = [(one.distribution, one.role, one.source, one.text) for one in facts.licenses]
    assert told[0] == ("needed", "dependency", "License", "LGPL")
    assert not [one for one in facts.urls if "needed.example" in one.url]


def test_what_cannot_be_read_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    target, broken = (
        make_wheel(tmp_path, "demo", modules={"demo.py": "# http://a.example/x"}),
        tmp_path / "other-1.0-py3-none-any.whl",
    )
    broken.write_bytes(b"no zip")
    facts = read(target, broken, tmp_path / "gone-1.0.tar.gz")
    assert "http://a.example/x" in {one.url for one in facts.urls}
    assert [reason.partition(":")[0] for reason in facts.failed] == ["other-1.0-py3-none-any.whl", "gone-1.0.tar.gz"]
    assert all(str(tmp_path) not in reason and reason.isprintable() for reason in facts.failed)


def test_a_damaged_target_is_named_and_what_was_read_before_is_kept(tmp_path: Path) -> None:
    path = make_sdist(
        tmp_path,
        "demo",
        files={"a.py": "# http://a.example/x\n", "z.bin": b"".join(bytes([n % 251]) * 9 for n in range(9000))},
    )
    path.write_bytes(path.read_bytes()[:-200])
    facts = read(path)
    assert len(facts.failed) == 1
    assert "http://a.example/x" in {one.url for one in facts.urls}


def test_the_reading_stops_when_its_time_is_over(tmp_path: Path) -> None:
    facts = read(make_wheel(tmp_path, "demo"), seconds=0)
    assert "processor time" in facts.failed[0]


def test_addresses_and_secrets_at_the_edge_of_a_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "WINDOW", 9000)
    lines = [f"x = 'http://a.example/{number}'" for number in range(3000)]
    lines[1777] = f"KEY = '{tokens.GITHUB}'"
    facts = read(make_wheel(tmp_path, "demo", modules={"demo.py": "\n".join(lines)}))
    found = {one.url: (one.line, one.count) for one in facts.urls}
    assert all(found[f"http://a.example/{number}"] == (number + 1, 1) for number in range(3000) if number != 1777)
    assert [one.line for one in facts.secrets] == [1778]


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-8-sig"])
def test_text_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    text = f"é\nURL = 'http://a.example/é'\nKEY = '{tokens.AWS}'\n"
    facts = read(make_wheel(tmp_path, "demo", modules={"demo.py": text.encode(encoding)}))
    found = [one for one in facts.urls if one.url.startswith("http://a.example/")]
    assert [one.line for one in found] == [2]
    assert [one.line for one in facts.secrets] == [3]


def test_a_file_packed_by_gzip_is_looked_into(tmp_path: Path) -> None:
    data = gzip.compress(f"one\nhttp://a.example/x\n{tokens.AWS}\n".encode())
    facts = read(make_wheel(tmp_path, "demo", modules={"data.json.gz": data}))
    assert [(one.file, one.line) for one in facts.urls if one.url == "http://a.example/x"] == [("data.json.gz", 2)]
    assert [(one.file, one.line) for one in facts.secrets] == [("data.json.gz", 3)]
    assert facts.skipped == ()


def test_names_that_nobody_writes(tmp_path: Path) -> None:
    name = "a\n\x1b[31m" + "é" * 300 + "<b>.py"
    facts = read(make_wheel(tmp_path, "demo", modules={name: "# http://a.example/x"}))
    assert next(one.file for one in facts.urls if one.url == "http://a.example/x") == name


def test_too_many_addresses_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urls, "MAX_URLS", 100)
    text = "\n".join(f"http://a.example/{number}" for number in range(200))
    facts = read(make_wheel(tmp_path, "demo", modules={"demo.py": text}))
    assert len(facts.urls) == 100
    assert facts.failed == ("the files hold more addresses than are kept: others are not known",)


def test_each_packed_file_is_named_as_far_as_there_is_room(tmp_path: Path) -> None:
    facts = read(make_wheel(tmp_path, "demo", modules={f"{number}.bin": b"\x1f\x8b\x08123" for number in range(300)}))
    assert len(facts.skipped) == 200
    assert facts.skipped[-1] == "and 101 more"
