"""Carrying out `fumehood explore`: what the user's terminal is, what is shown in it, and what is left at the end."""

from __future__ import annotations

import codecs
import locale
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console

from analyzer.acquire import Cache, SimpleIndex
from analyzer.cli.outputs import parse, write_all
from analyzer.cli.printing import print_out
from analyzer.corpus import corpus_for_reports
from analyzer.errors import FumehoodError, UsageError
from analyzer.explore.adaptive import Adaptive
from analyzer.explore.attach import Attachment, Desk, Size
from analyzer.explore.copying import Copying
from analyzer.explore.interrupts import Interrupts
from analyzer.explore.keys import Keyboard
from analyzer.explore.lines import Lines
from analyzer.explore.plain import Plain
from analyzer.explore.recording import Recording
from analyzer.explore.screen import Screen
from analyzer.explore.sessions import new_session, sessions_folder, socket_of
from analyzer.explore.view import Unshared, View
from analyzer.explore.watching import Watch
from analyzer.pipeline.analyze import Analysis, check_words
from analyzer.pipeline.exploring import check_explorable, explore, is_whole
from analyzer.render.interface import obstacle, open_atomically
from analyzer.render.progress import Progress
from analyzer.render.terminal.summary import summarize
from analyzer.render.text import safe_text
from analyzer.rules.loader import ruleset

if TYPE_CHECKING:
    from analyzer.explore.watching import Source
    from analyzer.model.exploration import Session
    from analyzer.model.report import Report
    from analyzer.pipeline import Options
    from analyzer.rules.loader import Ruleset
    from analyzer.sandbox.session.terminal import Terminal

EXIT_INCOMPLETE: Final = 4
_SIGNALLED: Final = 128
_USUAL_SIZE: Final = (24, 80)
_TITLE: Final = 80
_SHOWN: Final = 200
_WELCOME: Final = (
    "fumehood: `exit` ends the session, Ctrl-] three times does so by force; `fumehood cp FILE {}:PATH` copies files"
)


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for. The session's size is not known yet."""

    target: str
    session: Session
    options: Options
    behaviors: str
    record: Path | None
    record_keys: bool
    outputs: tuple[str, ...]
    corpus: str
    refresh: bool
    quiet: bool


def carry_out(request: Request) -> int:
    """Does it, and gives the exit code. Raises UsageError before anything is started, and what keeps the session from being opened."""
    check_words(request.options)
    check_explorable(request.target, request.options)
    outputs = parse(list(request.outputs))
    if any(one.is_standard_output for one in outputs):
        raise UsageError("-o: standard output is the session's; name a file")
    compared = corpus_for_reports(request.corpus)
    cache = Cache()
    errors: list[FumehoodError] = []
    stages = _Stages(quiet=request.quiet)
    keyboard = Keyboard(0 if sys.__stdin__ is not None else os.open(os.devnull, os.O_RDONLY))

    def save(analysis: Analysis) -> None:
        errors.extend(write_all(outputs, analysis))

    with Interrupts() as interrupts, _recorded(request) as recording, stages, _given_back(keyboard):
        session, attachment = _prepared(request, keyboard, interrupts, recording, stages, cache)

        def attach(terminal: Terminal) -> None:
            attachment(terminal)
            if attachment.lost:
                _let_go()
            stages.go_on()

        index = SimpleIndex(cache, refresh=request.refresh, progress=stages)
        report = explore(request.target, request.options, session, attach, cache, index, stages, save, compared)
    if attachment.failed:
        raise RuntimeError("what joins the terminals ended with the error above")
    if not request.quiet and not attachment.lost:
        print_out(summarize(report))
    if errors:
        raise type(errors[0])("; ".join(map(str, errors)))
    return exit_code(report, interrupts.came or [signal.SIGHUP] * attachment.lost)


def exit_code(report: Report, came: list[int]) -> int:
    """What the command ends with. What the session's shell ended with is told by the report."""
    if came:
        return _SIGNALLED + came[0]
    return 0 if is_whole(report) else EXIT_INCOMPLETE


