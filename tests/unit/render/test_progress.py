from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from analyzer.render.progress import Progress


def console(**options: object) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    settings = {"file": stream, "width": 60, "_environ": {"TERM": "xterm"}} | options
    return Console(**settings), stream  # type: ignore[arg-type]


def test_without_a_terminal_each_stage_is_one_plain_line() -> None:
    target, stream = console()
    with Progress(target) as progress:
        progress("installing six 1.17.0")
        progress("[bold]import[/] \x1b[2J\nof " + "x" * 60)
    assert stream.getvalue() == "installing six 1.17.0\n" + r"[bold]import[/] \x1b[2J\nof " + "x" * 60 + "\n"


def test_quiet_says_nothing() -> None:
    for terminal in (False, True):
        target, stream = console(force_terminal=terminal)
        with Progress(target, quiet=True) as progress:
            progress("installing six 1.17.0")
        assert stream.getvalue() == ""


def test_on_a_terminal_the_stage_is_shown_and_then_removed() -> None:
    target, stream = console(force_terminal=True)
    with Progress(target) as progress:
        progress("[red]first\x1b[2J")
        progress("second")
    output = stream.getvalue()
    assert "second" in output
    assert "\x1b[2J" not in output
    assert re.search(r"\x1b\[1A\x1b\[2K$", output)


def test_an_error_ends_the_display_and_goes_on() -> None:
    target, stream = console(force_terminal=True)
    progress = Progress(target)
    with pytest.raises(ZeroDivisionError), progress:
        progress(f"installing {1 // 0}")
    stream.write("after")
    assert stream.getvalue().endswith("after")
    assert "\x1b[?25h" in stream.getvalue()
