"""What ran at the moment of an event, as evidence, processes and the lines of `-o events=` tell it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.model.report import BehaviorReport
from tests.unit.pipeline.recording import Recording

OPENING = 'openat(AT_FDCWD, "/home/alex/.ssh/id_rsa", O_RDONLY) = 3'


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    made = Recording(tmp_path)
    made.installed()
    made.step("install", argv=["/opt/uv/uv"])
    return made


def lines(*messages: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in messages)


def key(recording: Recording) -> BehaviorReport:
    (found,) = [one for one in recording.report().behaviors if one.id == "steal.ssh-key.read"]
    return found


def spanning(recording: Recording, *names: str) -> str:
    """The driver's lines of subjects that ran one after the other; each call of a step is a hundredth of a second after the last."""
    begin = 1_000_000.0 + 10 * (len(recording.steps) + 1)
    return lines(
        *(
            line
            for at, name in enumerate(names)
            for line in ({"begin": name, "t": begin + at / 100 + 0.005}, {"end": name, "t": begin + at / 100 + 0.014})
        )
    )


@pytest.mark.parametrize(
    ("phase", "step", "told"),
    [
        ("install", {}, "install"),
        ("startup", {}, "a new interpreter"),
        ("startup", {"kind": "shell"}, "a new shell"),
        ("import", {}, "import"),
        ("execute", {"subject": "sample --help"}, "script sample --help"),
        ("execute", {"kind": "module", "subject": "python -m sample"}, "python -m sample"),
        ("execute", {"kind": "driver", "subject": "mine.py"}, "the user's driver mine.py"),
        ("execute", {"kind": "callables"}, "calls"),
    ],
)
def test_a_command_is_told_in_words(recording: Recording, phase: str, step: dict[str, Any], told: str) -> None:
    recording.step(phase, OPENING, **step)
    report = recording.report()
    assert report.processes[-1].during == told
    if phase != "install":
        assert [one.during for one in key(recording).evidence] == [told]


def test_a_module_is_named_while_it_is_imported(recording: Recording) -> None:
    recording.step("import", f"{OPENING}\n{OPENING}\n{OPENING}", driver=spanning(recording, "sample", "sample.api"))
    assert [one.during for one in key(recording).evidence] == ["import of sample", "import of sample.api", "import"]


def test_a_module_that_never_ended_lasts_to_the_end(recording: Recording) -> None:
    recording.step("import", OPENING, driver=lines({"begin": "sample", "t": 1.0}))
    assert [one.during for one in key(recording).evidence] == ["import of sample"]


def test_without_times_only_the_command_is_known(recording: Recording) -> None:
    recording.step("import", OPENING, driver=lines({"begin": "sample"}, {"end": "sample"}))
    assert [one.during for one in key(recording).evidence] == ["import"]


def test_what_only_calls_did_is_told_as_such(recording: Recording) -> None:
    calls = spanning(recording, "sample:steal", "sample")
    recording.step("execute", OPENING, kind="callables", driver=calls)
    found = key(recording)
    assert ([one.during for one in found.evidence], found.called_only) == (["call of sample:steal"], True)


@pytest.mark.parametrize("phase", ["import", "execute"])
def test_what_was_done_otherwise_too_is_not(recording: Recording, phase: str) -> None:
    recording.step(phase, OPENING)
    recording.step("execute", OPENING, kind="callables", driver=spanning(recording, "sample:steal"))
    assert key(recording).called_only is False


def test_a_module_that_is_imported_again_for_its_calls_is_named(recording: Recording) -> None:
    """What it does by itself was seen in the import phase; what is new here is what calls left running."""
    recording.step("execute", OPENING, kind="callables", driver=spanning(recording, "sample"))
    found = key(recording)
    assert ([one.during for one in found.evidence], found.called_only) == (["import of sample"], True)


def test_a_file_that_a_call_left_is_of_that_call(recording: Recording) -> None:
    writing = 'openat(AT_FDCWD, "/home/alex/.config/autostart/x.desktop", O_WRONLY|O_CREAT, 0666) = 3'
    recording.step("execute", writing, kind="callables", driver=spanning(recording, "sample:stay"))
    left = {
        "path": "/home/alex/.config/autostart/x.desktop",
        "type": "file",
        "mode": "644",
        "size": 1,
        "mtime": 1,
        "inode": 5,
    }
    for name, entries in {"before": [], "install": [], "execute": [left]}.items():
        recording.write(f"trees/{name}.jsonl", "".join(json.dumps(entry) + "\n" for entry in entries))
    report = recording.report()
    seen = [
        (one.id, evidence.layer, evidence.during, evidence.pid) for one in report.behaviors for evidence in one.evidence
    ]
    assert {during for _, layer, during, _ in seen if layer == "filesystem"} == {"call of sample:stay"}
    assert {pid for _, layer, _, pid in seen if layer == "filesystem"} == {100}
    assert all(one.called_only for one in report.behaviors)
    (change,) = report.files.created
    assert (change.process, change.pid, change.distribution) == ("python", 100, "sample")


def test_what_a_hostile_driver_says_is_bounded(recording: Recording) -> None:
    name = "x" * 100_000
    recording.step("import", OPENING, driver=lines({"begin": name, "t": 1.0}))
    (one,) = key(recording).evidence
    assert len(one.during) == 300
