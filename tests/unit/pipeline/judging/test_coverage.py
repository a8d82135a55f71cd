"""What was reached of a package, from its records' driver streams and the ends of its commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.model.report import Coverage, Skipped
from analyzer.render.wording import reached
from tests.unit.pipeline.recording import SITE, Recording


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    made = Recording(tmp_path)
    made.distributions(
        [
            {
                "name": "sample",
                "requested": True,
                "files": [f"{SITE}/sample/__init__.py"],
                "modules": ["sample", "sample.a", "sample.b", "sample.c"],
                "scripts": ["sample", "sample-gui"],
            }
        ]
    )
    made.step("install", argv=["/opt/uv/uv"])
    return made


def lines(*messages: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in messages)


def imports(*names: str, error: str = "") -> str:
    return lines(*(line for name in names for line in ({"begin": name}, {"end": name, "error": error})))


def coverage(recording: Recording) -> Coverage:
    return recording.report().coverage


def failed(recording: Recording) -> dict[str, tuple[str, str, str]]:
    return {one.name: (one.reason, one.missing, one.error) for one in coverage(recording).modules.failed}


def test_all_that_was_imported_is_counted(recording: Recording) -> None:
    recording.step("import", driver=imports("sample", "sample.a", "sample.b", "sample.c"))
    found = coverage(recording)
    assert (found.modules.total, found.modules.imported, found.modules.failed) == (4, 4, [])
    assert found.phases == ["install", "import"]


def test_each_failure_has_its_reason(recording: Recording) -> None:
    recording.step("import", driver=imports("sample") + imports("sample.a", error="ImportError: No module named numpy"))
    assert failed(recording) == {
        "sample.a": ("missing dependency", "numpy", "ImportError: No module named numpy"),
        "sample.b": ("not tried", "", ""),
        "sample.c": ("not tried", "", ""),
    }
    assert recording.report().phases[2].detail == (
        "1 of 4 modules imported; failed: sample.a (ImportError: No module named numpy); sample.b (not tried); "
        "sample.c (not tried)"
    )


@pytest.mark.parametrize(
    ("how", "reason", "error"),
    [
        ({"status": "failed", "exit": {"signal": "SIGSEGV"}}, "crashed (SIGSEGV)", "the interpreter was ended by SIGSEGV"),
        ({"status": "failed", "exit": {"status": 3}}, "ended the interpreter", "the interpreter ended with status 3"),
        ({"status": "timeout", "reasons": ["sample.a was cut after 20 s"]}, "cut after 20 s", "cut when its time was over"),
        ({"status": "timeout"}, "cut after 5 s", "cut when its time was over"),
    ],
)  # fmt: skip
def test_a_module_that_never_ended_has_the_reason_of_its_command(
    recording: Recording, how: dict[str, Any], reason: str, error: str
) -> None:
    recording.step("import", driver=imports("sample") + lines({"begin": "sample.a"}), **how)
    recording.step("import", driver=imports("sample.b", "sample.c"))
    assert failed(recording) == {"sample.a": (reason, "", error)}


def test_modules_that_nobody_knows_do_not_count(recording: Recording) -> None:
    recording.step("import", driver=imports("sample", "forged", "other"))
    assert (coverage(recording).modules.total, coverage(recording).modules.imported) == (4, 1)


def test_a_long_list_of_failures_is_bounded_and_says_so(recording: Recording) -> None:
    names = [f"m{number}" for number in range(5010)]
    recording.distributions([{"name": "sample", "requested": True, "modules": names}])
    recording.step("import", driver="")
    found = coverage(recording).modules
    assert (found.total, found.imported, len(found.failed), found.left_out) == (5010, 0, 5000, 10)
    assert recording.report().phases[2].detail.endswith("; and 5005 more")


def test_scripts_count_once_however_often_they_run(recording: Recording) -> None:
    path = "/home/alex/project/.venv/bin/sample"
    recording.step("execute", subject="sample", argv=[path], status="failed", exit={"status": 2})
    recording.step("execute", subject="sample --help", argv=[path, "--help"])
    for words in ([], ["--help"]):
        module = ["/x/python", "-m", "sample", *words]
        recording.step("execute", kind="module", subject="python -m sample", argv=module, status="failed")
    found = coverage(recording).scripts
    assert (found.total, found.run, found.failed, found.cut) == (3, 2, ["python -m sample"], [])


def test_a_script_that_was_cut_is_named(recording: Recording) -> None:
    recording.step("execute", subject="sample", argv=["/x/bin/sample"], status="timeout")
    recording.step("execute", subject="sample --help", argv=["/x/bin/sample", "--help"])
    found = coverage(recording).scripts
    assert (found.total, found.run, found.failed, found.cut) == (2, 1, [], ["sample"])


def test_callables_are_counted_over_all_their_commands(recording: Recording) -> None:
    calls = [
        {"found": 9},
        {"begin": "sample"}, {"end": "sample", "error": "", "found": 5},
        {"skip": "sample:quit", "why": "it ends the interpreter"},
        {"begin": "sample:f"}, {"end": "sample:f", "error": ""},
        {"begin": "sample:g"}, {"end": "sample:g", "error": "TypeError: x"},
        {"begin": "sample:hang"},
    ]  # fmt: skip
    more = [
        {"found": 9},
        {"begin": "sample:h"},
        {"end": "sample:h", "error": ""},
        {"begin": "sample:f"},
        {"end": "sample:f"},
    ]
    recording.step("execute", kind="callables", driver=lines(*calls), status="failed")
    recording.step("execute", kind="callables", driver=lines(*more))
    found = coverage(recording).callables
    assert (found.found, found.called, found.raised, found.cut, found.skipped, found.not_tried) == (9, 4, 1, 1, 1, 4)
    assert found.skips == [Skipped(why="it ends the interpreter", count=1)]


def test_a_driver_that_lies_makes_no_negative_numbers(recording: Recording) -> None:
    forged = [
        {"found": 1},
        *({"skip": f"sample:s{at}", "why": "x"} for at in range(9)),
        {"begin": "sample:a"},
        {"begin": "sample:b"},
    ]
    recording.step("execute", kind="callables", driver=lines(*forged))
    found = coverage(recording).callables
    assert (found.found, found.called, found.not_tried) == (1, 1, 0)


def test_without_an_installation_nothing_was_reached(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.step("install", argv=["/opt/uv/uv"], status="failed")
    found = coverage(recording)
    assert (found.modules.total, found.scripts.total, found.callables.found) == (0, 0, 0)
    assert found.phases == ["install"]
    assert reached(found) == ""
