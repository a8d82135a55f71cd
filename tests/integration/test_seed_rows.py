"""The rows that people know from other analysers' pages: six issues, ten behaviors, and vulnerabilities, found or none.

One made package shows every row, and another one, which nearly does, shows none. What others say of both comes from an index in
memory and from a list in the OSV format.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from analyzer.acquire import Cache
from analyzer.acquire.index import Candidate, Index
from analyzer.acquire.known import Known, vulnerability
from analyzer.model.report import IssueReport, Report
from analyzer.pipeline import Options, analyze
from analyzer.render.html.page import render_html
from analyzer.render.terminal.summary import summarize
from tests.integration.analysing import SANDBOXES, behaviors
from tests.packages import core_metadata, make_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.acquire.cache import Sink

ISSUES = {
    "secret.service-token",
    "license.copyleft",
    "license.restricted",
    "network.url-tld.content",
    "network.url-port.content",
    "hunting.rare-component",
}
CONTACTED = {"network.url-tld.contacted", "network.url-port.contacted", "network.url-format.contacted"}
BEHAVIORS = {
    "network.tcp.send",
    "network.tcp.receive",
    "network.tcp.accept",
    "network.socket.listen",
    "network.http.connect",
    "network.url.interesting-format",
    "network.url.nonstandard-port",
    "file.rename",
    "file.shortcut.create",
    "settings.time.query",
}

_TOKEN = "ghp_" + hashlib.sha256(b"rows").hexdigest()[:36]

_ACTS = """\
import os, socket, time, urllib.request

def act():
    urllib.request.urlopen("http://met.sample.top:8081/tools/setup.exe", timeout=10).read()
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    server.settimeout(10)
    try:
        server.accept()
    except TimeoutError:
        pass
    home = os.path.expanduser("~")
    entries = os.path.join(home, ".local/share/applications")
    os.makedirs(entries, exist_ok=True)
    with open(os.path.join(entries, "rows.desktop.new"), "w") as file:
        file.write("[Desktop Entry]\\nType=Application\\nName=Rows\\nExec=true\\n")
    os.rename(os.path.join(entries, "rows.desktop.new"), os.path.join(entries, "rows.desktop"))
    return time.time()

act()
"""

_READ = f"""\
\"\"\"Nothing of this is used.\"\"\"
MIRROR = "https://read.sample.top/"
SERVICE = "http://read.sample-host.net:8123/"
TOOL = "https://read.sample-host.net/tools/setup.exe"
TOKEN = "{_TOKEN}"
"""

_NEARLY = """\
\"\"\"Nothing of this is remarkable.\"\"\"
import os, socket
MIRROR = "https://top.sample-host.net/"
SERVICE = "https://read.sample-host.net:443/"
TOOL = "https://read.sample-host.net/tools/setup.html"
TOKEN = "ghp_" + "x" * 36
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.close()
with open(os.path.expanduser("~/rows.txt"), "w") as file:
    file.write("[Desktop Entry]")
