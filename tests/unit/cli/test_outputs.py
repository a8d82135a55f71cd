"""`-o FORMAT=PATH` is checked before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from analyzer.cli import outputs
from analyzer.cli.outputs import parse, write_all
from analyzer.cli.printing import Output
from analyzer.errors import RecordError, UsageError

if TYPE_CHECKING:
    from analyzer.pipeline.analyze import Analysis


@pytest.mark.parametrize("word", ["json", "json=", "=x", "sarif", "nonsense=x"])
def test_a_wrong_output_is_refused_with_the_formats_that_there_are(word: str) -> None:
    with pytest.raises(UsageError, match="cyclonedx, events, html, json, markdown, .*pcap, record, sarif"):
        parse([word])


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"the folder .*none does not exist"):
        parse([f"json={tmp_path / 'none' / 'report.json'}"])


def test_a_path_may_hold_an_equals_sign(tmp_path: Path) -> None:
    (output,) = parse([f"json={tmp_path / 'a=b.json'}"])
    assert (output.format, output.path.name) == ("json", "a=b.json")


def test_a_dash_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (output,) = parse(["events=-"])
    assert (output.format, output.is_standard_output) == ("events", True)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match="another -o writes to the same path"):
        parse(["events=-", "json=-"])


def test_one_that_cannot_be_written_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def write(output: Output, analysis: object) -> None:
        if output.format == "record":
            raise RecordError("it is too large")
        written.append(output.format)

    monkeypatch.setattr(outputs, "write", write)
    wanted = [Output(name, Path(name)) for name in ("record", "json", "pcap")]
    assert [str(error) for error in write_all(wanted, cast("Analysis", None))] == ["it is too large"]
    assert written == ["json", "pcap"]