def _prepared(
    request: Request,
    keyboard: Keyboard,
    interrupts: Interrupts,
    recording: Recording | None,
    stages: _Stages,
    cache: Cache,
) -> tuple[Session, Attachment]:
    """The session in the size that it will have, and what joins the user with it."""
    word = new_session()
    output = sys.__stdout__.fileno() if sys.__stdout__ is not None else os.open(os.devnull, os.O_WRONLY)
    interactive = os.isatty(output)
    rows, columns = (interactive and _size_of(output)) or _USUAL_SIZE
    screen = Screen(rows, columns)
    about = safe_text(Path(request.target).name or request.target, _TITLE)
    view = _view(request.behaviors, screen, f"session {word}", about, interactive=interactive)
    desk = Desk(keyboard, output, lambda: _size_of(output) if interactive else None, _encoding(interactive=interactive))

    def begin() -> None:
        stages.pause()
        if interactive and not request.quiet:
            print(_WELCOME.format(word), file=sys.stderr)  # noqa: T201 the command line's own output

    # What is wrong with the user's own is told before anything runs.
    own = ruleset(request.options.rules) if request.options.rules else None
    watched = request.behaviors != "off" or recording is not None
    attachment = Attachment(
        desk,
        screen,
        view,
        interrupts,
        watch=Watch(partial(_observed, own)) if watched else None,
        recording=recording,
        begin=begin,
        beside=(Copying(socket_of(sessions_folder(cache.root), word)),),
        title=about,
    )
    return replace(request.session, rows=screen.rows, columns=screen.columns), attachment


def _observed(own: Ruleset | None, record: Path) -> Source:
    """What a session shows of a record that grows."""
    # What names behaviors takes long to load, and the user has his prompt meanwhile.
    from analyzer.explore.observing import Behaviors

    return Behaviors(record, own or ruleset())


def _view(behaviors: str, screen: Screen, name: str, about: str, *, interactive: bool) -> View:
    if not interactive:
        return Plain(observed=behaviors != "off")
    if behaviors == "off":
        return Unshared(screen)
    return Adaptive(screen, name, about) if behaviors == "pane" else Lines(screen)


def _size_of(output: int) -> Size | None:
    """Rows and columns; None for what has no size, or does not tell it."""
    try:
        size = os.get_terminal_size(output)
    except OSError:
        return None
    return (size.lines, size.columns) if size.lines > 1 and size.columns > 1 else None


def _encoding(*, interactive: bool) -> str:
    """What a terminal understands. One that is not in UTF-8 could take parts of its characters for controls."""
    if not interactive or codecs.lookup(locale.getpreferredencoding(do_setlocale=False)).name == "utf-8":
        return "utf-8"
    return "ascii"


@contextmanager
def _recorded(request: Request) -> Iterator[Recording | None]:
    """The recording's file, which is there when all of it is written. Raises UsageError where it cannot be."""
    if request.record is None:
        yield None
        return
    problem = obstacle(request.record)
    if problem:
        raise UsageError(f"--record {safe_text(str(request.record), _SHOWN)}: {problem}")
    with open_atomically(request.record) as stream:
        recording = Recording(stream, keys=request.record_keys)
        yield recording
    if recording.problem:
        raise UsageError(
            f"--record {safe_text(str(request.record), _SHOWN)}: it is not whole ({recording.problem}); name another path"
        )


@contextmanager
def _given_back(keyboard: Keyboard) -> Iterator[None]:
    """Whatever comes, the keyboard is as before."""
    try:
        yield
    finally:
        keyboard.give_back()


def _let_go() -> None:
    """The terminal is gone: what would still be written to it goes nowhere, and is no error."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        if _is_terminal(descriptor):
            os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _is_terminal(descriptor: int) -> bool:
    """Whether it is or was a terminal: one that hung up is none any more for isatty(3), but a device still."""
    try:
        return stat.S_ISCHR(os.fstat(descriptor).st_mode)
    except OSError:
        return True


class _Stages:
    """What happens now, on standard error, but for the time in which the session has the terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._shown: Progress | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.go_on()
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()

    def __call__(self, stage: str) -> None:
        """A stage begins."""
        with self._lock:
            if self._shown is not None:
                self._shown(stage)

    def pause(self) -> None:
        """Nothing is shown any more."""
        with self._lock:
            shown, self._shown = self._shown, None
            if shown is not None:
                shown.__exit__(None, None, None)

    def go_on(self) -> None:
        """Shows stages again."""
        with self._lock:
            self._shown = Progress(Console(stderr=True), quiet=self._quiet).__enter__()