"""


class LocalIndex(Index):
    """Serves wheels that the test made, among other releases of theirs whose files nobody asks for."""

    def __init__(self) -> None:
        self._files: dict[str, list[Candidate]] = {}
        self._paths: dict[str, Path] = {}

    def add(self, path: Path, *, days: int, others: int = 0) -> None:
        """List a wheel, and so many other releases of its project, all of which came so many days ago."""
        name, version, tag = path.stem.split("-", 2)
        uploaded = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._paths[path.name] = path
        for one in (version, *(f"0.{number}" for number in range(others))):
            file = f"{name}-{one}-{tag}.whl"
            content = path.read_bytes() if file == path.name else file.encode()
            digest = hashlib.sha256(content).hexdigest()
            url = f"https://index.example/{file}"
            listed = Candidate(name, one, file, "wheel", url=url, sha256=digest, uploaded=uploaded)
            self._files.setdefault(name, []).append(listed)

    def project(self, name: str) -> Sequence[Candidate] | None:
        return self._files.get(name)

    def metadata(self, candidate: Candidate) -> bytes | None:
        return None

    def download(self, candidate: Candidate, sink: Sink) -> None:
        sink.write(self._paths[candidate.filename].read_bytes())

    def known(self, name: str, version: str) -> Known:
        found = vulnerability("PYSEC-2026-1", ["CVE-2026-1"], ["It trusts too much."], ["1.1"], None, "index")
        return Known((found,) if name == "rows" else ())


def _wheel(folder: Path, name: str, licence: str, modules: dict[str, str], requires: Sequence[str] = ()) -> Path:
    metadata = core_metadata(name, "1.0", requires, metadata_version="2.4") + f"License-Expression: {licence}\n"
    return make_wheel(
        folder, name, modules=modules, requires=requires, extra_files={f"{name}-1.0.dist-info/METADATA": metadata}
    )


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory, cache_directory: Path):
    folder = tmp_path_factory.mktemp("rows")
    index = LocalIndex()
    modules = {"rows/__init__.py": "", "rows/read.py": _READ, "rows/acts.py": _ACTS}
    index.add(_wheel(folder, "rows", "AGPL-3.0-only", modules, ["rowscore"]), days=3)
    index.add(_wheel(folder, "rowscore", "BUSL-1.1", {"rowscore.py": ""}), days=900, others=8)
    index.add(_wheel(folder, "nearlyrows", "MIT", {"nearlyrows.py": _NEARLY}), days=900, others=8)
    osv = folder / "osv.json"
    affected = {"package": {"ecosystem": "PyPI", "name": "rows"}, "versions": ["1.0"]}
    osv.write_text(json.dumps({"id": "GHSA-aaaa", "summary": "It listens to anybody.", "affected": [affected]}))

    @cache
    def analyse(name: str, sandbox: str) -> Report:
        store = Cache(cache_directory)
        options = Options(sandbox=sandbox, osv=(osv,))
        return analyze(name, options, store, index, lambda stage: None, lambda analysis: None)

    return analyse


def _issues(report: Report) -> dict[str, IssueReport]:
    return {issue.id: issue for issue in report.issues}


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_every_row_is_shown(analysed, sandbox: str) -> None:
    report = analysed("rows", sandbox)
    assert report.completeness.reasons == []
    assert set(_issues(report)) >= ISSUES | CONTACTED | {"network.url-format.content", "vulnerability.known"}
    assert behaviors(report) >= BEHAVIORS


@pytest.mark.embedded
def test_what_stands_in_files_is_not_what_was_contacted(analysed) -> None:
    found = _issues(analysed("rows", "embedded"))
    for kind, read in {
        "tld": ["https://read.sample.top/", "http://met.sample.top:8081/tools/setup.exe"],
        "port": ["http://read.sample-host.net:8123/", "http://met.sample.top:8081/tools/setup.exe"],
        "format": ["https://read.sample-host.net/tools/setup.exe", "http://met.sample.top:8081/tools/setup.exe"],
    }.items():
        stands, contacted = found[f"network.url-{kind}.content"], found[f"network.url-{kind}.contacted"]
        assert (stands.evidence, contacted.facts) == ([], [])
        assert {one.detail for one in stands.facts} == set(read)
        assert {(one.source, one.file) for one in stands.facts} == {
            ("content", "rows/read.py"),
            ("content", "rows/acts.py"),
        }
        assert all("met.sample.top" in one.detail for one in contacted.evidence)
        assert not any("read." in one.detail for one in contacted.evidence)


@pytest.mark.embedded
def test_each_row_says_what_it_rests_on(analysed) -> None:
    report = analysed("rows", "embedded")
    found = _issues(report)
    (token,) = found["secret.service-token"].facts
    assert (token.file, token.line) == ("rows/read.py", 5)
    assert _TOKEN not in report.model_dump_json()
    assert any("AGPL-3.0-only: rows 1.0" in one.detail for one in found["license.copyleft"].facts)
    assert any("rowscore 1.0, which the package needs" in one.detail for one in found["license.restricted"].facts)
    assert [one.detail for one in found["hunting.rare-component"].facts][1:] == [
        "it has 1 release",
        "its first release was 3 days old when it was run",
    ]
    assert {(one.source, one.detail.partition(" ")[0].rstrip(":")) for one in found["vulnerability.known"].facts} == {
        ("index", "PYSEC-2026-1"),
        ("osv", "GHSA-aaaa"),
    }
    assert found["network.server.unasked"].evidence


@pytest.mark.embedded
def test_the_page_and_the_terminal_have_every_row(analysed) -> None:
    report = analysed("rows", "embedded")
    page = render_html(report)
    out = StringIO()
    Console(file=out, width=300, no_color=True).print(summarize(report))
    for issue in report.issues:
        assert issue.title in page
        assert issue.title in out.getvalue()
    for behavior in report.behaviors:
        if behavior.id in BEHAVIORS:
            assert behavior.title in page
    assert "GHSA-aaaa" in page


@pytest.mark.embedded
def test_what_nearly_does_shows_no_row(analysed) -> None:
    report = analysed("nearlyrows", "embedded")
    assert report.completeness.reasons == []
    assert _issues(report) == {}
    assert not behaviors(report) & BEHAVIORS
    assert report.project is not None
    assert report.project.vulnerabilities == []
    assert report.content is not None
    assert [(one.expression, one.kinds) for one in report.content.licenses] == [("MIT", [])]
