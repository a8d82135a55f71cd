"""Joins the user's terminal with the session's, until the session is over."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Final, Protocol

from analyzer.explore.filter import Filter
from analyzer.explore.interrupts import Interrupts
from analyzer.explore.keys import END, Keyboard, Lost
from analyzer.explore.recording import Recording
from analyzer.explore.screen import Screen
from analyzer.explore.view import View
from analyzer.explore.watching import Watch
from analyzer.sandbox.session.terminal import Terminal

_READ: Final = 64 * 1024
_TICK_SECONDS: Final = 0.1
_PIECE: Final = 1024
"""What is written to the user's terminal at once: as much as it takes without waiting when it says that it takes something."""

_MOST_AHEAD: Final = 64 * 1024
"""What may be typed from a file before the session takes it."""

_ENDING_SECONDS: Final = 1.0
"""How often a file's end is typed once more: a program may have taken the last one for its own."""

Size = tuple[int, int]


class Beside(Protocol):
    """What goes on beside the session, such as copying files: it is entered with its terminal."""

    def __call__(self, terminal: Terminal) -> AbstractContextManager[object]:
        """The context of one session."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the user has: descriptors of keyboard and terminal, and the terminal's size in rows and columns, None where it has none.

    `encoding` is "utf-8", or "ascii" for a terminal that does not understand that.
    """

    keyboard: Keyboard
    output: int
    size: Callable[[], Size | None]
    encoding: str = "utf-8"


class Attachment:
    """Is called with the session's terminal, and returns when the session is over.

    `lost` is whether the user's terminal went away, and `failed` whether something of ours kept it from coming to its end.
    """

    def __init__(
        self,
        desk: Desk,
        screen: Screen,
        view: View,
        interrupts: Interrupts,
        *,
        watch: Watch | None = None,
        recording: Recording | None = None,
        begin: Callable[[], None] = lambda: None,
        beside: tuple[Beside, ...] = (),
        title: str = "",
    ) -> None:
        self._desk = desk
        self._screen = screen
        self._view = view
        self._interrupts = interrupts
        self._watch = watch
        self._recording = recording
        self._begin = begin
        self._beside = beside
        self._title = title
        self._filter = Filter(screen)
        self._size = desk.size()
        self._input_over: float | None = None
        self._typed = b"\n"
        self.lost = False
        self.failed = False

    def __call__(self, terminal: Terminal) -> None:
        """Shows the session and types for it. Whatever ends this, the user's terminal is as before, and the session over."""
        self.failed = True
        with ExitStack() as stack:
            stack.callback(terminal.hang_up)
            self._begin()
            self._interrupts.begin()
            for one in self._beside:
                stack.enter_context(one(terminal))
            if self._watch is not None:
                stack.enter_context(self._watch.following(terminal.record, self._interrupts.wake))
            stack.enter_context(self._desk.keyboard)
            stack.callback(self._finish)
            self._start(terminal)
            self._go_on(terminal)
        self.failed = False

    def _start(self, terminal: Terminal) -> None:
        if self._recording is not None:
            self._recording.begin(self._screen.rows, self._screen.columns, self._title)
        self._write(self._view.start())
        self._resize(terminal)

    def _go_on(self, terminal: Terminal) -> None:
        ticked = time.monotonic()
        while True:
            ready = self._wait(terminal)
            if self._interrupts.descriptor in ready:
                self._heed(terminal)
            if self._desk.keyboard.descriptor in ready:
                self._type(terminal)
            if terminal.read_fd in ready and not self._show(terminal):
                return
            self._observe()
            if time.monotonic() - ticked >= _TICK_SECONDS:
                ticked = time.monotonic()
                self._write(self._view.tick())
                self._end_input(terminal)

    def _wait(self, terminal: Terminal) -> list[int]:
        reading = [terminal.read_fd, self._interrupts.descriptor]
        if self._input_over is None and not self.lost and terminal.backlog < _MOST_AHEAD:
            reading.append(self._desk.keyboard.descriptor)
        return select.select(reading, [], [], _TICK_SECONDS)[0]

    def _heed(self, terminal: Terminal) -> None:
        numbers = self._interrupts.read()
        if self._interrupts.stops(numbers):
            terminal.hang_up()
        if any(numbers):
            self._desk.keyboard.take()
            self._resize(terminal)

    def _resize(self, terminal: Terminal) -> None:
        size = self._desk.size()
        if size is None or size == self._size:
            self._screen.dirty = True  # whoever had the terminal meanwhile may have written to it
            return
        self._size = size
        self._write(self._view.resize(*size))
        terminal.resize(self._screen.rows, self._screen.columns)
        if self._recording is not None:
            self._recording.resized(self._screen.rows, self._screen.columns)

    def _type(self, terminal: Terminal) -> None:
        try:
            data = self._desk.keyboard.read()
        except Lost:
            self._lose(terminal)
            return
        if not data:
            self._input_over = 0.0
            return
        self._typed = data
        if self._recording is not None:
            self._recording.typed(data)
        terminal.write(data)
        if self._desk.keyboard.leaves(data):
            terminal.hang_up()

    def _end_input(self, terminal: Terminal) -> None:
        """What is typed from a file ends as it does at a keyboard: with Ctrl-D, at the begin of a line."""
        now = time.monotonic()
        if self._input_over is None or terminal.backlog or now < self._input_over:
            return
        terminal.write(END if self._typed.endswith(b"\n") else b"\n" + END)
        self._typed = b"\n"
        self._input_over = now + _ENDING_SECONDS

    def _show(self, terminal: Terminal) -> bool:
        """Shows what the session says; gives whether it goes on."""
        try:
            data = os.read(terminal.read_fd, _READ)
        except OSError:  # a terminal's other end that is closed is an error on Linux, EIO
            data = b""
        text = self._filter.feed(data) if data else self._filter.end()
        if self._recording is not None:
            self._recording.shown(text)
        self._write(self._view.passing(text))
        if self.lost:
            terminal.hang_up()
        return bool(data)

    def _observe(self) -> None:
        lines = self._watch.new() if self._watch is not None else ()
        if lines and self._recording is not None:
            for line in lines:
                self._recording.marked(line.text)
        if lines:
            self._write(self._view.show(lines))

    def _finish(self) -> None:
        self._observe()
        self._write(self._view.finish())

    def _lose(self, terminal: Terminal) -> None:
        self.lost = True
        terminal.hang_up()

    def _write(self, text: str) -> None:
        """Writes to the user's terminal, as long as it takes it."""
        data = text.encode(self._desk.encoding, errors="replace")
        try:
            while data and not self.lost:
                if not select.select([], [self._desk.output], [], _TICK_SECONDS)[1]:
                    self.lost = bool(self._interrupts.came)  # it is stopped, and the session is to end
                    continue
                data = data[os.write(self._desk.output, data[:_PIECE]) :]
        except OSError:
            self.lost = True
