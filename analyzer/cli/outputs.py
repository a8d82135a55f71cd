"""The `-o FORMAT=PATH` options: checked before anything runs, written when the report is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import UsageError
from analyzer.pipeline.analyze import Analysis
from analyzer.render.interface import RENDERERS, find_renderer, write_atomically

_CAPTURE = "pcap"


@dataclass(frozen=True, slots=True)
class Output:
    """One file to write."""

    format: str
    path: Path

    def write(self, analysis: Analysis) -> None:
        """Writes the file from the report, or copies the capture from the record."""
        if self.format == _CAPTURE:
            source = analysis.record.folder / "internet" / "capture.pcap"
            write_atomically(self.path, source.read_bytes() if source.is_file() else b"")
            return
        write_atomically(self.path, find_renderer(self.format).render(analysis.report))


def parse(words: list[str]) -> list[Output]:
    """The outputs of the command line. Raises UsageError for an unknown format, a missing path or folder."""
    return [_parse(word) for word in words]


def _parse(word: str) -> Output:
    name, separator, path = word.partition("=")
    known = sorted([*RENDERERS, _CAPTURE])
    if not separator or not path:
        raise UsageError(f"-o {word}: give FORMAT=PATH, where FORMAT is one of {', '.join(known)}")
    if name not in known:
        raise UsageError(f"-o {word}: unknown format {name!r}; this version writes {', '.join(known)}")
    target = Path(path)
    if not target.parent.is_dir():
        raise UsageError(f"-o {word}: the folder {target.parent} does not exist; make it first")
    return Output(name, target)
