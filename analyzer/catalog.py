"""What data files of named entries have in common: entries found by their ids, each in the file of its category."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """An entry with an id, such as steal.ssh-key.read, of which the first word is its category."""

    @property
    def id(self) -> str:
        """The id."""
        ...

    @property
    def category(self) -> str:
        """The first word of the id."""
        ...


N = TypeVar("N", bound=Named)


class Catalog(Generic[N]):
    """Entries by id, in the order of their categories and files."""

    def __init__(self, entries: Iterable[N]) -> None:
        self._entries = {entry.id: entry for entry in entries}

    def __iter__(self) -> Iterator[N]:
        return iter(self._entries.values())

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._entries

    def __getitem__(self, identifier: str) -> N:
        return self._entries[identifier]

    def __len__(self) -> int:
        return len(self._entries)


def check_category(category: str, entries: Iterable[Named]) -> None:
    """Raises ValueError for an entry that belongs to another category's file, and for one that is there twice."""
    known = set[str]()
    for entry in entries:
        if entry.category != category:
            raise ValueError(f"{entry.id} does not belong to category {category}")
        if entry.id in known:
            raise ValueError(f"{entry.id} is there twice")
        known.add(entry.id)
