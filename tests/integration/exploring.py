"""Somebody who tries packages by hand, for the tests of sessions: a script that types, and waits for what the terminal says."""

from __future__ import annotations

import io
import os
import select
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.exploration import Session
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis, saved_report
from analyzer.pipeline.records import keep
from analyzer.rules.loader import ruleset
from analyzer.sandbox.interface import Limits, Manner
from analyzer.sandbox.session.terminal import Terminal

_SECONDS = 30.0
PROMPT = b"$ "


class User:
    """At a terminal. `said` is all that it said so far."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.said = b""
        self._read = 0

    def begin(self) -> None:
        """Waits for the shell, and has it write nothing but text from then on."""
        self.await_text(PROMPT)
        self.type("bind 'set enable-bracketed-paste off'; echo ready\n")
        self.await_text(b"ready\r\n")
        self.await_text(PROMPT)

    def type(self, keys: str) -> None:
        self.terminal.write(keys.encode())

    def await_text(self, text: bytes, seconds: float = _SECONDS) -> bytes:
        """What was said up to a text, from where the last one ended. Fails where that does not come."""
        deadline = time.monotonic() + seconds
        while (place := self.said.find(text, self._read)) < 0:
            assert select.select([self.terminal.read_fd], [], [], max(deadline - time.monotonic(), 0))[0], (
                text,
                self.said[-500:],
            )
            piece = os.read(self.terminal.read_fd, 65536)
            assert piece, (text, self.said[-500:])
            self.said += piece
        found = self.said[self._read : place + len(text)]
        self._read = place + len(text)
        return found

    def await_end(self, seconds: float = _SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while select.select([self.terminal.read_fd], [], [], max(deadline - time.monotonic(), 0))[0]:
            piece = os.read(self.terminal.read_fd, 65536)
            if not piece:
                return
            self.said += piece
        raise AssertionError("the session did not end")


@dataclass
class Explored:
    """A run with a session: its report, the one that its kept record gives, what its shell said, and what went wrong for the user."""

    report: Report
    again: Report
    output: bytes
    errors: list[BaseException] = field(default_factory=list)


def explore(
    target: Path,
    place: tuple[str, str],
    cache_directory: Path,
    folder: Path,
    script: Callable[[User], None],
    session: Session | None = None,
    seconds: float | None = None,
) -> Explored:
    """Runs a session that a script sits at. Raises what the script does."""
    errors: list[BaseException] = []
    outputs: list[bytes] = []

    def attach(terminal: Terminal) -> None:
        try:
            script(User(terminal))
        except BaseException as error:  # raised again in the test's own thread
            errors.append(error)
            terminal.hang_up()

    def use(analysis: Analysis) -> None:
        outputs.extend(path.read_bytes() for path in analysis.record.folder.glob("steps/*-execute.out"))
        with (folder / "kept.record").open("wb") as stream:
            keep(analysis.record, analysis.run, stream)

    cache = Cache(cache_directory)
    sandbox, tracer = place
    options = Options(
        sandbox=sandbox,
        tracer=tracer,
        limits=Limits().for_session(seconds),
        manner=Manner(session=session or Session(rows=30, columns=100), attach=attach),
    )
    report = analyze(str(target), options, cache, SimpleIndex(cache), lambda stage: None, use)
    if errors:
        raise errors[0]
    assert report.sandbox.tracer == tracer
    return Explored(report, saved_report(folder / "kept.record", ruleset(())), b"".join(outputs))


def archive(name: str, content: bytes) -> io.BytesIO:
    """An archive of one file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as writing:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        writing.addfile(member, io.BytesIO(content))
    stream.seek(0)
    return stream
