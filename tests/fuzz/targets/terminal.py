"""What a session says to the user's terminal, and what is copied out of it."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.errors import FumehoodError
from analyzer.explore.adaptive import Adaptive
from analyzer.explore.filter import Filter
from analyzer.explore.plain import Plain
from analyzer.explore.screen import Screen
from analyzer.explore.unpacking import unpack
from tests.fuzz.target import target
from tests.unit.explore.test_filter import tokens


@target(
    b"\x1b[",
    b"\x1b]52;c;",
    b"\x1bP",
    b"\x1b\\",
    b"\xc2\x9b",
    b"?1049h",
    b"6n",
    b"\x1b7",
    b"\x1b8",
    b"\x1bc",
    b";5r",
    b"\x07",
    b"\xe6\xbc",
    guided=True,
)
def session_output(data: bytes) -> None:
    screen = Screen(30, 80)
    view, once = Adaptive(screen, "session", "x"), Filter(Screen(screen.rows, 80))
    pieces = Filter(screen)
    whole = once.feed(data) + once.end()
    safe = [pieces.feed(data[place : place + 7]) for place in range(0, len(data), 7)] + [pieces.end()]
    assert "".join(safe) == whole
    tokens(whole)
    for piece in safe:
        view.passing(piece)
        assert "\x1b" not in Plain(observed=False).passing(piece)


@target(b"top", b"../", b"ustar\x0000", b"5", b"2", b"x", b"L", b"path=", b"GNU.sparse.")
def copied_archive(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        place = Path(folder) / "place"
        place.mkdir()
        with suppress(FumehoodError):
            unpack(io.BytesIO(data), place, "got")
        assert [path.name for path in Path(folder).iterdir()] == ["place"]
        assert {path.name for path in place.iterdir()} <= {"got"}
