"""Which file of a package a scanner's path means: scanners run on unpacked archives, checkouts and installed packages alike."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

_SCHEME: Final = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.\-]+:(?://[^/]*)?")
_DRIVE: Final = re.compile(r"^[a-zA-Z]:(?=/|$)")
_MAX_PARTS: Final = 200


def from_uri(uri: str) -> str:
    """The path of a URI reference: without scheme, host, query and fragment, percent-decoded.

    >>> from_uri("file:///x/pkg%20one/a.py#L3")
    '/x/pkg one/a.py'
    """
    bare = _SCHEME.sub("", uri).partition("#")[0].partition("?")[0]
    return unquote(bare, errors="surrogateescape").encode("utf-8", "backslashreplace").decode("utf-8")


def parts(path: str) -> tuple[str, ...]:
    r"""A path's names, without empty ones and ".", with ".." taken back; both kinds of slashes part names.

    >>> parts("./x/../pkg//a.py"), parts("C:\\src\\a.py")
    (('pkg', 'a.py'), ('src', 'a.py'))
    """
    found: list[str] = []
    for part in _DRIVE.sub("", path.replace("\\", "/")).split("/")[-_MAX_PARTS:]:
        if part == "..":
            found = found[:-1]
        elif part not in ("", "."):
            found.append(part)
    return tuple(found)


class FileIndex:
    """The files of a package, to be found by paths that scanners wrote."""

    def __init__(self, files: Iterable[str]) -> None:
        self._files: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for file in files:
            own = parts(file)
            if own:
                self._files[own[-1]].append((own, file))

    def find(self, path: str) -> str:
        """The file whose own path is the longest ending of `path`, else the only one that `path` is an ending of; "" for none."""
        wanted = parts(path)
        found = self._files.get(wanted[-1], []) if wanted else []
        endings = [(own, file) for own, file in found if wanted[-len(own) :] == own]
        if endings:
            return max(endings, key=lambda one: len(one[0]))[1]
        longer = [file for own, file in found if own[-len(wanted) :] == wanted]
        return longer[0] if len(longer) == 1 else ""


def best_match(path: str, files: Iterable[str]) -> str:
    """`FileIndex.find` for a single path.

    >>> best_match("/tmp/x/pkg-1.0/src/pkg/a.py", ["a.py", "pkg/a.py", "pkg/b.py"])
    'pkg/a.py'
    """
    return FileIndex(files).find(path)
