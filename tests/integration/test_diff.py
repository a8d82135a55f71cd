"""What one version does and another one does not, by targets that are the same in every run and every sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from analyzer.pipeline.difference import difference
from analyzer.render.json import render_json
from tests.integration.analysing import everywhere, report_of
from tests.integration.restless import POSTING, restless_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from analyzer.model.report import Report

Acts = set[tuple[str, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("versions")


@pytest.fixture(scope="module")
def first(folder: Path, cache_directory: Path) -> Report:
    return report_of(restless_wheel(folder, "1.4.2"), "embedded", "strace", cache_directory)


def acts(report: Report) -> Acts:
    """Behaviors with phases and targets."""
    assert report.completeness.status == "complete", report.completeness.reasons
    return {(one.id, evidence.phase, evidence.target) for one in report.behaviors for evidence in one.evidence}


@everywhere
def test_equal_acts_have_equal_targets(
    first: Report, folder: Path, sandbox: str, tracer: str, cache_directory: Path
) -> None:
    again = report_of(restless_wheel(folder, "1.4.2"), sandbox, tracer, cache_directory)
    assert acts(again) == acts(first)
    found = difference(first, again)
    assert found.changed_behaviors == found.changed_issues == found.removed_behaviors == found.new_behaviors == []
    assert len(found.notes) == (1 if (sandbox, tracer) == ("embedded", "strace") else 2)
    assert "A and B are the same file" in found.notes


@pytest.mark.embedded
def test_targets_are_what_a_reader_would_call_them(first: Report) -> None:
    assert acts(first) >= {
        ("file.write", "import", "~/.restless-{uuid}"),
        ("file.write", "import", "~/.cache/restless/{hash}.json"),
        ("file.write", "import", "/tmp/restless-{random}/data.bin"),
        ("memory.shared.use", "import", "/dev/shm/psm_{random}"),
        ("network.url.contact", "import", "GET http://api.example/v1/hello?id={value}&at={time}&nonce={value}"),
        ("network.url.contact", "import", "GET http://api.example/releases/{version}/notes?lang=en"),
        ("network.url.contact", "import", "POST https://tls.example:8443/fixed"),
        ("network.tcp.connect", "import", "tls.example:8443"),
        ("network.socket.listen", "import", "127.0.0.1:{port}"),
        ("execution.shell.run", "import", "/bin/sh -c sleep 0.2; kill -0 {pid}"),
    }


@pytest.mark.embedded
def test_a_version_that_is_only_another_number_shows_nothing_new(
    first: Report, folder: Path, cache_directory: Path
) -> None:
    bumped = report_of(restless_wheel(folder, "1.5.0"), "embedded", "strace", cache_directory)
    found = difference(first, bumped)
    assert found.is_complete
    assert not found.has_new
    assert found.notes == []
    assert found.changed_behaviors == found.changed_issues == found.removed_behaviors == found.removed_issues == []


@pytest.mark.embedded
def test_what_the_next_version_sends_home_is_new(
    first: Report, folder: Path, cache_directory: Path, tmp_path: Path
) -> None:
    posting = report_of(restless_wheel(folder, "1.4.3", POSTING), "embedded", "strace", cache_directory)
    paths = tmp_path / "a.json", tmp_path / "b.json"
    for path, report in zip(paths, (first, posting), strict=True):
        path.write_text(render_json(report))
    command = [sys.executable, "-m", "analyzer", "diff", *map(str, paths), "-o", f"json={tmp_path / 'found.json'}"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 10, answer.stderr
    assert answer.stdout.startswith("restless 1.4.2 → restless 1.4.3 ")
    found = json.loads((tmp_path / "found.json").read_text())
    new = {one["id"]: one for one in found["new_behaviors"]}
    assert new.keys() == {"network.data.upload", "settings.environment.enumerate", "steal.secret.exfiltrate"}
    for name in ("network.data.upload", "steal.secret.exfiltrate"):
        assert {one["target"].split()[-1] for one in new[name]["evidence"]} == {"http://collect.example/new"}
    assert "environ.iterate() → $GITHUB_TOKEN → http://collect.example/new" in {
        one["target"] for one in new["steal.secret.exfiltrate"]["evidence"]
    }
    assert found["new_issues"], "a planted secret left the sandbox"
    changed = {one["id"]: one for one in found["changed_behaviors"]}
    contacted = changed["network.url.contact"]["evidence"]
    assert {one["target"] for one in contacted} == {"POST http://collect.example/new"}
    assert found["removed_behaviors"] == []
    reverse = difference(posting, first)
    assert not reverse.has_new
    assert {one.id for one in reverse.removed_behaviors} == set(new)
