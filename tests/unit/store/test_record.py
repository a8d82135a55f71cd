"""Records are read as hostile text: bounded, and broken lines never raise where the package may have written them."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.errors import RecordError
from analyzer.store.record import Record, StepRecord
from analyzer.trace.calls.calllog import KernelLog, StraceLog
from tests.unit.trace.kernel_logs import Log


@pytest.fixture
def record(tmp_path: Path) -> Record:
    (tmp_path / "steps").mkdir()
    return Record(tmp_path)


def step() -> StepRecord:
    return StepRecord.model_validate(
        {
            "step": 1, "phase": "import", "subject": "x", "argv": ["a"], "begin": 1, "end": 2, "exit": {"status": 0},
            "status": "ok", "left_running": False, "reasons": [], "stem": "01-import",
        }
    )  # fmt: skip


def test_lines_keep_bytes_that_are_not_text(record: Record) -> None:
    (record.folder / "x").write_bytes(b"a\xff\nb")
    assert list(record.lines("x")) == ["a\udcff\n", "b"]


def test_a_missing_file_has_no_lines(record: Record) -> None:
    assert list(record.lines("none")) == []
    assert not record.has("none")


def test_an_endless_line_comes_in_pieces(record: Record) -> None:
    (record.folder / "x").write_bytes(b"a" * (5 * 1024 * 1024))
    assert [len(line) for line in record.lines("x")] == [2 * 1024 * 1024, 2 * 1024 * 1024, 1024 * 1024]


def test_what_the_driver_says_is_hearsay(record: Record) -> None:
    (record.folder / "steps" / "01-import.driver").write_text(
        '{"begin": "a"}\nnonsense\n{"begin": 7}\n{"other": 1}\n{"done": true}\n'
    )
    lines = list(record.driver_lines(step()))
    assert [(line.begin, line.done) for line in lines] == [("a", False), ("", True)]


def test_the_end_of_an_output_is_bounded(record: Record) -> None:
    (record.folder / "steps" / "01-import.out").write_bytes(b"x" * 10_000 + b"\xff end")
    tail = record.output_tail(step(), 100)
    assert len(tail) == 100
    assert tail.endswith("\ufffd end")


def test_what_only_the_supervisor_writes_must_be_right(record: Record) -> None:
    (record.folder / "steps.jsonl").write_text('{"step": "one"}\n')
    with pytest.raises(RecordError, match=r"steps\.jsonl is not of this version's format"):
        record.steps()


def test_a_last_line_that_was_not_written_to_its_end_is_left_out(record: Record) -> None:
    line = step().model_dump_json()
    (record.folder / "steps.jsonl").write_text(f"{line}\n{line[:40]}")
    assert record.steps() == [step()]
    (record.folder / "steps.jsonl").write_text(line[:40])
    assert record.steps() == []
    # A run that came to its end wrote all of its lines.
    (record.folder / "end.json").write_text('{"format": 1, "reasons": []}')
    with pytest.raises(RecordError, match=r"steps\.jsonl"):
        record.steps()


def test_a_stem_cannot_leave_the_record() -> None:
    with pytest.raises(ValueError, match="stem"):
        StepRecord.model_validate(step().model_dump() | {"stem": "../../etc/passwd"})


def test_another_format_is_refused(record: Record) -> None:
    (record.folder / "end.json").write_text('{"format": 2, "reasons": []}')
    with pytest.raises(RecordError, match=r"end\.json"):
        record.end_reasons()


def test_no_end_is_told_apart_from_an_empty_one(record: Record) -> None:
    assert record.end_reasons() is None
    (record.folder / "end.json").write_text('{"format": 1, "reasons": []}')
    assert record.end_reasons() == ()


def test_a_step_comes_once(record: Record) -> None:
    """Each costs a reading of its traces, so that a record from a stranger must not name one again and again."""
    (record.folder / "steps.jsonl").write_text(f"{step().model_dump_json()}\n" * 2)
    with pytest.raises(RecordError, match=r"steps\.jsonl lists steps that no run had"):
        record.steps()


@pytest.mark.parametrize("change", [{"begin": "Infinity"}, {"end": -1}, {"end": 1e300}, {"exit": {"status": 10**30}}])
def test_numbers_of_steps_are_bounded(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"greater|less|finite"):
        StepRecord.model_validate(step().model_dump() | change)


def test_a_record_is_named_by_its_label(record: Record) -> None:
    (record.folder / "end.json").write_text("{}")
    with pytest.raises(RecordError, match=r"^run\.record: end\.json is not"):
        Record(record.folder, "run.record").end_reasons()


def test_a_step_has_the_log_of_the_tracer_that_there_was(record: Record) -> None:
    folder = record.folder / "steps"
    none = record.call_log(step())
    assert (list(none.items()), none.texts({1})) == ([], {})
    (folder / "01-import.strace").write_text("10 1.000000 setsid() = 10\n")
    strace = record.call_log(step())
    assert (type(strace), strace.name, len(list(strace.items()))) == (StraceLog, "steps/01-import.strace", 1)
    (folder / "01-import.kernel").write_bytes(Log().call("setsid").call("setsid").data)
    kernel = record.call_log(step())
    assert (type(kernel), kernel.name) == (KernelLog, "steps/01-import.kernel")
    assert len(list(kernel.items())) == len(list(kernel.items())) == 2


def test_numbered_lines_are_those_of_text_and_records_as_text(record: Record) -> None:
    (record.folder / "x").write_bytes(b"a\nb\nc\n")
    (record.folder / "x.kernel").write_bytes(Log().call("setsid", result=9).data)
    assert record.numbered_lines("x", {1, 3, 5}) == {1: "a\n", 3: "c\n"}
    assert record.numbered_lines("x.kernel", {1}) == {1: "10 1000.000000 setsid() = 9 <0.100000>"}
    assert record.numbered_lines("none.kernel", {1}) == {}


def test_a_log_is_read_in_blocks(record: Record) -> None:
    (record.folder / "x").write_bytes(bytes(600 * 1024))
    assert max(len(block) for block in record.blocks("x")) <= 256 * 1024
    assert sum(len(block) for block in record.blocks("x")) == 600 * 1024
    assert list(record.blocks("none")) == []


@pytest.mark.parametrize(
    ("plan", "limit", "folder"),
    [
        ("", 0, "/"),
        ('{"format": 1, "environment": {"PWD": "/a"}, "limits": {"processes": 64, "other": 1}}', 64, "/a"),
        ('{"format": 1, "environment": {}}', 0, "/"),
    ],
)
def test_what_the_plan_says(record: Record, plan: str, limit: int, folder: str) -> None:
    if plan:
        (record.folder / "plan.json").write_text(plan)
    assert (record.process_limit(), record.working_directory()) == (limit, folder)
