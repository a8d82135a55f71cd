"""What a renderer is, which ones there are, and how their output reaches a file."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from analyzer.errors import UsageError
from analyzer.kept import create_beside, replacing, sweep
from analyzer.render.json import render_json
from analyzer.render.later import later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from analyzer.model.report import Report


@dataclass(frozen=True, slots=True)
class Renderer:
    """One output format: its name on the command line, the suffix of its files, and a pure function of a report."""

    format: str
    suffix: str
    render: Callable[[Report], bytes | str]


RENDERERS: dict[str, Renderer] = {
    renderer.format: renderer
    for renderer in (
        Renderer("json", ".json", render_json),
        Renderer("html", ".html", later("html.page", "render_html")),
        Renderer("attack-layer", ".json", later("vocabularies", "render_layer")),
        Renderer("mbc", ".json", later("vocabularies", "render_mbc")),
        Renderer("sarif", ".sarif", later("sarif.report", "render_sarif")),
        Renderer("markdown", ".md", later("markdown.report", "render_markdown")),
        Renderer("cyclonedx", ".cdx.json", later("cyclonedx.report", "render_cyclonedx")),
        Renderer("package-analysis", ".json", later("package_analysis", "render_package_analysis")),
    )
}
"""Every format that is made from a report alone, by its name."""

_ADVICE = "name a file in a directory that you may write to"


def find_renderer(name: str) -> Renderer:
    """The renderer of a format.

    Raises:
        UsageError: There is no such format; the message lists those that there are.
    """
    renderer = RENDERERS.get(name)
    if renderer is None:
        raise UsageError(f"unknown report format {name!r}; known formats are {', '.join(sorted(RENDERERS))}")
    return renderer


def obstacle(path: Path) -> str:
    """Why nothing can be written to a path, with what to do about it; "" where nothing seems to be in the way.

    A new file is really made beside the path for a moment: permissions alone do not tell of read-only or virtual file
    systems, and root has them all.
    """
    try:
        if path.is_dir():
            return "it is a folder; name a file in it"
        if not path.parent.is_dir():
            return f"the folder {path.parent} does not exist; make it first"
        if path.exists() and not path.is_file():
            return "" if os.access(path, os.W_OK) else "it cannot be written; name another path"
        place = Path(os.path.realpath(path))
        sweep(place.parent)
        temporary, descriptor = create_beside(place)
    except OSError as error:
        return f"it cannot be written ({error.strerror or error}); {_ADVICE}"
    os.close(descriptor)
    temporary.unlink()
    return ""


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing so that a reader sees the old content or, once the block is left, all of the new one.

    The file gets the mode that the umask gives. A symbolic link stays and its target is replaced; a pipe or a device,
    such as /dev/stdout, is written to as it is. When the block raises, the old content stays.

    Raises:
        UsageError: The path cannot be written.
    """
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            with path.open("wb") as stream:
                yield stream
        else:
            with replacing(Path(os.path.realpath(path)), durable=True) as stream:
                yield stream
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror or error}; {_ADVICE}") from error
