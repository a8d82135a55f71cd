"""What comes over the walls of a sandbox while it runs, and what is searched in it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hood.messages import Calls, Imports
from interpreter.text import _quote, _text
from searcher.bounds import Bounds
from searcher.messages import collect

from analyzer.errors import SandboxError
from analyzer.render.text import is_visible, safe_text
from analyzer.sandbox.kernel.breakpoints import cheapest
from analyzer.sandbox.kernel.symbols import function_offsets
from analyzer.sandbox.tools import parse_version
from tests.fuzz.target import target
from tests.unit.searcher.hunts import TOKEN, hunt

MESSAGE = (
    b'{"begin":"a"}\n',
    b'{"end":"a","error":""}\n',
    b'{"begin":"a:f"}\n',
    b'{"skip":"a:f","why":"x"}\n',
    b'{"done":true}\n',
    b'"found":',
    b"[" * 3000,
    b"\n",
    b"NaN",
    b"9" * 5000,
)


@target(*MESSAGE)
def driver_messages(data: bytes) -> None:
    for taken in (Imports(["a", "b"]), Calls(["a", "b"])):
        for at in range(0, len(data), 997):
            taken.feed(data[at : at + 997])
        if isinstance(taken, Calls):
            taken.ended()
            assert set(taken.left) <= {"a", "b"}


@target(b"\x7fELF\x02\x01\x01", b"\x40\0", b"\x0b\0\0\0", b"\x02\0\0\0", b"\xff" * 8, b"clock_gettime\0")
def library(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "libc"
        path.write_bytes(data)
        with suppress(SandboxError):
            function_offsets(path, ["clock_gettime", "time"])
    if data:
        cheapest(data[:64], "x86_64")
        cheapest(data[:64], "aarch64")


@target(
    b"\x1b[2J",
    b"\x1b]8;;https://a.example\x1b\\",
    b"\xe2\x80\xae",
    b"\xcc\x81",
    b"\xf3\xa0\x81\x81",
    b"\xe2\x80\xa8",
    b"\xc2\x9b",
    b"\xff",
    b"\xef\xbb\xbf",
)
def shown_text(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for limit in (0, 1, 40):
        assert all(map(is_visible, safe_text(text, limit)))
    _quote(_text(text), 100)
    _text(data)
    parse_version(text)


@target(
    TOKEN.value, b"H4sIA", b"\x1f\x8b\x08\0\0\0\0\0\0\3", b"BZh91AY&SY", b"\xfd7zXZ\0", b"PK\3\4", b"ustar\0", b"%41", b"\\u0041", b"&#65;", b"QUJD", b"41", b"=3D",
)  # fmt: skip
def what_was_sent(data: bytes) -> None:
    hunt(data, Bounds(seconds=3.0, piece_seconds=3.0))
    hunt(data[: len(data) // 2], Bounds(seconds=1.0, piece_seconds=1.0), folded=True)


@target(
    b'{"kind":"http","time":1.0,"client":["a",1],"server":["b",2],"path":"/"}\n',
    b"\0FILE\0",
    b'{"stream": 1, "part": "body", "size": 10}\n',
    b"NaN",
    b"Infinity",
    b"1e999",
    b"null",
    b"9" * 400,
    b'"size": -1',
)
def what_was_sent_of_all(data: bytes) -> None:
    """The logs that the searcher reads."""
    with TemporaryDirectory() as folder:
        for name, content in zip(
            ("exchanges.jsonl", "packets.jsonl", "sent.bin"), data.split(b"\0FILE\0"), strict=False
        ):
            (Path(folder) / name).write_bytes(content)
        collect(Path(folder), Bounds(), lambda said: None)
