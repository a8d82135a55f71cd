"""The accounts of a run: layers, limits, truncated files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.model.report import Completeness
from tests.unit.pipeline.recording import Recording

LIMITS = {
    "phase_seconds": {"install": 180, "startup": 20, "import": 120, "execute": 60}, "subject_seconds": 20, "call_seconds": 2,
    "output_bytes": 1000, "trace_bytes": 10_000, "probe_bytes": 500, "memory_bytes": 10**9, "disk_bytes": 5000, "processes": 64,
    "tree_entries": 10,
}  # fmt: skip


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    made = Recording(tmp_path)
    made.write("plan.json", json.dumps({"format": 1, "environment": {"PWD": "/"}, "limits": LIMITS}))
    made.installed()
    made.step("install", argv=["/opt/uv/uv"], out="x" * 10)
    return made


def account(recording: Recording) -> Completeness:
    return recording.report().completeness


def uses(recording: Recording) -> dict[str, tuple[float, float, str]]:
    return {one.name: (one.used, one.limit, one.what) for one in account(recording).limits}


def lines(*messages: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in messages)


def test_each_layer_has_its_account(recording: Recording) -> None:
    log = recording.folder / "steps" / "01-install.strace"
    log.write_text(log.read_text() + "nonsense\n")
    recording.write("steps/01-install.probe", "nonsense\nmore\n")
    recording.write("trees/before.jsonl", '{"path": "/home/alex/a", "type": "file"}\nnonsense\n')
    recording.write("trees/install.jsonl", '{"path": "/home/alex/a", "type": "file", "size": 9}\n')
    exchanges = '{"kind":"capture","time":1,"packets":9,"dropped":2,"cut":false}\n{"kind":"end","time":1}\nnonsense\n'
    recording.write("internet/exchanges.jsonl", exchanges)
    found = {one.layer: (one.received, one.unreadable, one.dropped) for one in account(recording).layers}
    assert found["syscall"] == (2, 1, 0)
    assert found["interpreter"] == (2, 2, 0)
    assert found["filesystem"] == (3, 1, 0)
    assert found["packet"] == (1, 1, 2)
    assert account(recording).dropped == 1 + 2 + 1 + 1 + 2


def test_the_events_of_all_layers_are_all_events(recording: Recording) -> None:
    found = account(recording)
    assert sum(one.events for one in found.layers) == found.events > 0


def test_each_limit_is_told_with_what_was_used_of_it(recording: Recording) -> None:
    driver = lines(
        {"begin": "a", "t": 1_000_020.0}, {"end": "a", "t": 1_000_021.5}, {"begin": "b", "t": 1_000_022.0}, {"end": "b", "t": 1_000_022.5}
    )  # fmt: skip
    recording.step("import", driver=driver, out="y" * 200, probe="")
    recording.step("import", out="y" * 300)
    recording.step("execute", subject="sample", argv=["/x/sample"])
    calls = lines(
        {"begin": "a:f", "t": 1_000_050.0}, {"end": "a:f", "t": 1_000_051.75}, {"begin": "a", "t": 1_000_052.0}
    )
    recording.step("execute", kind="callables", driver=calls)
    recording.write("trees/before.jsonl", "")
    recording.write("trees/import.jsonl", lines(*({"path": f"/{at}", "type": "file", "size": 1000} for at in range(4))))
    found = uses(recording)
    assert found["install_seconds"] == (5, 180, "install")
    assert found["import_seconds"] == (10, 120, "import")
    assert found["execute_seconds"] == (10, 60, "execute")
    assert found["subject_seconds"] == (5, 20, "script sample")
    assert found["call_seconds"] == (1.75, 2, "a:f")
    assert found["output_bytes"] == (500, 1000, "import")
    assert found["disk_bytes"] == (4000, 5000, "import")
    assert found["tree_entries"] == (4, 10, "import")
    assert found["trace_bytes"][1:] == (10_000, "execute") or found["trace_bytes"][1:] == (10_000, "import")
    assert "memory_bytes" not in found  # nobody looked


def test_a_limit_that_the_plan_does_not_tell_is_left_out(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    assert uses(recording) == {}


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("the output was cut after 1000 bytes", "steps/02-import.out"),
        ("the driver's log was cut after 1000 bytes", "steps/02-import.driver"),
        ("the interpreter probe's log was cut after 500 bytes", "steps/02-import.probe"),
        ("the trace grew beyond 10000 bytes, so the command was ended", "steps/02-import.strace"),
    ],
)
def test_a_truncated_log_is_named(recording: Recording, reason: str, name: str) -> None:
    recording.step("import", reasons=[reason])
    found = account(recording)
    assert (found.status, found.truncated) == ("incomplete", [name])


def test_the_supervisor_says_it_in_these_words() -> None:
    text = (Path(__file__).parents[4] / "probes" / "hood" / "execution.py").read_text()
    for words in (
        '"the output"',
        '"the driver\'s log"',
        '"the interpreter probe\'s log"',
        "was cut after",
        "the trace grew beyond",
    ):
        assert words in text


def test_a_truncated_tree_and_network_are_named(recording: Recording) -> None:
    recording.end(["the tree after import: more than 10 files: the rest was not compared"])
    recording.write(
        "internet/exchanges.jsonl",
        '{"kind":"capture","time":1,"packets":9,"dropped":0,"cut":true}\n{"kind":"end","time":1}\n',
    )
    assert account(recording).truncated == ["trees/import.jsonl", "internet/capture.pcap"]
