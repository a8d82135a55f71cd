"""The `-o FORMAT=PATH` options: checked before anything runs, written when the report is there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from analyzer.cli.printing import Output, standard_output
from analyzer.errors import FumehoodError, UsageError
from analyzer.pipeline.analyze import Analysis
from analyzer.pipeline.records import check_name, keep
from analyzer.render.events import write_events
from analyzer.render.interface import RENDERERS, find_renderer, obstacle, open_atomically
from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from analyzer.model.report import Report

_CAPTURE = "pcap"
_EVENTS = "events"
_RECORD = "record"
_MAX_SHOWN = 300

OF_A_RUN = (*RENDERERS, _CAPTURE, _EVENTS, _RECORD)
"""What can be written of a run, or of the record of one."""


def write(output: Output, analysis: Analysis) -> None:
    """Writes a file from the report or its events, or keeps the record or its capture."""
    with standard_output() if output.is_standard_output else open_atomically(output.path) as stream:
        if output.format == _CAPTURE:
            source = analysis.record.folder / "internet" / "capture.pcap"
            stream.write(source.read_bytes() if source.is_file() else b"")
        elif output.format == _EVENTS:
            found = analysis.judgement
            write_events(stream, found.report, found.events.events, found.during.words)
        elif output.format == _RECORD:
            keep(analysis.record, analysis.run, stream)
        else:
            _render(output, analysis.report, stream)


def write_report(output: Output, report: Report) -> None:
    """Writes a file from the report alone. Raises UsageError where that is not possible."""
    with standard_output() if output.is_standard_output else open_atomically(output.path) as stream:
        _render(output, report, stream)


def _render(output: Output, report: Report, stream: BinaryIO) -> None:
    rendered = find_renderer(output.format).render(report)
    stream.write(rendered.encode() if isinstance(rendered, str) else rendered)


def parse(words: list[str], formats: Iterable[str] = OF_A_RUN) -> list[Output]:
    """The outputs of the command line, in these formats.

    Raises:
        UsageError: A format is unknown, a path is missing, named twice or cannot be written.
    """
    known = sorted(formats)
    outputs: list[Output] = []
    for word in words:
        output = _parse(word, known)
        if any(output.path == other.path for other in outputs) and not output.path.is_char_device():
            raise UsageError(f"-o {_shown(word)}: another -o writes to the same path; name another one")
        outputs.append(output)
    return outputs


def write_all(outputs: list[Output], analysis: Analysis) -> list[FumehoodError]:
    """Writes all outputs; gives what went wrong. One that cannot be written costs no other."""
    errors = []
    for output in outputs:
        try:
            write(output, analysis)
        except FumehoodError as error:
            errors.append(error)
    return errors


def _parse(word: str, known: list[str]) -> Output:
    name, separator, path = word.partition("=")
    if not separator or not path:
        raise UsageError(f"-o {_shown(word)}: give FORMAT=PATH, where FORMAT is one of {', '.join(known)}")
    if name not in known:
        raise UsageError(f"-o {_shown(word)}: unknown format; this version writes {', '.join(known)}")
    if name == _RECORD:
        check_name(Path(path))
    output = Output(name, Path(path))
    problem = "" if output.is_standard_output else obstacle(output.path)
    if problem:
        raise UsageError(f"-o {_shown(word)}: {problem}")
    return output


def _shown(word: str) -> str:
    return safe_text(word, _MAX_SHOWN)
