"""The `-o FORMAT=PATH` options: checked before anything runs, written when the report is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analyzer.cli.printing import standard_output
from analyzer.errors import FumehoodError, UsageError
from analyzer.pipeline.analyze import Analysis
from analyzer.pipeline.records import check_name, keep
from analyzer.render.events import write_events
from analyzer.render.interface import RENDERERS, find_renderer, obstacle, open_atomically
from analyzer.render.text import safe_text

_CAPTURE = "pcap"
_EVENTS = "events"
_RECORD = "record"
_STANDARD_OUTPUT = frozenset({Path("-"), Path("/dev/stdout")})
_MAX_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Output:
    """One file to write."""

    format: str
    path: Path

    @property
    def is_standard_output(self) -> bool:
        """Whether it goes there, and nowhere else."""
        return self.path in _STANDARD_OUTPUT

    def write(self, analysis: Analysis) -> None:
        """Writes the file from the report or its events, or keeps the record or its capture."""
        with standard_output() if self.is_standard_output else open_atomically(self.path) as stream:
            if self.format == _CAPTURE:
                source = analysis.record.folder / "internet" / "capture.pcap"
                stream.write(source.read_bytes() if source.is_file() else b"")
            elif self.format == _EVENTS:
                found = analysis.judgement
                write_events(stream, found.report, found.events.events, found.during.words)
            elif self.format == _RECORD:
                keep(analysis.record, analysis.run, stream)
            else:
                rendered = find_renderer(self.format).render(analysis.report)
                stream.write(rendered.encode() if isinstance(rendered, str) else rendered)


def parse(words: list[str]) -> list[Output]:
    """The outputs of the command line.

    Raises:
        UsageError: A format is unknown, a path is missing, named twice or cannot be written.
    """
    outputs: list[Output] = []
    for word in words:
        output = _parse(word)
        if any(output.path == other.path for other in outputs) and not output.path.is_char_device():
            raise UsageError(f"-o {_shown(word)}: another -o writes to the same path; name another one")
        outputs.append(output)
    return outputs


def write_all(outputs: list[Output], analysis: Analysis) -> list[FumehoodError]:
    """Writes all outputs; gives what went wrong. One that cannot be written costs no other."""
    errors = []
    for output in outputs:
        try:
            output.write(analysis)
        except FumehoodError as error:
            errors.append(error)
    return errors


def _parse(word: str) -> Output:
    name, separator, path = word.partition("=")
    known = sorted([*RENDERERS, _CAPTURE, _EVENTS, _RECORD])
    if not separator or not path:
        raise UsageError(f"-o {_shown(word)}: give FORMAT=PATH, where FORMAT is one of {', '.join(known)}")
    if name not in known:
        raise UsageError(f"-o {_shown(word)}: unknown format; this version writes {', '.join(known)}")
    if name == _RECORD:
        check_name(Path(path))
    problem = "" if Path(path) in _STANDARD_OUTPUT else obstacle(Path(path))
    if problem:
        raise UsageError(f"-o {_shown(word)}: {problem}")
    return Output(name, Path(path))


def _shown(word: str) -> str:
    return safe_text(word, _MAX_SHOWN)
