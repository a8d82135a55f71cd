"""From the tables of an older fumehood to those of this one: one step for each version, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Connection

from analyzer.corpus.schema import SCHEMA_VERSION

STEPS: Final[Mapping[int, Callable[[Connection], None]]] = {}
"""By the version that a step begins with; it leads to the next one. A step names tables and columns as they were then."""


def migrate(connection: Connection, version: int, steps: Mapping[int, Callable[[Connection], None]] = STEPS) -> None:
    """Leads the tables from a version to SCHEMA_VERSION."""
    for begin in range(version, SCHEMA_VERSION):
        steps[begin](connection)
