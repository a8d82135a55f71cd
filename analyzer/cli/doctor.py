"""`fumehood doctor`: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analyzer.render.text import safe_text

_STYLES = {"ok": "green", "missing": "bold red", "weak": "yellow"}


def doctor(
    index: Annotated[bool, typer.Option("--index", help="Also ask the package index for one answer.")] = False,
) -> None:
    """Say what this machine has for the sandboxes, what is missing, and what to do about it."""
    from analyzer.acquire.simple import index_url
    from analyzer.sandbox.host import survey

    table = Table(box=None, pad_edge=False, show_header=False)
    remedies = []
    for check in survey(index_url(os.environ) if index else None):
        table.add_row(
            Text(check.status, style=_STYLES[check.status]), Text(check.name), Text(safe_text(check.found), style="dim")
        )
        if check.status != "ok" and check.remedy:
            remedies.append((check.name, check.needed_for, check.remedy))
    console = Console()
    console.print(table)
    for name, needed_for, remedy in remedies:
        console.print(
            Text(f"\n{name}", style="bold"),
            Text(f" is needed for {needed_for}" if needed_for else ""),
            Text(f"  {remedy}"),
            sep="\n",
        )
