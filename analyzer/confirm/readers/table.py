"""Tables: CSV with a header, one finding a row. Columns may go by several names (`COLUMNS`); others are passed over, and said so."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Final

from analyzer.confirm.mapping import expanded
from analyzer.confirm.readers.text import MAX_NAME, FormatError, cwes, line_number, message, name, place, tags
from analyzer.model.confirmation import Finding

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "rule": ("rule", "rule_id", "ruleid", "check_id", "test_id", "check", "capability", "id", "code"),
    "file": ("file", "filename", "path", "location"),
    "line": ("line", "line_number", "lineno", "start_line", "startline"),
    "end_line": ("end_line", "endline"),
    "message": ("message", "issue_text", "description", "text"),
    "function": ("function", "method", "symbol"),
    "module": ("module",),
    "behavior": ("behavior", "behaviors", "behaviour", "behaviours"),
    "tool": ("tool", "scanner"),
    "severity": ("severity", "level", "issue_severity"),
    "cwe": ("cwe", "cwes", "issue_cwe"),
    "tags": ("tags", "tag", "test_name"),
}
"""What a column means, and the names that it may have in the header, of any case, with spaces or hyphens for underscores."""

_MAX_COLUMNS: Final = 100
_DELIMITERS: Final = ",;\t|"
_SPLIT: Final = re.compile(r"[\s;,]+")


def read(text: str, most: int) -> tuple[list[Finding], list[str]]:
    """The findings, and the columns that were passed over.

    Raises:
        FormatError: It has no header with a rule or a behavior, a row has more cells than the header, or there are more than `most` rows.
    """
    rows = _rows(text)
    header = next(rows, (0, []))[1]
    places = _places(header)
    if "rule" not in places and "behavior" not in places:
        raise FormatError(
            "its first row names no column 'rule' or 'behavior'; it is neither JSON of a known scanner nor a table "
            "with a header such as rule,file,line,message,function,behavior"
        )
    known = set(places.values())
    unknown = [name(cell) for number, cell in enumerate(header) if number not in known and cell.strip()]
    notes = [f"columns that mean nothing to fumehood: {', '.join(unknown)[:MAX_NAME]}"] if unknown else []
    findings: list[Finding] = []
    for number, row in rows:
        if len(row) > len(header):
            raise FormatError(
                f"row {number} has {len(row)} cells and the header {len(header)}; quote cells with commas"
            )
        if len(findings) >= most:
            raise FormatError(f"it has more than {most} findings; split it")
        findings.append(_finding({key: row[at].strip() for key, at in places.items() if at < len(row)}, number))
    return findings, notes


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that have something in them, with their numbers."""
    first = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(text.lstrip().splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, 1):
            if len(row) > _MAX_COLUMNS:
                raise FormatError(f"row {number} has {len(row)} cells; a table of findings has at most {_MAX_COLUMNS}")
            if any(cell.strip() for cell in row):
                yield number, row
    except csv.Error as error:
        raise FormatError(
            f"row {reader.line_num} is no CSV ({error}); quote cells that have commas or line breaks"
        ) from error


def _places(header: list[str]) -> dict[str, int]:
    """Which column has what: the first name of each that the header has."""
    names = [re.sub(r"[ \-]", "_", cell.strip().lower().lstrip("\ufeff")) for cell in header]
    return {
        key: names.index(found)
        for key, aliases in COLUMNS.items()
        if (found := next((a for a in aliases if a in names), ""))
    }


def _finding(cells: dict[str, str], number: int) -> Finding:
    file, line = place(cells.get("file", ""))
    line = line_number(cells.get("line", "")) or line
    behaviors = [one for one in _SPLIT.split(cells.get("behavior", "")) if one]
    for one in behaviors:
        if not expanded([one]):
            raise FormatError(f"row {number}: there is no behavior {name(one)!r}; `fumehood taxonomy` lists them")
    cwe = cells.get("cwe", "")
    return Finding(
        tool=name(cells.get("tool", "")) or "table",
        rule=name(cells.get("rule", "")) or name(cells.get("behavior", "")),
        message=message(cells.get("message", "")),
        severity=name(cells.get("severity", "")),
        file=file,
        line=line,
        end_line=max(line_number(cells.get("end_line", "")), line),
        module=name(cells.get("module", "")),
        function=name(cells.get("function", "")),
        tags=tags(_SPLIT.split(cells.get("tags", ""))),
        cwes=cwes([f"CWE-{one}" if one.isdigit() else one for one in _SPLIT.split(cwe)]),
        behaviors=behaviors,
        pointer=f"row {number}",
    )
