"""The answers that come along, and what a user may add."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from internet.answers import Answers
from internet.pages import choose

from analyzer.errors import UsageError
from analyzer.sandbox.answers import compile_answers, place, read
from analyzer.sandbox.answers import folder as folder_module
from analyzer.sandbox.answers.compiling import DATA
from analyzer.sandbox.answers.schema import AnswerFile


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


# --- those that come along ---


def test_every_shipped_answer_can_be_given(tmp_path: Path) -> None:
    content, _ = compile_answers()
    answers = Answers(json.loads(json.dumps(content)))
    assert len(content["answers"]) > 150
    for one in content["answers"]:
        host = next(name.lstrip(".").replace("*", "x") for name in one.get("hosts", ["a.example"]))
        alone = Answers(content | {"answers": [one]})
        path = re.sub(r"\*+", "x", next(iter(one.get("paths", ["/x"])))).replace("?", "y")
        target = f"/{path}".replace("//", "/") + next(iter(one.get("suffixes", [""])))
        method = next(iter(one.get("methods", ["GET"])))
        page = choose(alone, method, host, f"{target}?{one.get('query', '')}", tuple(one.get("headers", {}).items()))
        assert page.status == one["status"], one
        assert page.body or one["status"] in {200, 204, 302}, one
        if page.media_type.startswith("application/json") and page.body:
            json.loads(page.body)
        assert not re.search(rb"\{[a-z0-9-]+(:[^{}]*)?\}", page.body), one
        assert b"fumehood" not in page.body
    assert {one["name"] for one in content["dns"]} >= {"myip.opendns.com"}
    assert answers.records("myip.opendns.com", "A") == (answers.address,)


def test_no_shipped_answer_hides_behind_an_earlier_one() -> None:
    content, _ = compile_answers()
    seen: set[str] = set()
    for one in content["answers"]:
        conditions = {name: one.get(name) for name in ("hosts", "paths", "suffixes", "methods", "headers", "query")}
        key = json.dumps(conditions, sort_keys=True)
        assert key not in seen, key
        seen.add(key)


def test_served_credentials_are_new_in_each_run_and_told() -> None:
    (first, planted), (_, other) = compile_answers(), compile_answers()
    text = json.dumps(first["answers"])
    assert len(planted) == len(other) > 10
    for one, again in zip(planted, other, strict=True):
        assert one.name == again.name
        assert one.value != again.value
        assert one.value in text
        assert one.path.startswith("http://")
        assert "*" not in one.path
    assert first["key"] != compile_answers()[0]["key"]


def test_all_data_files_are_used() -> None:
    folder = Path(folder_module.__file__).parent / "data"
    assert sorted(path.name for path in folder.iterdir()) == sorted(DATA)


# --- a user's own ---


def test_a_folder_of_answers_and_files(tmp_path: Path) -> None:
    source = write(
        tmp_path / "own",
        **{
            "answers.yaml": "answers:\n"
            "  - for: {hosts: [C2.example], paths: [/gate]}\n"
            "    json: {task: run, key: '{alnum:30 as our own bait}'}\n"
            "  - {for: {paths: ['/file/*']}, file: kept/body.bin, type: a/b}\n"
            "dns:\n  - {name: c2.example, type: TXT, answers: ['\"next\"']}\n",
            "kept__body.bin": "BODY",
            "files.example__a__b.py": "print(1)\n",
            "files.example__index.html": "<p>",
        },
    )
    record = tmp_path / "record"
    record.mkdir()
    (secret,) = [one for one in place(record, off=False, additional=read(source)) if one.name == "our own bait"]
    assert secret.path == "http://c2.example/gate"
    answers = Answers.read(record)
    gate = choose(answers, "GET", "c2.example", "/gate", ())
    assert json.loads(gate.body) == {"task": "run", "key": secret.value}
    assert choose(answers, "GET", "x.example", "/file/1", ()).body == b"BODY"
    page = choose(answers, "GET", "files.example", "/a/b.py", ())
    assert (page.media_type, page.body) == ("text/x-python", b"print(1)\n")
    assert choose(answers, "GET", "files.example", "/", ()).body == b"<p>"
    assert choose(answers, "GET", "files.example", "/other.sh", ()).body.startswith(b"#!/bin/sh")
    assert answers.records("c2.example", "TXT") == ('"next"',)
    assert (record / "answers.json").stat().st_mode & 0o777 == 0o644
    assert {path.stat().st_mode & 0o777 for path in (record / "answers").iterdir()} == {0o644}


def test_off_is_told_and_plants_nothing(tmp_path: Path) -> None:
    assert place(tmp_path, off=True, additional=None) == []
    assert Answers.read(tmp_path).off


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "it has neither answers.yaml nor files in folders of hosts"),
        ({"notes.txt": "x"}, "notes.txt is neither answers.yaml nor the folder of a host"),
        ({"answers.yaml": "answers: ["}, "answers {folder}/answers.yaml is not YAML"),
        ({"answers.yaml": "answer: []"}, "answers {folder}/answers.yaml, line 1"),
        ({"answers.yaml": "answers:\n  - {status: 99}"}, "answers {folder}/answers.yaml, line 2: status"),
        ({"answers.yaml": "answers:\n  - {text: a, base64: YQ==}"}, "an answer has one body, and not text and base64"),
        ({"answers.yaml": "answers:\n  - {base64: '?'}"}, "line 2"),
        ({"answers.yaml": "answers:\n  - {headers: {A: \"b\\r\\nC: d\"}}"}, "printable ASCII in one line"),
        ({"answers.yaml": "answers:\n  - {for: {paths: [x]}}"}, "'x' is no path"),
        ({"answers.yaml": "answers:\n  - {for: {hosts: ['a b']}}"}, "no host name"),
        ({"answers.yaml": "answers:\n  - {for: {hosts: [{in: nothing}]}}"}, "no reference list of domains called 'nothing'"),
        ({"answers.yaml": "answers:\n  - {text: '{same:nobody}'}"}, "has a place that cannot be filled"),
        ({"answers.yaml": "answers:\n  - {file: gone}"}, "gone: No such file or directory"),
        ({"answers.yaml": "answers:\n  - {file: ../outside}"}, "leads out of it"),
        ({"answers.yaml": "answers:\n  - {file: /etc/passwd}"}, "/etc/passwd leads out of it"),
        ({"answers.yaml": "dns:\n  - {name: a.example, type: A, answers: [no address]}"}, "no data of"),
        ({"answers.yaml": "dns:\n  - {name: a.example, type: TXT, answers: [\"a\\nb.example. 1 IN A 192.0.2.1\"]}"}, "no data of"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(tmp_path: Path, files: dict[str, str], message: str) -> None:
    (tmp_path / "outside").write_text("x")
    folder = tmp_path / "own"
    folder.mkdir()
    with pytest.raises(UsageError) as error:
        read(write(folder, **files))
    assert message.format(folder=folder) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--internet .*: No such file or directory; name a folder, or `off`"):
        read(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="Not a directory"):
        read(tmp_path / "file")


def test_links_do_not_lead_out(tmp_path: Path) -> None:
    own = write(tmp_path / "own", **{"a.example__x": "1"})
    (own / "a.example/y").symlink_to(own / "a.example/x")
    assert {one.path for one in read(own).files} == {"/x", "/y"}
    (own / "a.example/z").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="a.example/z leads out of it"):
        read(own)
    (own / "a.example/z").unlink()
    (own / "a.example/d").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(UsageError, match="is a link to a folder"):
        read(own)
    (own / "a.example/d").unlink()
    (own / "b.example").symlink_to(own / "a.example", target_is_directory=True)
    with pytest.raises(UsageError, match="neither answers.yaml nor the folder of a host"):
        read(own)


def test_pipes_are_no_files(tmp_path: Path) -> None:
    import os

    own = write(tmp_path / "own", **{"a.example__x": "1"})
    os.mkfifo(own / "a.example/pipe")
    with pytest.raises(UsageError, match="a.example/pipe is not a file"):
        read(own)


def test_sizes_and_numbers_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = write(tmp_path / "own", **{"a.example__x": "1234", "a.example__y": "1234"})
    monkeypatch.setattr(folder_module, "FILES", 1)
    with pytest.raises(UsageError, match="more than 1 files"):
        read(own)
    monkeypatch.setattr(folder_module, "FILES", 9)
    monkeypatch.setattr(folder_module, "TOTAL_BYTES", 7)
    with pytest.raises(UsageError, match="more than 9 files or 0 MiB"):
        read(own)
    monkeypatch.setattr(folder_module, "FILE_BYTES", 3)
    with pytest.raises(UsageError, match=r"a\.example/[xy] is larger than 0 MiB"):
        read(own)


def test_a_file_that_vanishes_is_told(tmp_path: Path) -> None:
    own = write(tmp_path / "own", **{"a.example__x": "1"})
    found = read(own)
    (own / "a.example/x").unlink()
    with pytest.raises(UsageError, match="a.example/x cannot be read"):
        place(tmp_path, off=False, additional=found)


def test_the_example_of_the_documentation_is_true(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs/internet.md").read_text()
    blocks = re.findall(r"```yaml\n(# answers\.yaml.*?)```", text, re.DOTALL)
    assert len(blocks) == 1
    own = write(tmp_path / "own", **{"answers.yaml": blocks[0], "files__stage2.py": "print(2)\n"})
    assert read(own).answers != AnswerFile()
