"""Programs that a package looked for in vain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.model.report import MissingCommand
from tests.unit.pipeline.recording import SITE, Recording

PATH = "/home/alex/project/.venv/bin:/usr/local/bin:/usr/bin"


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    made = Recording(tmp_path)
    made.write("plan.json", json.dumps({"format": 1, "environment": {"PWD": "/home/alex/project", "PATH": PATH}}))
    made.installed()
    made.step("install", argv=["/opt/uv/uv"])
    return made


def missing(recording: Recording) -> list[MissingCommand]:
    report = recording.report()
    assert report.completeness.reasons == []
    assert report.completeness.status == "complete"
    return report.completeness.commands_missing


def tried(path: str) -> str:
    return f'execve("{path}", ["x"], 0x1 /* 1 var */) = -1 ENOENT (No such file or directory)'


def test_a_program_that_no_folder_has_is_told_and_makes_nothing_incomplete(recording: Recording) -> None:
    recording.step("import", "\n".join(tried(f"{folder}/xdotool") for folder in PATH.split(":")))
    (found,) = missing(recording)
    assert (found.name, found.searches, found.phases, found.attribution) == ("xdotool", 1, ["import"], ["package"])
    assert found.distribution == "sample"


def test_a_program_that_was_found_behind_other_folders_is_not_missing(recording: Recording) -> None:
    found = 'execve("/usr/bin/git", ["git"], 0x1 /* 1 var */) = 0'
    recording.step("import", f"{tried('/usr/local/bin/git')}\n{found}")
    assert missing(recording) == []


def test_searches_of_several_commands_are_added_up(recording: Recording) -> None:
    recording.step("import", tried("/usr/bin/hg"))
    recording.step("execute", tried("/usr/bin/hg"))
    (found,) = missing(recording)
    assert (found.searches, found.phases) == (2, ["import", "execute"])


def test_a_program_elsewhere_is_named_by_its_path(recording: Recording) -> None:
    recording.step("import", tried("/opt/tool/bin/tool"))
    assert [one.name for one in missing(recording)] == ["/opt/tool/bin/tool"]


@pytest.mark.parametrize("error", ["EACCES", "ENOEXEC", "E2BIG"])
def test_a_program_that_is_there_and_fails_is_not_missing(recording: Recording, error: str) -> None:
    recording.step("import", tried("/usr/bin/tool").replace("ENOENT", error))
    assert missing(recording) == []


def test_what_the_installer_looks_for_is_not_told(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.write("plan.json", json.dumps({"format": 1, "environment": {"PWD": "/", "PATH": PATH}}))
    recording.installed()
    recording.step("install", tried("/usr/bin/git"), argv=["/opt/uv/uv"])
    assert missing(recording) == []


def asked(folder: str, number: int) -> str:
    call = {
        "p": 100, "n": number, "t": 1_000_020.02, "e": "os.stat", "a": [f"{folder}/gs"], "f": f"{SITE}/sample.py", "l": 7,
        "m": "sample", "s": [],
    }  # fmt: skip
    return json.dumps(call) + "\n"


PROBE = 'openat(AT_FDCWD, "/run/session/events/100", O_WRONLY) = -1 ENOTDIR (Not a directory)'


def test_a_program_that_was_asked_for_in_every_folder_is_missing(recording: Recording) -> None:
    recording.step("import", PROBE, probe="".join(asked(one, at + 2) for at, one in enumerate(PATH.split(":"))))
    (found,) = missing(recording)
    assert (found.name, found.searches) == ("gs", 1)
    assert found.location is not None
    assert (found.location.file, found.location.line) == (f"{SITE}/sample.py", 7)


def test_a_question_that_ended_before_the_last_folder_may_have_found_it(recording: Recording) -> None:
    recording.step("import", PROBE, probe="".join(asked(one, at + 2) for at, one in enumerate(PATH.split(":")[:-1])))
    assert missing(recording) == []
