"""What a long command is doing now, on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.progress import Progress as LiveProgress
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

_STAGE = 120


class Progress:
    """Shows one stage at a time: a spinner with the elapsed time on a terminal, else one line per stage, else nothing.

    ```
    with Progress(console) as progress:
        progress("installing six 1.17.0")
    ```

    On a terminal nothing of it remains afterwards. It is a plain callable: what reports stages need not know rich.
    """

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._live: LiveProgress | None = None

    def __enter__(self) -> Self:
        if not self._quiet and self._console.is_terminal and not self._console.is_dumb_terminal:
            # Standard output belongs to the report, also while the spinner turns: rich would send it to this console.
            self._live = LiveProgress(
                SpinnerColumn("line"), TextColumn("{task.description}", markup=False), TimeElapsedColumn(),
                console=self._console, transient=True, redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def __call__(self, stage: str) -> None:
        """Say that a stage begins. The stage before it is over."""
        text = safe_text(stage, _STAGE)
        if self._quiet:
            return
        if self._live is None:
            self._console.print(Text(text), soft_wrap=True)
            return
        for task in self._live.task_ids:
            self._live.remove_task(task)
        self._live.add_task(text, total=None)
