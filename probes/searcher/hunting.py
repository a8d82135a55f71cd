"""One piece of what was sent, unwrapped in every way that fits it, and searched at each step."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from searcher.bounds import Bounds, Clock
from searcher.disguised import disguises, is_packed, is_text, keys
from searcher.host import Host
from searcher.packed import raw_deflate, unpack
from searcher.textual import REWRITINGS, RUNS
from searcher.values import Match, Secret, Values, differences

_AROUND: Final = 48
_HEAD: Final = 4096
_SMALL: Final = 1 << 18
"""Bytes up to which a piece is turned around and the like, which could be done to anything."""

_REWRITTEN: Final = 3
_REWRITTEN_BY: Final = frozenset({"url", "escapes", "html", "quoted-printable"})
_GUESSED: Final = frozenset({"base64", "base32", "hex", "deflate"})
"""Encodings that much of what is not so encoded can be decoded by: what they give has to look like something."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A value in a piece, with what it was wrapped in (outermost first), the bytes around it, and where in the piece it ends.

    The end is 0 where it was wrapped in something.
    """

    secret: Secret
    share: int
    encodings: tuple[str, ...]
    excerpt: bytes
    end: int = 0


@dataclass(slots=True)
class Findings:
    """What one piece holds: the best hit of each value, and the facts of the machine that it names."""

    hits: dict[Secret, Hit] = field(default_factory=dict)
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, hit: Hit) -> None:
        """Keep a hit if it is the first of its value, or shows more of it."""
        known = self.hits.get(hit.secret)
        if known is None or hit.share > known.share:
            self.hits[hit.secret] = hit


@dataclass(frozen=True, slots=True)
class _Layer:
    data: bytes
    encodings: tuple[str, ...]

    @property
    def rewritten(self) -> int:
        """How many kinds of escapes in a row were taken out of the whole of it: each way to combine them gives other bytes."""
        steps, before = 0, ""
        for name in reversed(self.encodings):
            if name not in _REWRITTEN_BY:
                break
            steps += name != before
            before = name
        return steps

    @property
    def disguises(self) -> set[str]:
        """The disguises that were taken off; each is, once."""
        return {name.split()[0] for name in self.encodings}


class Hunter:
    """Searches pieces for values. `say` is told, once each, what was not looked at."""

    def __init__(
        self, secrets: list[Secret], host: Host, bounds: Bounds, clock: Clock, say: Callable[[str], None]
    ) -> None:
        self._plain = Values(secrets)
        self._lower = Values(secrets, bytes.lower)
        self._disguised = Values(secrets, differences)
        self._host = host
        self._bounds = bounds
        self._clock = clock
        self._say = say

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._plain or self._host)

    def search(self, data: bytes, *, folded: bool = False) -> Findings:
        """What a piece holds; `folded` where its letters may have lost their case."""
        findings = Findings()
        self._clock.piece()
        seen: set[int] = set()
        waiting = deque([_Layer(data, ())])
        decoded = tries = 0
        while waiting:
            layer = waiting.popleft()
            mark = hash(layer.data)
            if mark in seen:
                continue
            seen.add(mark)
            self._look(layer, findings, folded=folded)
            if len(layer.encodings) >= self._bounds.depth:
                continue
            for name, content in self._unwrapped(layer):
                tries += 1
                decoded += len(content)
                if self._spent(tries, decoded):
                    return findings
                waiting.append(_Layer(content, (*layer.encodings, name)))
        return findings

    def _spent(self, tries: int, decoded: int) -> bool:
        if self._clock.piece_over:
            self._say("some of what was sent took too long to decode: encodings inside it were not searched")
        elif tries > self._bounds.tries or decoded > self._bounds.decoded_of_piece:
            self._say("some of what was sent can be decoded in too many ways: not all of them were searched")
        else:
            return False
        return True

    def _look(self, layer: _Layer, findings: Findings, *, folded: bool) -> None:
        data, encodings, closely = layer.data, layer.encodings, self._bounds.closely
        if len(data) > closely:
            self._say(f"parts of values were looked for in the first {closely >> 20} MiB only of larger pieces")
        found = self._plain.search(data, closely)
        self._keep(found, layer, findings)
        if not found and not is_text(data) and len(data) <= closely:
            self._keep(self._disguised.search(data, closely), _Layer(data, (*encodings, "xor")), findings)
        if not found and folded:
            self._keep(self._lower.search(data, closely), _Layer(data, (*encodings, "lower case")), findings)
        for name in self._host.named(data):
            findings.facts.setdefault(name, encodings)

    def _keep(self, matches: list[Match], layer: _Layer, findings: Findings) -> None:
        for match in matches:
            begin = max(match.start - _AROUND, 0)
            excerpt = layer.data[begin : match.start + min(match.size, _AROUND) + _AROUND]
            end = 0 if layer.encodings else match.start + match.size
            findings.add(Hit(match.secret, match.share, layer.encodings, excerpt, end))

    def _unwrapped(self, layer: _Layer) -> Iterator[tuple[str, bytes]]:
        data, most = layer.data, self._bounds.decoded
        for name, content, cut in unpack(data, most):
            if cut:
                self._say(f"packed data was unpacked up to {most >> 20} MiB only")
            yield name, content
        for coding in RUNS if not is_text(data) or layer.rewritten >= _REWRITTEN else (*REWRITINGS, *RUNS):
            for name, content in coding(data[:most]):
                if name not in _GUESSED or self._is_something(content):
                    yield name, content
        if len(data) <= _SMALL:
            if not is_text(data):
                yield from ((name, content) for name, content, _ in raw_deflate(data, most))
            yield from ((name, content) for name, content in disguises(data) if name.split()[0] not in layer.disguises)

    def _is_something(self, data: bytes) -> bool:
        """Whether decoded bytes are more than noise: text, a known kind, a disguise of these, or a value itself."""
        head = data[:_HEAD]
        return (
            is_text(head)
            or is_packed(head)
            or is_packed(data[: -_HEAD - 1 : -1])
            or head.count(0) * 3 >= len(head)
            or bool(keys(head))
            or is_text(head[: len(head) // 2])
            or _is_deflated(head)
            or bool(self._plain.search(head, len(head)) or self._disguised.search(head, len(head)))
        )


def _is_deflated(head: bytes) -> bool:
    """Whether some bytes can be the beginning of raw deflate that gives text."""
    unpacker = zlib.decompressobj(-15)
    try:
        content = unpacker.decompress(head, _HEAD)
    except zlib.error:
        return False
    return unpacker.eof or len(content) == _HEAD or is_text(content or b"\0")
