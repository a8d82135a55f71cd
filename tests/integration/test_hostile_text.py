"""A package that brings hostile text by every way: what anybody sees of it is harmless, whatever the format."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

import analyzer
from analyzer.render.text import is_visible
from analyzer.store.contents import most_bytes
from tests.integration.analysing import SANDBOXES
from tests.integration.hostile_text import MARK, files, modules
from tests.packages import make_wheel
from tests.unit.render.test_hostile import Harmless, is_plain, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKOUT = Path(analyzer.__file__).resolve().parents[1]
FORMATS = {
    "json": "r.json",
    "html": "r.html",
    "events": "r.jsonl",
    "attack-layer": "l.json",
    "mbc": "m.json",
    "pcap": "r.pcap",
    "record": "r.record",
}
WORD = "__owned"
"""Of the mark, as far as a URL has it as it is."""

MOST = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """The folder with every output, and what was printed."""

    folder: Path
    printed: str

    def text(self, name: str) -> str:
        return (self.folder / FORMATS[name]).read_text(encoding="utf-8")

    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.text("json"), parse_constant=refuse))


def fumehood(folder: Path, cache_directory: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"FUMEHOOD_CACHE": str(cache_directory), "PYTHONPATH": str(CHECKOUT), "COLUMNS": "100"}
    command = [sys.executable, "-m", "analyzer", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=280, check=False)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> Callable[[str], Seen]:
    """One run in each sandbox."""

    @cache
    def run(sandbox: str) -> Seen:
        folder = tmp_path_factory.mktemp(sandbox)
        scripts = {"console_scripts": {"hostile-text": "hostile_text:harmless"}}
        wheel = make_wheel(folder, "hostile-text", modules=modules(), entry_points=scripts, extra_files=files())
        words = [f"-o{name}={path}" for name, path in FORMATS.items()]
        ended = fumehood(folder, cache_directory, "analyze", wheel.name, "--sandbox", sandbox, *words)
        assert ended.returncode in {0, 4}, ended.stderr.decode(errors="backslashreplace")[-2000:]
        return Seen(folder, (ended.stdout + ended.stderr).decode("utf-8"))

    return run


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_hostile_text_arrives_by_every_way(seen: Callable[[str], Seen], sandbox: str) -> None:
    """Otherwise the other tests would test nothing."""
    report = seen(sandbox).report()
    network = report["network"]
    ways = {
        "files": report["files"], "processes": report["processes"], "coverage": report["coverage"], "http": network["http"],
        "dns": network["dns"], "exchanges": network["exchanges"], "connections": network["connections"],
        "evidence": [behavior["evidence"] for behavior in report["behaviors"]],
        "certificates": [one["tls"] for one in network["connections"]], "addresses": report["content"]["urls"],
        "licences": report["content"]["licenses"], "issues": [one["facts"] for one in report["issues"]],
    }  # fmt: skip
    assert [name for name, part in ways.items() if WORD not in json.dumps(part)] == []
    assert any("\x1b" in change["path"] for change in report["files"]["created"])
    places = [
        one["location"]["file"] for behavior in report["behaviors"] for one in behavior["evidence"] if one["location"]
    ]
    assert any("\x1b" in place for place in places)


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_terminal_gets_visible_characters_alone(
    seen: Callable[[str], Seen], sandbox: str, cache_directory: Path
) -> None:
    found = seen(sandbox)
    assert is_plain(found.printed)
    assert not [line for line in found.printed.splitlines() if line.lstrip().startswith("fumehood: forged")]
    behaviors = [behavior["id"] for behavior in found.report()["behaviors"]]
    for name in ("process.binary.run", "file.open", "anomaly.run.fail"):
        if name in behaviors:
            explained = fumehood(found.folder, cache_directory, "explain", FORMATS["json"], name)
            assert explained.returncode == 0, explained.stderr
            assert is_plain(explained.stdout.decode("utf-8"))


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_every_file_is_harmless_and_bounded(seen: Callable[[str], Seen], sandbox: str) -> None:
    found = seen(sandbox)
    for name in ("json", "attack-layer", "mbc"):
        assert is_plain(found.text(name))
        json.loads(found.text(name), parse_constant=refuse)
    for line in found.text("events").splitlines():
        assert line.isascii()
        assert line.isprintable()
        json.loads(line, parse_constant=refuse)
    assert Harmless(found.text("html")).scripts == 1
    assert all(char == "\n" or is_visible(char) for char in found.text("html"))
    assert max((found.folder / FORMATS[name]).stat().st_size for name in ("json", "html")) < MOST
    with zipfile.ZipFile(found.folder / FORMATS["record"]) as record:
        assert all(most_bytes(name) for name in record.namelist()[1:])
    assert (found.folder / FORMATS["pcap"]).read_bytes()[:4] in {b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"}
    assert sorted(path.name for path in found.folder.iterdir() if path.suffix != ".whl") == sorted(FORMATS.values())


@pytest.mark.browser
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_browser_runs_nothing_of_it(seen: Callable[[str], Seen], sandbox: str) -> None:
    path = seen(sandbox).folder / FORMATS["html"]
    asked: list[str] = []
    said = io.StringIO()
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.write(message.text))
        page.on("dialog", lambda dialog: (said.write(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri(), wait_until="load")
        page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
        page.wait_for_timeout(300)
        assert page.evaluate("typeof window.__owned") == "undefined"
        assert MARK in page.inner_text("body")
        assert page.locator("img, iframe, object, embed, foreignObject, image, a:not([href^='#'])").count() == 0
        assert page.locator("svg:not(.strip):not(.glyph), svg script").count() == 0
        assert page.url == path.as_uri()
        browser.close()
    assert asked == [path.as_uri()]
    assert said.getvalue() == ""
