"""`fumehood cp SRC DST`: files into and out of a running session."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from analyzer.errors import UsageError

_MOST_SHOWN = 300


def cp(
    source: Annotated[str, typer.Argument(metavar="SRC", help="What to copy: a file or folder.")],
    destination: Annotated[
        str, typer.Argument(metavar="DST", help="Where to: a folder that is there, or the new name.")
    ],
) -> None:
    """Copy a file or folder into a running session of explore, or out of it.

    One of the two is SESSION:PATH, or :PATH where only one session runs; its path begins in the session's first folder.
    A path of this machine with a colon in it is written ./PATH.

    Exit: 0 copied · 3 not copied · 2 usage · 1 a bug of fumehood.
    """
    from analyzer.acquire import Cache
    from analyzer.explore.client import Remote, get, put, side
    from analyzer.explore.sessions import chosen, sessions_folder
    from analyzer.render.text import safe_text

    here, there = side(source), side(destination)
    console = Console(stderr=True)
    if isinstance(here, Path) and isinstance(there, Remote):
        put(chosen(sessions_folder(Cache().root), there.session), here, there.path)
        return
    if not isinstance(here, Remote) or not isinstance(there, Path):
        raise UsageError("one of the two is in a session: write it as :PATH or SESSION:PATH")
    result = get(chosen(sessions_folder(Cache().root), here.session), here.path, Path(destination))
    for line in result.left_out:
        console.print(Text(f"not copied: {line}"), soft_wrap=True)
    if result.count_left_out > len(result.left_out):
        console.print(f"not copied: {result.count_left_out - len(result.left_out)} more", soft_wrap=True)
    console.print(Text(safe_text(f"{result.files} copied to {result.path}", _MOST_SHOWN)), soft_wrap=True)
