"""Where a path leads: symbolic links, `..` behind them, and the links of /proc, as far as a trace tells them.

A call that gives a descriptor is told by the kernel with the file's own place. All others (unlink, rename, chmod, what failed)
have only the text that was asked for; it is followed here over the links that were there before and those that were seen being made.
What is not known stays as it stands.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

_MOST_LINKS: Final = 40
"""How many links Linux follows in one path (MAXSYMLINKS, include/linux/namei.h)."""

_MOST_KNOWN: Final = 65536
_MOST_REMEMBERED: Final = 8192
_LONGEST: Final = 4096
_MOST_MOVED: Final = 1_000_000
"""How many links may be given new names in all by renaming folders above them."""

_STREAMS: Final = {"stdin": "0", "stdout": "1", "stderr": "2"}
_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_PYTHON: Final = re.compile(r"python[0-9.]*")

_IMAGE: Final = ("/usr/", "/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/", "/etc/", "/opt/", "/srv/")
"""Places of the sandbox that a package cannot write to: a link there is the system's own."""

_FLEETING: Final = ("/proc/", "/dev/", "/sys/", "/run/", "/var/run/")


class Named(NamedTuple):
    """A path as it leads, and as it was asked for where that is another text (else "")."""

    path: str
    asked: str = ""


class Magic(NamedTuple):
    """What the links of /proc lead to, for who asks: its own number, and a question for the link of a process.

    `of` takes the process's number (`self` for the own one) and the words behind it, such as `fd`, `3`; it gives None for what
    is not known.
    """

    own: int
    of: Callable[[str, tuple[str, ...]], str | None]


def _nothing(number: str, words: tuple[str, ...]) -> None:
    del number, words


_NONE: Final = Magic(0, _nothing)


class Links:
    """The symbolic links that are known, by path. `whole` is whether all that a package could have made are."""

    def __init__(self, *, whole: bool = False) -> None:
        self.whole = whole
        self._known: dict[str, str] = {}
        self._above = Counter[str]()
        self._remembered: dict[tuple[str, bool], str] = {}
        self._moved = 0

    def replace(self, links: Iterable[tuple[str, str]], *, whole: bool) -> None:
        """Knows these links and no others, each a path and its text."""
        self._known.clear()
        self._above.clear()
        self._remembered.clear()
        self.whole = whole
        for path, target in links:
            self.add(path, target)

    def add(self, path: str, target: str) -> None:
        """A link was made."""
        self.remove(path)
        if len(self._known) >= _MOST_KNOWN:
            self.whole = False
        elif path.startswith("/") and len(path) <= _LONGEST and 0 < len(target) <= _LONGEST:
            self._known[path] = target
            self._above.update(_above(path))
            self._remembered.clear()

    def remove(self, path: str) -> str | None:
        """What was at a path is gone; gives its text where it was a link."""
        target = self._known.pop(path, None)
        if target is not None:
            self._above.subtract(_above(path))
            self._remembered.clear()
        return target

    def move(self, old: str, new: str, *, exchanged: bool = False) -> None:
        """What was at one path is at another one now, with all that is below it; `exchanged` both ways."""
        if old == new:
            return
        if exchanged:
            between = old + "\0"  # which no path can be
            self.move(old, between)
            self.move(new, old)
            self.move(between, new)
            return
        target = self.remove(old)
        self.remove(new)
        if target is not None:
            self.add(new, target)
        elif self._above.get(old, 0) > 0:
            below = [path for path in self._known if path.startswith(old + "/")]
            self._moved += len(self._known)
            if self._moved > _MOST_MOVED:
                self.replace((), whole=False)
                return
            for path in below:
                self.add(new + path[len(old) :], self.remove(path) or "")

    def copy(self, old: str, new: str) -> None:
        """A second name for what is at a path."""
        target = self._known.get(old)
        if target is not None:
            self.add(new, target)

    def lead(self, path: str, magic: Magic = _NONE, *, follow: bool = True) -> str:
        """Where an absolute path leads; `follow` is whether its last name is followed as well."""
        if path.startswith(("/proc", "/dev/")) or len(path) > _LONGEST:
            return self._walk(path, magic, follow=follow)
        key = path, follow
        found = self._remembered.get(key)
        if found is None:
            found = self._walk(path, magic, follow=follow)
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            if "/proc" not in found and "/dev" not in found and found == tidy(path):
                self._remembered[key] = found
        return found

    def _walk(self, path: str, magic: Magic, *, follow: bool) -> str:
        done: list[str] = []
        left = path.split("/")[::-1]
        followed = 0
        while left:
            name = left.pop()
            if name == "..":
                del done[-1:]
            if name in {"", ".", ".."}:
                continue
            done.append(name)
            if done[0] == "proc" and len(done) == 2 and _is_own(name, magic):
                done[1] = "self"
            target = self._target(done, magic) if left or follow else None
            if target is None:
                continue
            followed += 1
            if followed > _MOST_LINKS:
                return tidy(path)  # ELOOP: it leads nowhere
            if not target.startswith("/"):
                if ":" in target and done[0] in {"proc", "dev"}:
                    return target  # memory, which is no place in the tree
                done.pop()
            else:
                done = []
            left.extend(target.split("/")[::-1])
        return "/" + "/".join(done)

    def _target(self, done: list[str], magic: Magic) -> str | None:
        if done[0] == "proc" and len(done) > 2:
            words = tuple(done[4:] if done[2] == "task" else done[2:])
            return magic.of(done[1], words) if _is_process(done[1]) else None
        if done[0] == "dev" and len(done) > 1:
            if done[1] == "fd" and len(done) > 2:
                return magic.of("self", ("fd", *done[2:]))
            return magic.of("self", ("fd", _STREAMS[done[1]])) if len(done) == 2 and done[1] in _STREAMS else None
        return self._known.get("/" + "/".join(done)) if self._known else None


