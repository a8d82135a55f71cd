"""An exported corpus: JSON lines that are the same for the same reports, gzip by the file's suffix. docs/corpus.md has the format.

It may come from a stranger: every line is bounded and checked before anything of it is taken.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

from pydantic import Field, ValidationError
from sqlalchemy import Connection, Table, select

from analyzer.corpus.entry import UNTIL, Entry, Sighting, told
from analyzer.corpus.schema import KINDS, REPORTS, REQUIRES, SIGHTINGS
from analyzer.errors import CorpusError
from analyzer.model.base import Model

FORMAT: Final = "fumehood-corpus"
VERSION: Final = 1
MAX_ENTRIES: Final = 1_000_000
MAX_LINE: Final = 1024 * 1024
_BATCH: Final = 500


class Header(Model):
    """The first line. `reports` tells how many lines follow, so that a file that was cut is known."""

    format: Literal["fumehood-corpus"]
    version: int
    reports: int = Field(ge=0, le=MAX_ENTRIES)


def export(connection: Connection, stream: BinaryIO) -> int:
    """Writes all reports, sorted by name, time and run; gives how many. Raises OSError where the stream does not take them."""
    order = (REPORTS.c.name, REPORTS.c.analysed, REPORTS.c.run)
    numbers = list(connection.execute(select(REPORTS.c.id).order_by(*order)).scalars())
    header = Header(format=FORMAT, version=VERSION, reports=len(numbers))
    stream.write(json.dumps(header.model_dump(), sort_keys=True, separators=(",", ":")).encode() + b"\n")
    for begin in range(0, len(numbers), _BATCH):
        batch = _entries(connection, numbers[begin : begin + _BATCH])
        stream.writelines(entry.line.encode() + b"\n" for entry in batch)
    return len(numbers)


@contextmanager
def compressing(stream: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """The stream to write an export into, which a path that ends in .gz has compressed; the same bytes at any time and place."""
    if path.suffix != ".gz":
        yield stream
        return
    with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as compressed:
        yield cast("BinaryIO", compressed)


def imported(stream: BinaryIO, name: str, until: datetime | None = None) -> Iterator[Entry]:
    """The entries of an exported corpus, compressed where the name ends in .gz. Raises CorpusError at the first line that is none.

    With `until`, nothing may be of a later time: it would stay its package's newest report.
    """
    context = {UNTIL: until}
    source = cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb")) if name.endswith(".gz") else stream
    header = _header(_line(source, name, 1), name)
    for number in range(2, header.reports + 2):
        line = _line(source, name, number)
        if not line:
            raise CorpusError(f"{name}: it ends after line {number - 1} of {header.reports + 1}; export it again")
        try:
            yield Entry.model_validate_json(line, context=context)
        except ValidationError as error:
            raise CorpusError(f"{name}, line {number}: {told(error)}; export it again") from error
    if _line(source, name, header.reports + 2):
        raise CorpusError(
            f"{name}: it goes on after the {header.reports} reports that its first line tells of; export it again"
        )


def _header(line: bytes, name: str) -> Header:
    try:
        header = Header.model_validate_json(line)
    except ValidationError as error:
        raise CorpusError(f"{name} is no corpus: name a file that `fumehood corpus export` wrote") from error
    if header.version != VERSION:
        raise CorpusError(f"{name} has format version {header.version}, and this fumehood reads {VERSION}: upgrade it")
    return header


def _line(source: BinaryIO, name: str, number: int) -> bytes:
    try:
        line = source.readline(MAX_LINE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"{name} cannot be read at line {number}: {error}") from error
    if len(line) > MAX_LINE:
        raise CorpusError(f"{name}, line {number}: it is longer than {MAX_LINE} bytes, which no line of a corpus is")
    return line


def _entries(connection: Connection, numbers: list[int]) -> Iterator[Entry]:
    """The entries of reports by their numbers, in that order."""
    rows = {row["id"]: row for row in connection.execute(select(REPORTS).where(REPORTS.c.id.in_(numbers))).mappings()}
    kinds, requires = _words(connection, KINDS, numbers), _words(connection, REQUIRES, numbers)
    found: dict[tuple[int, bool], list[Sighting]] = {}
    for row in connection.execute(select(SIGHTINGS).where(SIGHTINGS.c.report.in_(numbers))).mappings():
        one = Sighting(id=row["id"], phases=row["phases"].split(), called_only=row["called_only"])
        found.setdefault((row["report"], row["issue"]), []).append(one)
    for number in numbers:
        row = rows[number]
        yield Entry(
            **{key: row[key] for key in ("name", "version", "analysed", "fumehood", "backend", "tracer", "python")},
            digests=row["digests"].split(),
            behaviors=found.get((number, False), []),
            issues=found.get((number, True), []),
            kinds=kinds.get(number, []),
            requires=requires.get(number, []),
        )


def _words(connection: Connection, table: Table, numbers: list[int]) -> dict[int, list[str]]:
    words: dict[int, list[str]] = {}
    for number, word in connection.execute(select(table.c.report, table.c.word).where(table.c.report.in_(numbers))):
        words.setdefault(number, []).append(word)
    return words
