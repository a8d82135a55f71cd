"""What `fumehood vet` is given: targets, lists and environments become tasks, each package one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from analyzer.acquire.lists import Listing, is_lock_name, read_environment, read_lock, read_requirements
from analyzer.acquire.lists.entry import Spot, Wanted
from analyzer.cli.diff import is_saved
from analyzer.errors import UsageError
from analyzer.model.vetting import Anchor, Vetted
from analyzer.pipeline.vetting import refused
from analyzer.pipeline.worker import Task


@dataclass(slots=True)
class Inputs:
    """All that is to be vetted.

    `places` and `anchors` are those of each task, `refused` what is not analysed, `constraints` those of each list.
    """

    tasks: list[Task] = field(default_factory=list)
    places: dict[int, list[str]] = field(default_factory=dict)
    anchors: dict[int, list[Anchor]] = field(default_factory=dict)
    refused: list[Vetted] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    constraints: list[tuple[str, ...]] = field(default_factory=list)
    _known: dict[object, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Packages, whether they can be analysed or not."""
        return len(self.tasks) + len(self.refused)

    def add_target(self, target: str) -> None:
        """A target, a report, a record or a lock file of the command line."""
        if is_lock_name(target):
            self.add_list(read_lock(Path(target)))
        elif is_saved(target):
            self._add(Wanted(target, ""), saved=True)
        else:
            self._add(Wanted(target, ""))

    def add_list(self, listing: Listing) -> None:
        """What a list gave."""
        self.constraints.append(tuple(dict.fromkeys(listing.constraints)))
        for wanted in listing.wanted:
            self._add(wanted, listing=len(self.constraints) - 1)
        told = refused(((one.place, one.why) for one in listing.refused), -1 - len(self.refused))
        self.refused += [
            replace(vetted, anchors=_anchors(one.spot)) for vetted, one in zip(told, listing.refused, strict=True)
        ]
        self.notes += listing.notes

    def _add(self, wanted: Wanted, *, listing: int | None = None, saved: bool = False) -> None:
        number = self._known.setdefault((wanted.identity, saved), len(self.tasks))
        if number == len(self.tasks):
            self.tasks.append(
                Task(
                    number=number,
                    target=wanted.target,
                    place=wanted.place,
                    marker=wanted.marker,
                    digests=wanted.digests,
                    groups=wanted.groups,
                    listing=listing,
                    saved=saved,
                )
            )
        places = self.places.setdefault(number, [])
        if wanted.place and wanted.place not in places:
            places.append(wanted.place)
        anchors = self.anchors.setdefault(number, [])
        anchors.extend(one for one in _anchors(wanted.spot) if one not in anchors)


def read_inputs(targets: Iterable[str], lists: Iterable[Path], environments: Iterable[Path]) -> Inputs:
    """All of the command line.

    Raises:
        UsageError: A list or an environment cannot be read, or there is nothing to vet.
    """
    found = Inputs()
    for target in targets:
        found.add_target(target)
    for path in lists:
        found.add_list(read_lock(path) if is_lock_name(str(path)) else read_requirements(path))
    for path in environments:
        found.add_list(read_environment(path))
    if not found.count:
        raise UsageError("there is nothing to vet: name a TARGET, a list (-r requirements.txt) or an --environment")
    return found


def _anchors(spot: Spot | None) -> tuple[Anchor, ...]:
    """A line of a list, for tools that show findings in the files of a project; nothing where there is none."""
    if spot is None or not spot.file:
        return ()
    path = os.path.relpath(spot.file)
    return (Anchor(file=Path(spot.file).name if path.startswith("..") else Path(path).as_posix(), line=spot.line),)