def _is_own(number: str, magic: Magic) -> bool:
    return magic.own > 0 and number == str(magic.own)


def _is_process(word: str) -> bool:
    return word in {"self", "thread-self"} or _NUMBER.fullmatch(word) is not None


def _above(path: str) -> Iterator[str]:
    place = path.rfind("/")
    while place > 0:
        yield path[:place]
        place = path.rfind("/", 0, place)


def tidy(path: str) -> str:
    """A path without `.`, `..` and double slashes, by its text alone."""
    if "//" not in path and "/." not in path and not path.endswith("/"):
        return path
    normal = posixpath.normpath(path)
    return "/" + normal.lstrip("/") if normal.startswith("//") else normal


def opened(asked: str, leads: str, found: str, own: int) -> Named:
    """The name of what was opened: the kernel's own (`found`) where it is told, with the own process's folder in /proc as /proc/self."""
    if not found:
        return Named(leads, asked if asked != leads else "")
    if own and (found + "/").startswith(f"/proc/{own}/"):
        found = "/proc/self" + found[len(f"/proc/{own}") :]
    return Named(found, asked if asked not in {found, found.removeprefix("/usr")} else "")


def ran(asked: str, leads: str, found: str) -> Named:
    """The name of a program that was started. A Python keeps the one that was asked for, since that of its environment tells more.

    So does what is named by a place of the system itself (/bin/sh), whatever its links make of it.
    """
    end = found or leads
    same = _PYTHON.fullmatch(posixpath.basename(asked)) and _PYTHON.fullmatch(posixpath.basename(end))
    if same or (asked == leads and is_image(asked)):
        return Named(asked)
    return Named(end, asked if asked != end else "")


def is_image(path: str) -> bool:
    """Whether a path is in a place of the sandbox that a package cannot write to."""
    return path.startswith(_IMAGE)


def is_changed(leads: str, found: str, links: Links) -> bool:
    """Whether another file was opened than the text leads to: no link explains it, so the text was changed meanwhile.

    Links of the system are not all known; they lead to places of the system.
    """
    if not found.startswith("/") or not leads.startswith("/") or posixpath.basename(leads) == posixpath.basename(found):
        return False
    if (leads + "/").startswith(_FLEETING) or found.startswith(_FLEETING):
        return False
    return not is_image(found) if is_image(leads) else links.whole
