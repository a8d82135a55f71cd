"""What each phase left in the writable tree as events, each with its author and, where that was seen, the process that did it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from analyzer.model.event import PACKAGES, Attribution, Event, FileTree, Phase, Source
from analyzer.trace.authors.installed import Installed
from analyzer.trace.timeline import Timeline, of_phase
from analyzer.trace.tree import trees
from analyzer.trace.tree.bytecode import is_cached

_TEMPORARY = "/tmp/"  # noqa: S108 the sandbox's own
_INSTALLERS_OWN = ("/.cache/uv/", "/.cache/pip/")


def add_trees(
    timeline: Timeline, ends: dict[Phase, float], lines: dict[str, Iterable[str]], installed: Installed
) -> None:
    """Adds what each phase left in the writable tree. `ends` gives the time at which each phase was over."""
    timeline.makers.add(timeline.events)
    before, broken = _tree(timeline, "before", lines["before"])
    for phase, end in ends.items():
        if phase not in lines:
            continue
        after, more = _tree(timeline, phase, lines[phase])
        broken += more
        traced = timeline.makers.any_in(phase)
        for change in trees.compare(before, after):
            owner = installed.owner(change.path)
            owned = replace(change, distribution=owner, own=installed.is_target(owner))
            source = Source(f"trees/{phase}.jsonl", after[change.path].line if change.path in after else 0)
            maker = timeline.makers.of(phase, change)
            author = _tree_author(owned, phase, installed, maker, after, traced=traced)
            event = replace(of_phase(phase, end, "filesystem", owned, source), attribution=author)
            timeline.events.append(_by(event, maker) if maker is not None else event)
        before = after
    if broken:
        timeline.dropped += broken
        timeline.reasons.append(f"{broken} lines of the file tree could not be read")


def _tree(timeline: Timeline, name: str, lines: Iterable[str]) -> tuple[trees.Tree, int]:
    """A tree and how many of its lines could not be read, entered into the account."""
    tree, broken = trees.read(lines)
    timeline.accounts.add("filesystem", len(tree) + broken, broken)
    timeline.accounts.trees[name] = len(tree), sum(entry.size for entry in tree.values() if entry.type == "file")
    return tree, broken


def _by(event: Event, maker: Event) -> Event:
    """A change of the tree with the process that made it. It still belongs to the phase, not to that process's command."""
    return replace(event, pid=maker.pid, process=maker.process, location=maker.location)


def _tree_author(
    change: FileTree, phase: Phase, installed: Installed, maker: Event | None, after: trees.Tree, *, traced: bool
) -> Attribution:
    if is_cached(change.path, after):
        return "interpreter"
    if change.distribution:
        return "package" if installed.is_target(change.distribution) else "dependency"
    if phase != "install":
        return maker.attribution if maker is not None and maker.attribution in PACKAGES else "package"
    if maker is not None:
        return maker.attribution
    # Where only the installer ran, files are not traced: then what lies in its own places is its own.
    places = _INSTALLERS_OWN if traced else (*_INSTALLERS_OWN, "/.venv/")
    own = any(place in change.path for place in places) or change.path.startswith(_TEMPORARY)
    return "installer" if own else "package"
