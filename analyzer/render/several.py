"""What a command that does several things at once is doing now, on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console
    from rich.text import Text

_STAGE = 120


class SeveralProgress:
    """Shows how many of all are done, and the stage of each at work. Use it as a context manager.

    On a terminal, what is at work stands below what is done, and goes in the end. Elsewhere, a line tells what begins, and one what became
    of it.
    """

    def __init__(self, console: Console, total: int, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._total = total
        self._done = 0
        self._live: Progress | None = None
        self._all: TaskID | None = None
        self._rows: dict[int, TaskID] = {}
        self._begun: set[int] = set()

    def __enter__(self) -> Self:
        if not self._quiet and self._console.is_terminal and not self._console.is_dumb_terminal:
            # Standard output belongs to the report, as in `analyzer.render.progress`.
            self._live = Progress(
                SpinnerColumn("line"), TextColumn("{task.description}", markup=False), BarColumn(20), MofNCompleteColumn(),
                TimeElapsedColumn(), console=self._console, transient=True, redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self._live.start()
            self._all = self._live.add_task(self._summary(), total=self._total)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def stage(self, number: int, name: str, stage: str) -> None:
        """Says what is done with one of them now."""
        if self._quiet:
            return
        if self._live is None:
            if number not in self._begun:
                self._begun.add(number)
                self._console.print(
                    safe_text(f"{name}: {stage}", _STAGE), soft_wrap=True, markup=False, highlight=False
                )
            return
        text = safe_text(f"{name}: {stage}", _STAGE)
        if number in self._rows:
            self._live.update(self._rows[number], description=text)
        else:
            self._rows[number] = self._live.add_task(text, total=None)

    def done(self, number: int, result: Text) -> None:
        """Says what became of one of them."""
        self._done += 1
        self._begun.discard(number)
        if self._quiet:
            return
        if self._live is not None:
            if number in self._rows:
                self._live.remove_task(self._rows.pop(number))
            if self._all is not None:
                self._live.update(self._all, completed=self._done, description=self._summary())
        counted = result.copy()
        counted.append(f"  [{self._done}/{self._total}]", "dim")
        self._console.print(counted, soft_wrap=True)

    def _summary(self) -> str:
        return f"{self._done:,} done, {len(self._rows):,} at work, {self._total - self._done - len(self._rows):,} left"
