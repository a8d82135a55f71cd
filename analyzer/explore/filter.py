"""Lets through what a terminal may be told by a package, and nothing else.

The states are those of ECMA-48 and of xterm's `ctlseqs`: text, escape sequences, control sequences, and control strings. What is let
through is made anew from its parsed parts: text that is no control character, BEL, BS, TAB, LF and CR; movements, erasing, inserting,
deleting and scrolling within the session's rows; colors (SGR); saving and restoring the cursor; two sets of letters; and the modes of
`screen.py`. Everything else is dropped: strings (OSC, DCS, APC, PM, SOS), which set titles, clipboards, links and palettes; C1 controls;
questions, to which the terminal would answer as if the user typed; operations on windows; reports of mouse and focus; what erases the
scrollback.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Final

from analyzer.explore.screen import Screen, counted, erase_line

_TEXT: Final = re.compile("[\x20-\x7e\xa0-\U0010ffff\a\b\t\n\r]+")
_STRING_END: Final = re.compile("[\a\x18\x1a\x1b\x9c]")
_PARAMETERS: Final = re.compile("[\x20-\x3f]+")
_NUMBERS: Final = re.compile(r"[0-9]{0,9}(?:;[0-9]{0,9}){0,15}")
_COLORS: Final = re.compile(r"[0-9]{0,4}(?:[;:][0-9]{0,4}){0,31}")

_KEPT_CONTROLS: Final = frozenset("\a\b\t\n\r")
_STRINGS: Final = frozenset("]PX^_")
_COUNTED: Final = frozenset("ABCDEFGIZ`aLMP@XSTb")
_ESCAPES: Final = frozenset({"=", ">", "D", "E", "M", "(B", "(0"})
_CANCELS: Final = frozenset("\x18\x1a")

_MOST_PARAMETERS: Final = 160
"""Characters of one control sequence; a longer one is dropped."""

_MOST_STRING: Final = 1024 * 1024
"""Characters of a control string. One without an end must not swallow for ever what follows."""


class Filter:
    """A stream of bytes from the sandbox's terminal becomes safe text. How the stream is cut into pieces makes no difference.

    Bytes that are not UTF-8 become U+FFFD. What is begun is held back until it is whole, so that each piece of the result can be written
    as it is.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._state: Callable[[str, int], int] = self._ground
        self._collected = ""
        self._length = 0
        self._out: list[str] = []

    def feed(self, data: bytes) -> str:
        """The next bytes; gives what may be shown."""
        return self._feed(self._decoder.decode(data))

    def end(self) -> str:
        """Nothing follows; gives what was held back of a character."""
        return self._feed(self._decoder.decode(b"", final=True))

    def _feed(self, text: str) -> str:
        position = 0
        while position < len(text):
            position = self._state(text, position)
        out = "".join(self._out)
        self._out.clear()
        return out

    def _ground(self, text: str, position: int) -> int:
        run = _TEXT.match(text, position)
        if run is not None:
            self._out.append(run[0])
            return run.end()
        if text[position] == "\x1b":
            self._begin(self._escape)
        return position + 1

    def _begin(self, state: Callable[[str, int], int]) -> None:
        self._state = state
        self._collected = ""
        self._length = 0

    def _inside(self, text: str, position: int) -> int | None:
        """What a control or a foreign character does inside of a sequence; None for one that belongs to it."""
        char = text[position]
        if "\x20" <= char <= "\x7e":
            return None
        if char == "\x1b":
            self._begin(self._escape)
        elif char in _CANCELS:
            self._state = self._ground
        elif char in _KEPT_CONTROLS:
            self._out.append(char)  # as terminals do: it is obeyed at once, and the sequence goes on
        elif char > "\x7f":
            self._state = self._ground
            return position
        return position + 1

    def _escape(self, text: str, position: int) -> int:
        after = self._inside(text, position)
        if after is not None:
            return after
        char = text[position]
        if not self._collected and char == "[":
            self._begin(self._control)
        elif not self._collected and char in _STRINGS:
            self._begin(self._string)
        elif char < "\x30":
            self._collected = (self._collected + char)[:2]
        else:
            self._state = self._ground
            self._out.append(self._escaped(self._collected + char))
        return position + 1

    def _escaped(self, body: str) -> str:
        if body == "7":
            return self._screen.save()
        if body == "8":
            return self._screen.restore()
        if body == "c":
            return self._screen.reset()
        return f"\x1b{body}" if body in _ESCAPES else ""

    def _control(self, text: str, position: int) -> int:
        run = _PARAMETERS.match(text, position)
        if run is not None:
            self._collected = (self._collected + run[0])[: _MOST_PARAMETERS + 1]
            return run.end()
        after = self._inside(text, position)
        if after is not None:
            return after
        self._state = self._ground
        if len(self._collected) <= _MOST_PARAMETERS:
            self._out.append(self._controlled(self._collected, text[position]))
        return position + 1

    def _controlled(self, parameters: str, final: str) -> str:
        if final == "m":
            return f"\x1b[{parameters}m" if _COLORS.fullmatch(parameters) else ""
        private = parameters.startswith("?")
        if not _NUMBERS.fullmatch(parameters, 1 if private else 0):
            return ""
        numbers = [int(number or 0) for number in parameters.removeprefix("?").split(";")] if parameters else []
        if final in "hl":
            switch = self._screen.private_modes if private else self._screen.standard_mode
            return switch(numbers, on=final == "h")
        return "" if private else self._plain(numbers, final)

    def _plain(self, numbers: list[int], final: str) -> str:
        screen = self._screen
        if final in _COUNTED:
            return counted(final, numbers)
        if final == "e":
            return counted("B", numbers)  # one that stops where the scrolling rows end
        simple = {"H": screen.move, "f": screen.move, "d": screen.row, "r": screen.scrolling, "J": screen.erase}
        if final in simple:
            return simple[final](numbers)
        if final == "K":
            return erase_line(numbers)
        if final in "su" and not numbers:
            return screen.save() if final == "s" else screen.restore()
        return ""

    def _string(self, text: str, position: int) -> int:
        """Swallows it. Its bound is counted, so that it is at the same character however the stream is cut."""
        end = _STRING_END.search(text, position)
        stop = end.start() if end is not None else len(text)
        room = _MOST_STRING - self._length
        if stop - position >= room:
            self._state = self._ground
            return position + room
        self._length += stop - position
        if end is None:
            return stop
        self._begin(self._escape if end[0] == "\x1b" else self._ground)
        return stop + 1
