"""Every event of a run as JSON lines (`docs/events.md`), written one by one: there may be hundreds of thousands."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from analyzer.model.base import encodable
from analyzer.model.eventline import MAX_LINE, EventHeader, EventPackage, content

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from analyzer.model.event import Event
    from analyzer.model.report import Report

_MEASURES: Final = ((2000, 100), (200, 20))
"""Characters of a text and items of a list, as they are tried on a line that is too long; the last ones always do."""

_MANY: Final = 1000
_json = json.JSONEncoder(separators=(",", ":"), check_circular=False, allow_nan=False).encode


def _encode(value: Any) -> str:
    return _json(value).replace("\x7f", "\\u007f")  # the one control character that JSON leaves as it is


def write_events(stream: BinaryIO, report: Report, events: Sequence[Event], during: Callable[[Event], str]) -> None:
    """Writes a header and the events in their order. `during` says what ran at each.

    Lines are ASCII: what a package wrote can neither end a line nor do anything to a terminal. A surrogate becomes a backslash escape, as
    in the report. Raises OSError as the stream does.
    """
    package = EventPackage(name=report.package.name, version=report.package.version)
    header = EventHeader(
        generator=report.generator, package=package, completeness=report.completeness.status, events=len(events)
    )
    lines = [_encode(header.model_dump())]
    for event in events:
        lines.append(event_line(content(event, during(event))))
        if len(lines) >= _MANY:
            _write(stream, lines)
            lines = []
    _write(stream, lines)


def event_line(line: dict[str, Any]) -> str:
    """A line's content as JSON without a line end, of at most 128 KiB."""
    try:
        text = _encode(line)
    except ValueError:  # a number that JSON has no words for
        line = _fit(line, MAX_LINE, MAX_LINE)
        text = _encode(line)
    if "\\ud" in text:  # half of a pair that is a character, or a surrogate, which is none
        line = _fit(line, MAX_LINE, MAX_LINE)
        text = _encode(line)
    for characters, items in _MEASURES:
        if len(text) <= MAX_LINE:
            break
        text = _encode({**_fit(line, characters, items), "shortened": True})
    return text


def _fit(value: Any, characters: int, items: int) -> Any:
    """The same value with encodable texts and finite numbers, and no text or list longer than that."""
    if isinstance(value, str):
        text = encodable(value)
        return text if len(text) <= characters else text[: characters - 1] + "…"
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _fit(one, characters, items) for key, one in value.items()}
    if isinstance(value, tuple | list):
        kept = [_fit(one, characters, items) for one in value[:items]]
        return kept if len(value) <= items else [*kept, "…"]
    return value


def _write(stream: BinaryIO, lines: list[str]) -> None:
    stream.write("".join(f"{line}\n" for line in lines).encode("ascii"))
