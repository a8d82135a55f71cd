"""The last part of the terminal summary: files, processes and what the sandbox used."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from analyzer.model.event import PACKAGES
from analyzer.render.selection import walk
from analyzer.render.terminal.layout import DIM, bounded, heading, paragraph, words
from analyzer.render.text import safe_text
from analyzer.render.units import bytes_text, plural, seconds_text
from analyzer.render.wording import moment, place

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.model.report import FileChange, Files, ProcessNode, Usage

ROWS = 8
"""Lines of one kind; the JSON and HTML reports have more."""

_PROGRAMS = 8
_SMALL = 10
"""Processes of a tree that is shown whole."""

_DEEPEST = 6
_WORDS = 20

_Row = tuple[str, str]


def files_left(files: Files) -> list[RenderableType]:
    """What is different in the tree afterwards; nothing where nothing is."""
    rows: list[RenderableType] = []
    for verb, changes in (
        ("created", files.created),
        ("modified", files.modified),
        ("deleted", files.deleted),
        ("renamed", files.renamed),
    ):
        rows += bounded(_counted([(verb, _change(change)) for change in changes]), ROWS, f"{verb} files")
    return [heading("Files left"), *rows] if rows else []


def processes_seen(processes: list[ProcessNode]) -> list[RenderableType]:
    """How many processes there were, how many of them are the package's, and what these ran."""
    nodes = list(walk(processes))
    if not nodes:
        return []
    own = [node for node in nodes if node.attribution in PACKAGES]
    text = f"{plural(len(nodes), 'process', 'processes')}, {len(own):,} of them by the package or what it needs"
    programs = Counter(words(node.program) for node in own).most_common()
    if programs:
        text += ": " + ", ".join(f"{name} ({count:,})" if count > 1 else name for name, count in programs[:_PROGRAMS])
    if len(programs) > _PROGRAMS:
        text += f", … and {len(programs) - _PROGRAMS:,} more programs"
    return [heading("Processes"), paragraph(2, text), *_small_tree(processes)]


def _small_tree(processes: list[ProcessNode]) -> list[RenderableType]:
    """The processes that started others, with these, where they are few."""
    roots = [node for node in processes if node.children]
    if not 0 < sum(1 for _ in walk(roots)) <= _SMALL:
        return []
    lines: list[RenderableType] = []
    rest = [(0, node) for node in reversed(roots)]
    while rest:
        depth, node = rest.pop()
        lines.append(paragraph(4 + 2 * min(depth, _DEEPEST), _process(node), "- "))
        rest += [(depth + 1, child) for child in reversed(node.children)]
    return lines


def _process(node: ProcessNode) -> Text:
    """A process in one line: its command, whose it is where not the package's, how long it ran, and how it ended."""
    command = safe_text(" ".join(node.argv[:_WORDS]) or node.program, 100)
    parts = [str(node.pid), moment(node.phase, node.during)]
    parts += [node.attribution] if node.attribution != "package" else []
    parts += [seconds_text(node.duration_seconds)] if node.duration_seconds is not None else []
    parts += [f"exit {words(node.exit)}"] if node.exit not in {"", "0"} else []
    return Text.assemble(command, (f" ({', '.join(parts)})", DIM))


def usage_seen(usage: Usage | None) -> list[RenderableType]:
    """What the host saw the sandbox use."""
    if usage is None:
        return []
    text = f"{bytes_text(usage.peak_memory_bytes)} of memory at the peak, {usage.cpu_seconds:.1f} CPU seconds, "
    text += f"at most {plural(usage.max_processes, 'process', 'processes')} at a time"
    return [heading("Usage"), paragraph(2, text)]


def _change(change: FileChange) -> str:
    """A path, and by which line of code or which process, as far as that is known."""
    path = safe_text(change.path, 160) + ("/" if change.type == "directory" else "")
    target = f" to {safe_text(change.target, 160)}" if change.target else ""
    by = safe_text(f"{change.process} {change.pid}", 40) if change.pid else ""
    by = place(change.location) or by
    return path + target + (f" ({by})" if by else "")


def _counted(rows: list[_Row]) -> list[_Row]:
    return [
        (label, f"{text} ({count:,} times)" if count > 1 else text) for (label, text), count in Counter(rows).items()
    ]
