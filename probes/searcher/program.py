"""The search of one folder, from its files to `secrets.jsonl`."""

from __future__ import annotations

import resource
from pathlib import Path

from searcher.bounds import Bounds, Clock
from searcher.host import Host
from searcher.hunting import Hunter
from searcher.messages import collect
from searcher.output import Output
from searcher.search import Search
from searcher.values import read


def run(folder: str | Path, bounds: Bounds | None = None) -> None:
    """Search one run. Raises OSError, ValueError and MemoryError where it cannot be done."""
    bounds, folder = bounds or Bounds(), Path(folder)
    resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
    with (folder / "secrets.jsonl").open("w", encoding="ascii") as out:
        output = Output(out)
        output.begin()
        secrets, facts = read(folder / "secrets.json")
        messages = [one for one in collect(folder, bounds, output.limit) if one.data] if secrets or facts else []
        clock = Clock(bounds)
        search = Search(Hunter(secrets, Host(facts), bounds, clock, output.note), bounds, clock, output.limit)
        found = search.run(messages)
        for place, part, hit in found[: bounds.found]:
            output.found(place, part, hit)
        if len(found) > bounds.found:
            output.limit(f"{len(found)} hits were found: the first {bounds.found} are told")
        output.end(search.pieces, search.bytes)
