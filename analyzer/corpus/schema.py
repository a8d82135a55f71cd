"""The tables of a corpus. SCHEMA_VERSION is told in the database itself; `migrations.py` leads from an older one to it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, SmallInteger, String, Table

SCHEMA_VERSION: Final = 1

METADATA: Final = MetaData()

# The prefix: a PostgreSQL may hold other programs' tables too.
FACTS: Final = Table(
    "fumehood_corpus",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("value", String(200), nullable=False),
)
"""What is known of the database itself: `schema`, `ranks` (the date of those that `bucket` was told by), `shipped:…` (imported exports)."""

# `bucket` is that of the package, and null where a newer report of it is there: what counts packages reads an index alone.
REPORTS: Final = Table(
    "fumehood_report",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("run", String(64), nullable=False, unique=True),
    Column("content", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("version", String(200), nullable=False),
    Column("analysed", String(20), nullable=False),
    Column("fumehood", String(50), nullable=False),
    Column("backend", String(50), nullable=False),
    Column("tracer", String(50), nullable=False),
    Column("python", String(50), nullable=False),
    Column("digests", String(1_100), nullable=False),
    Column("bucket", SmallInteger),
    Index("fumehood_report_name", "name"),
    Index("fumehood_report_bucket", "bucket", "analysed"),
)
"""Complete reports. `run` is the same for all that was told of one run, `content` the SHA-256 of what is kept; spaces join digests."""

SIGHTINGS: Final = Table(
    "fumehood_sighting",
    METADATA,
    Column("report", ForeignKey(REPORTS.c.id), primary_key=True),
    Column("id", String(120), primary_key=True),
    Column("issue", Boolean, nullable=False),
    Column("phases", String(40), nullable=False),
    Column("called_only", Boolean, nullable=False),
    Column("bucket", SmallInteger),
    Index("fumehood_sighting_id", "id", "bucket"),
)
"""Behaviors and issues of reports; phases are joined by spaces."""

KINDS: Final = Table(
    "fumehood_kind",
    METADATA,
    Column("report", ForeignKey(REPORTS.c.id), primary_key=True),
    Column("word", String(200), primary_key=True),
    Index("fumehood_kind_word", "word", "report"),
)
"""The kinds that a package is of."""

REQUIRES: Final = Table(
    "fumehood_requires",
    METADATA,
    Column("report", ForeignKey(REPORTS.c.id), primary_key=True),
    Column("word", String(200), primary_key=True),
    Index("fumehood_requires_word", "word", "report"),
)
"""The names that a package declares to need."""

COUNTS: Final = Table(
    "fumehood_count",
    METADATA,
    Column("id", String(120), primary_key=True),
    Column("bucket", SmallInteger, primary_key=True, autoincrement=False),
    Column("packages", Integer, nullable=False),
)
"""In how many packages of each bucket an id was seen, and under TOTAL how many there are: counted with each change, not when asked."""

TOTAL: Final = ""
"""What stands for all packages among the ids of COUNTS."""

PARTS: Final = (SIGHTINGS, KINDS, REQUIRES)
"""The tables that belong to a report by its number."""
