"""`--corpus`, the same for every command that has it."""

from __future__ import annotations

from typing import Annotated

import typer

CorpusOption = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help="Database of earlier reports: a file of SQLite's or a URL of PostgreSQL's; none for no comparison.",
    ),
]
"""The default, "", is the user's own corpus: $FUMEHOOD_CORPUS, else a file below the data folder."""
