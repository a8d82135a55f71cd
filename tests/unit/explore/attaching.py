"""A program that attaches this process's terminal to a local shell: `python attaching.py FOLDER MODE PROGRAM...`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from analyzer.explore.adaptive import Adaptive
from analyzer.explore.attach import Attachment, Desk
from analyzer.explore.interrupts import Interrupts
from analyzer.explore.keys import Keyboard
from analyzer.explore.plain import Plain
from analyzer.explore.recording import Recording
from analyzer.explore.screen import Screen
from analyzer.explore.view import View
from analyzer.explore.watching import Watch
from analyzer.explore.wording import Line, line_of
from tests.unit.explore.local import LocalTerminal


class Files:
    """Each new file in a folder is an observation."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[str] = set()

    def new(self) -> list[Line]:
        if (self._folder / "bug").exists():
            raise ZeroDivisionError
        found = set(os.listdir(self._folder)) - self._known
        self._known |= found
        return [line_of("high", "12:00:00", "Makes a file", name) for name in sorted(found)]

    def close(self) -> None:
        pass


def main() -> None:
    folder, mode, *argv = Path(sys.argv[1]), *sys.argv[2:]
    interactive = os.isatty(1)

    def size() -> tuple[int, int] | None:
        try:
            one = os.get_terminal_size(1)
        except OSError:
            return None
        return one.lines, one.columns

    rows, columns = (interactive and size()) or (24, 80)
    screen = Screen(rows, columns)
    view: View = Adaptive(screen, "local", "test") if interactive else Plain(observed=True)
    with Interrupts() as interrupts, (folder.parent / "cast").open("wb") as cast:
        desk = Desk(Keyboard(0), 1, size if interactive else lambda: None)
        attachment = Attachment(
            desk, screen, view, interrupts, watch=Watch(Files), recording=Recording(cast, keys=True)
        )
        terminal = LocalTerminal(argv, folder, screen.rows, screen.columns)
        if mode == "raise":
            terminal.resize = None  # type: ignore[assignment,method-assign]
        attachment(terminal)
        terminal.process.wait(timeout=10)
    (folder.parent / "end").write_text(f"{interrupts.came} {attachment.lost} {terminal.process.returncode}")


if __name__ == "__main__":
    main()
