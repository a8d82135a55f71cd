"""The browser that all tests of pages share, and what opens a report in it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from analyzer.render.html.page import render_html
from tests.e2e.watching import ARGUMENTS, REPORTS, Visit, Watched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the whole session: while it is there, the thread has a running event loop, and tests of other folders want their own.
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert executable, "no Chromium on PATH: install the package chromium, as `make test` does"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    contexts: list[BrowserContext] = []

    def open_report(name: str, *, document: str = "", **options: object) -> tuple[Watched, Path]:
        path = tmp_path / f"{name}.html"
        path.write_text(document or render_html(REPORTS[name]()), encoding="utf-8")
        contexts.append(browser.new_context(**options))  # type: ignore[arg-type]
        watched = Watched(contexts[-1].new_page())
        watched.page.on("console", lambda message: watched.console.append(message.text))
        watched.page.on("pageerror", lambda error: watched.console.append(str(error)))
        watched.page.on("request", lambda request: watched.requests.append(request.url))
        watched.page.on("dialog", watched.dismiss)
        watched.page.add_init_script(
            "window.__violations = [];"
            "document.addEventListener('securitypolicyviolation', (event) => {"
            "  __violations.push(event.violatedDirective);"
            "});"
        )
        watched.page.goto(path.as_uri(), wait_until="load")
        return watched, path

    yield open_report
    for context in contexts:
        context.close()
