"""What stands in a package's files is read while it runs, and its record tells it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis, saved_report
from analyzer.pipeline.records import keep
from analyzer.rules.loader import builtin
from tests.packages import make_wheel
from tests.unit.content import tokens

METADATA = """Metadata-Version: 2.1
Name: reader
Version: 1.0
License: GPLv3
Classifier: Topic :: Internet
"""


@pytest.mark.embedded
def test_the_files_of_a_run_are_told_and_its_record_tells_them_again(tmp_path: Path, cache_directory: Path) -> None:
    module = f"URL = 'http://files.evil.top:8080/stage.exe'\nTOKEN = '{tokens.GITHUB}'\n"
    wheel = make_wheel(
        tmp_path, "reader", modules={"reader.py": module}, extra_files={"reader-1.0.dist-info/METADATA": METADATA}
    )
    cache = Cache(cache_directory)
    kept = tmp_path / "run.record"

    def use(analysis: Analysis) -> None:
        with kept.open("wb") as stream:
            keep(analysis.record, analysis.run, stream)

    report = analyze(str(wheel), Options(sandbox="embedded"), cache, SimpleIndex(cache), lambda stage: None, use)
    content = report.content
    assert content is not None
    assert report.completeness.status == "complete", report.completeness.reasons
    assert [(one.url, one.kinds, one.file, one.line) for one in content.urls] == [
        (
            "http://files.evil.top:8080/stage.exe",
            ["suspicious-tld", "nonstandard-port", "interesting-format"],
            "reader.py",
            1,
        )
    ]
    assert [(one.service, one.file, one.line) for one in content.secrets] == [("GitHub", "reader.py", 2)]
    assert [(one.source, one.expression, one.kinds) for one in content.licenses] == [
        ("License", "GPL-3.0-only", ["copyleft"])
    ]
    assert content.kinds == ["Topic :: Internet"]
    assert content.unread == []
    assert tokens.GITHUB not in report.model_dump_json()
    assert tokens.GITHUB.encode() not in kept.read_bytes()
    again = saved_report(kept, builtin())
    assert told(again) == told(report)


def told(report: Report) -> dict[str, object]:
    return report.model_dump(exclude={"project", "corpus", "anomalies"})
