"""Reports opened in a real Chromium, with everything that their pages said, asked for and tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.sync_api import Dialog, Page

from tests.unit.render.busy import busy_report
from tests.unit.render.eventful import rich_report
from tests.unit.render.guided import guided_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.sample import quiet_report
from tests.unit.render.vetted import vetted_report

if TYPE_CHECKING:
    from pathlib import Path

    from analyzer.model.report import Report

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip

Visit = Callable[..., "tuple[Watched, Path]"]

REPORTS: dict[str, Callable[[], Report]] = {
    "quiet": quiet_report, "rich": rich_report, "vetted": vetted_report, "hostile": hostile_report,
    "guided": guided_report, "busy": busy_report,
}  # fmt: skip


@dataclass
class Watched:
    """A page with everything that it said, asked for and tried."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def dismiss(self, dialog: Dialog) -> None:
        """Note what a dialog says, and close it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def calm(self, path: Path) -> bool:
        """Whether the page did nothing but load itself."""
        return (self.console, self.requests, self.dialogs) == ([], [path.as_uri()], [])


def open_everything(page: Page) -> None:
    """Unfold all that is folded."""
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")


def settled(page: Page) -> None:
    """Wait for what a change of the filter brings about."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def shown_behaviors(page: Page) -> list[str]:
    """The behaviors that the filter leaves."""
    settled(page)
    script = "[...document.querySelectorAll('.behavior')].filter((each) => each.offsetParent).map((each) => each.id)"
    return list(page.evaluate(script))
