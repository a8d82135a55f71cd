"""The whole search of one run: single messages, small ones first, then what several of them come to together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from searcher.bounds import Bounds, Clock
from searcher.host import ENOUGH
from searcher.hunting import Findings, Hit, Hunter
from searcher.joining import Joined, group_of, join
from searcher.messages import Address, Message, Place
from searcher.values import Secret

Found = tuple[Place, str, Hit]
_Group = tuple[str, str]

_REMEMBERED: Final = 20_000
_SHORT: Final = 65_536
_FOLDED: Final = frozenset({"name", "header"})
"""Parts in which a program may write names in lower case."""


class Search:
    """Takes messages, and gives what was found in them."""

    def __init__(self, hunter: Hunter, bounds: Bounds, clock: Clock, say: Callable[[str], None]) -> None:
        self._hunter = hunter
        self._bounds = bounds
        self._clock = clock
        self._say = say
        self._known: dict[bytes, Findings] = {}
        self._hits: dict[tuple[Secret, _Group, str, int], Found] = {}
        self._sent: set[tuple[Secret, tuple[Address, Address]]] = set()
        self._best: dict[tuple[Secret, _Group], int] = {}
        self._facts: dict[tuple[str, int], dict[str, Found]] = defaultdict(dict)
        self.pieces = 0
        self.bytes = 0

    def run(self, messages: list[Message]) -> list[Found]:
        """The hits in order of time."""
        for message in sorted(messages, key=lambda one: (one.is_spare, len(one.data))):
            if not self._go_on():
                break
            self._message(message)
        for joined in join(one for one in messages if not one.is_spare):
            if not self._go_on():
                break
            self._joined(joined)
        found = [*self._hits.values(), *self._named()]
        return sorted(found, key=lambda one: one[0].time)

    def _go_on(self) -> bool:
        if self._clock.over:
            self._say(
                f"the search of what was sent took more than {self._bounds.seconds:g} seconds: not all was searched"
            )
        return not self._clock.over

    def _look(self, data: bytes, part: str) -> Findings:
        self.pieces += 1
        self.bytes += len(data)
        known = self._known.get(data)
        if known is None:
            known = self._hunter.search(data, folded=part in _FOLDED)
            if len(data) <= _SHORT and len(self._known) < _REMEMBERED:
                self._known[data] = known
        return known

    def _message(self, message: Message) -> None:
        if not message.data:
            return
        findings, place, group = self._look(message.data, message.part), message.place, group_of(message)
        for hit in findings.hits.values():
            if message.is_spare and (hit.secret, place.ends) in self._sent:
                continue
            self._sent.add((hit.secret, place.ends))
            self._hits[hit.secret, group, place.file, place.line] = (message.place_of(hit), message.part, hit)
            self._best[hit.secret, group] = max(self._best.get((hit.secret, group), 0), hit.share)
        for name, encodings in () if message.is_spare else findings.facts.items():
            fact = Hit(Secret(name, "", b""), 100, encodings, message.data[:_SHORT])
            self._facts[place.file, place.line].setdefault(name, (place, message.part, fact))

    def _joined(self, joined: Joined) -> None:
        for hit in self._look(joined.data, joined.part).hits.values():
            if hit.share <= self._best.get((hit.secret, joined.group), 0):
                continue
            self._best[hit.secret, joined.group] = hit.share
            whole = replace(hit, encodings=("split", *hit.encodings))
            for key in [key for key in self._hits if key[:2] == (hit.secret, joined.group)]:
                del self._hits[key]  # the single messages' parts of it
            self._hits[hit.secret, joined.group, "", 0] = (joined.place, joined.part, whole)

    def _named(self) -> list[Found]:
        """Facts of the machine, where one message has enough of them."""
        found = []
        for facts in self._facts.values():
            if len(facts) >= ENOUGH:
                place, part, hit = next(iter(facts.values()))
                secret = Secret(", ".join(sorted(facts)), "", b"")
                found.append((place, part, replace(hit, secret=secret, excerpt=hit.excerpt[:200])))
        return found
