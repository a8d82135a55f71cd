"""Reads scanners' documents: which format one is in, and its findings. Every mistake is one line that names the file and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from analyzer.confirm.findings import Findings
from analyzer.confirm.readers import bandit, capabilities, guarddog, sarif, semgrep, table
from analyzer.confirm.readers.text import FormatError
from analyzer.errors import FindingsError
from analyzer.model.confirmation import Finding

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_FINDINGS: Final = 10_000

_MAX_VALUES: Final = 3_000_000
_FORMATS: Final = "SARIF 2.1.0, JSON of GuardDog, Bandit, Semgrep or capslock, or CSV with a header"
_SHOWN: Final = 200

Read = Callable[[Any], tuple[list[Finding], list[str]]]

_READERS: Final[tuple[tuple[str, Callable[[Any], bool], Read], ...]] = (
    ("sarif", sarif.is_format, sarif.read),
    ("capabilities", capabilities.is_format, capabilities.read),
    ("semgrep", semgrep.is_format, semgrep.read),
    ("bandit", bandit.is_format, bandit.read),
    ("guarddog", guarddog.is_format, guarddog.read),
)


def read_findings(path: Path) -> Findings:
    """The findings of a file.

    Raises:
        FindingsError: It cannot be read, is too large, or is of no known format; the message says what is wrong, and where.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FindingsError(
            f"findings {path}: cannot be read ({error.strerror or error}); name a scanner's output"
        ) from error
    return parse(path.name, data, str(path))


def parse(name: str, data: bytes, shown: str = "") -> Findings:
    """The findings of a document. Messages call it `shown`, or `name`.

    Raises:
        FindingsError: As for `read_findings`.
    """
    try:
        return _parse(name, data)
    except FormatError as error:
        raise FindingsError(f"findings {shown or name}: {error}") from error


def _parse(name: str, data: bytes) -> Findings:
    if len(data) > MAX_BYTES:
        raise FormatError(
            f"it is larger than {MAX_BYTES // 1024 // 1024} MiB; split it, or leave out what is not of this package"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"it is not UTF-8 (byte {error.start}); give {_FORMATS}") from error
    start = text.lstrip()[:1]
    if not start:
        raise FormatError("it is empty; has the scanner ended with an error?")
    if start not in "{[":
        found, notes = table.read(text, MAX_FINDINGS)
        return Findings(name, "csv", tuple(found), tuple(notes))
    content = _json(text)
    for kind, is_format, read in _READERS:
        if is_format(content):
            found, notes = _checked(content, kind, read)
            return Findings(name, kind, tuple(found), tuple(notes), data if kind == "sarif" else b"")
    if content == []:
        return Findings(name, "guarddog", ())
    raise FormatError(f"its JSON is of no known scanner; give {_FORMATS}")


def _json(text: str) -> Any:
    """JSON, of so many values that they fit into memory."""
    if sum(map(text.count, "{[,")) > _MAX_VALUES:
        raise FormatError(
            f"it has more than {_MAX_VALUES:,} values; split it, or leave out what is not of this package"
        )
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise FormatError("its JSON is nested too deeply; no scanner writes that") from error
    except ValueError as error:
        raise FormatError(f"it is no whole JSON ({str(error)[:_SHOWN]}); has the scanner been cut short?") from error


def _no_number(name: str) -> float:
    """NaN and Infinity are no JSON, though Python reads and writes them."""
    raise ValueError(f"{name} is no number")


def _checked(content: Any, kind: str, read: Read) -> tuple[list[Finding], list[str]]:
    try:
        found, notes = read(content)
    except ValidationError as error:
        raise FormatError(f"it is not {kind} as {kind} is written ({_reason(error)}); write it again") from error
    if len(found) > MAX_FINDINGS:
        raise FormatError(
            f"it has {len(found):,} findings, more than {MAX_FINDINGS:,}; split it, or scan the package alone"
        )
    return found, notes


def _reason(error: ValidationError) -> str:
    """The first of what is wrong, on one line."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(step) for step in first["loc"])[:_SHOWN]
    what = " ".join(first["msg"].split())[:_SHOWN]
    return f"{place}: {what}" if place else what
