"""The recording is what the format's documentation says, and plays back to what was shown."""

from __future__ import annotations

import io
import json
from typing import Any

from analyzer.explore.recording import Recording


def read(data: bytes) -> tuple[dict[str, Any], list[tuple[float, str, str]]]:
    """A recording, checked as its documentation describes it."""
    first, *rest = data.decode().splitlines()
    header = json.loads(first)
    assert header["version"] == 2
    for key in ("width", "height"):
        assert isinstance(header[key], int)
        assert header[key] > 0
    assert isinstance(header.get("timestamp", 0), int)
    assert isinstance(header.get("title", ""), str)
    before, events = 0.0, []
    for line in rest:
        moment, code, text = json.loads(line)
        assert isinstance(moment, int | float)
        assert moment >= before
        assert code in {"o", "i", "m", "r"}
        assert isinstance(text, str)
        if code == "r":
            columns, rows = text.split("x")
            assert int(columns) > 0
            assert int(rows) > 0
        before = moment
        events.append((moment, code, text))
    return header, events


def make(*, keys: bool = False, most: int = 10_000) -> tuple[io.BytesIO, Recording]:
    stream = io.BytesIO()
    ticks = iter(range(1000))
    recording = Recording(stream, keys=keys, clock=lambda: float(next(ticks)), most=most)
    recording.begin(24, 80, "six")
    return stream, recording


def test_a_recording_plays_back() -> None:
    stream, recording = make(keys=True)
    recording.shown("$ \x1b[1mé漢\x1b[0m\r\n")
    recording.typed("ä".encode()[:1])
    recording.typed("ä".encode()[1:])
    recording.resized(30, 100)
    recording.marked("12:00:00 low Something")
    header, events = read(stream.getvalue())
    assert (header["width"], header["height"], header["title"]) == (80, 24, "six")
    assert [(code, text) for _, code, text in events] == [
        ("o", "$ \x1b[1mé漢\x1b[0m\r\n"), ("i", "ä"), ("r", "100x30"), ("m", "12:00:00 low Something"),
    ]  # fmt: skip


def test_what_is_typed_is_not_kept_unless_asked_for() -> None:
    stream, recording = make()
    recording.typed(b"secret")
    recording.shown("")
    assert read(stream.getvalue())[1] == []


def test_a_recording_is_bounded_and_says_so() -> None:
    stream, recording = make(most=500)
    for _ in range(100):
        recording.shown("x" * 50)
    assert len(stream.getvalue()) < 700
    assert read(stream.getvalue())[1][-1][1:] == ("m", "the recording ends here: it is as large as one may be")


def test_a_full_disk_ends_the_recording_and_not_the_session() -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    recording = Recording(Full())
    recording.begin(24, 80, "six")
    recording.shown("text")
    assert recording.problem == "No space left on device"
