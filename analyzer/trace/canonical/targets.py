"""What an act was upon, in one short text that is the same wherever and whenever the same is done.

An event's target is made of its own fields, by its kind, so that the wording of rules may change, and so that independent witnesses of
one act (a call, a packet, the tree) name one target. Sizes, first bytes, numbers of processes and errors are not in it.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from analyzer.model.event import Event, NetworkDns, ProcessSleep
from analyzer.trace.canonical.acts import told
from analyzer.trace.canonical.lasting import Lasting, bounded
from analyzer.trace.canonical.temporary import Temporary

MAX_TARGET: Final = 500
"""Characters; what is longer ends in a digest of the rest."""

_MAX_NAMES: Final = 20_000


class Targets:
    """The targets of one run's events.

    `counted` are the rules that count events, by their names in reports, with the fields that the counted ones have in common.
    """

    def __init__(self, events: Iterable[Event], lasting: Lasting, counted: Mapping[str, tuple[str, ...]]) -> None:
        self._lasting = lasting
        self._counted = counted
        self._hosts = _Hosts()
        self._temporary = Temporary()
        for event in events:
            self.learn(event)

    def use(self, lasting: Lasting) -> None:
        """Takes another one from now on: more became known of the package."""
        self._lasting = lasting

    def of(self, event: Event, before: Iterable[Event] = (), rule: str = "") -> str:
        """The target of an act, or of all that led to it, from the first one on. Never empty."""
        if rule in self._counted:
            return bounded(self._of_many(event, self._counted[rule]), MAX_TARGET)
        events = [*before, event]
        # How long a pause between two acts was is measured, and differs.
        acts = [one for one in events if one.kind != ProcessSleep.kind] or events
        parts = dict.fromkeys(map(self._of_one, acts))
        return bounded(" → ".join(parts), MAX_TARGET)

    def learn(self, event: Event) -> None:
        """Takes one more event of the run."""
        detail = event.detail
        if isinstance(detail, NetworkDns) and detail.type in {"A", "AAAA"}:
            self._hosts.add(detail.answers, event.time, detail.name.rstrip(".").lower())
        self._temporary.learn(event)

    def _text(self, text: str, time: float) -> str:
        return self._lasting(self._temporary.without(text), time)

    def _of_one(self, event: Event) -> str:
        what = told(event, lambda address, port: self._hosts.place(address, port, event.time))
        return self._text(what, event.time).strip() or event.kind

    def _of_many(self, event: Event, same: tuple[str, ...]) -> str:
        """What all that was counted has in common, since which one of them comes last is chance."""
        detail: Any = event.detail
        if not same:
            path, name = getattr(detail, "path", ""), getattr(detail, "name", "")
            common = f"{posixpath.dirname(path)}/*" if path else f"*.{name.partition('.')[2]}" if "." in name else ""
            return self._text(common, event.time) if common else self._of_one(event)
        if "url" in same:
            return self._of_one(event)
        values = [str(getattr(detail, name)) for name in same]
        if "address" in same and "port" not in same:
            values = [self._hosts.name(detail.address, event.time)]
        return self._text(" ".join(values), event.time)


class _Hosts:
    """The names by which the package asked for addresses. The simulated internet's addresses mean nothing by themselves."""

    def __init__(self) -> None:
        self._names: dict[str, list[tuple[float, str]]] = defaultdict(list)

    def add(self, answers: Iterable[str], time: float, name: str) -> None:
        """Remembers what a name was answered with."""
        for answer in answers:
            known = self._names[answer] if len(self._names) < _MAX_NAMES else self._names.get(answer, [])
            if not known or known[-1][1] != name:
                known.append((time, name))

    def name(self, address: str, time: float) -> str:
        """The name that an address was the answer to, last before a time; else the address."""
        known = self._names.get(address)
        if not known:
            return address
        place = bisect_right(known, time, key=lambda one: one[0])
        return known[max(place - 1, 0)][1]

    def place(self, address: str, port: int, time: float) -> str:
        """Host and port, as URLs have them; a local socket's path as it is."""
        name = self.name(address, time)
        if not port or name.startswith("/"):
            return name
        return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
