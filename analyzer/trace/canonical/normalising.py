"""Texts of events without what differs from one run to the next, so that what two runs did can be compared.

Temporary names, process numbers, digests, addresses in memory, numbers of inodes and the like become placeholders in braces; so do
the names of the analysed package. Only names of a known making are taken for random, since a name that somebody chose tells
something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MAX_TEXT: Final = 4096
"""Characters. Longer texts are not compared: no noise has them, and patterns are not tried on them."""

_MAX_NAMES: Final = 200
_MAX_NAME: Final = 100
_MAX_REMEMBERED: Final = 20_000
_MAX_REMEMBERED_LENGTH: Final = 512

_NAME: Final = re.compile(r"\w(?:[\w.+-]*\w)?")
"""What a project, a module or a script is called. Another name is left where it stands."""

_BEFORE: Final = r"(?<![\w{])"
_AFTER: Final = r"(?![\w}])"

_PATTERNS: Final = (
    # Linux: /proc/PID, its threads, descriptors and terminals. Process 1 is a place of its own: who looks at it means it.
    (r"(/proc/)(?!1(?!\d))\d+(?=/|$)", r"\1{pid}"),
    (r"(/task/)\d+(?=/|$)", r"\1{pid}"),
    (r"(/(?:fd|fdinfo|pts)/)\d+(?=/|$)", r"\1{number}"),
    (r"\b(socket|pipe|anon_inode):\[\d+\]", r"\1:[{inode}]"),
    # Random names: uv's tempfile crate has six characters, Python's tempfile and mkstemp-likes eight, pip's folders a word before.
    (r"(?<![\w.{])\.tmp[A-Za-z0-9]{6}" + _AFTER, ".tmp{random}"),
    (r"(?<![\w{])(\.?tmp-?)[a-z0-9_]{8}" + _AFTER, r"\1{random}"),
    (r"(?<=/)(pip-[a-z]{1,20}(?:-[a-z]{1,20}){0,4}-)[a-z0-9_]{8}" + _AFTER, r"\1{random}"),
    # The import system's temporary name for a compiled module (importlib's _write_atomic).
    (r"(\.pyc\.)\d{6,}" + _AFTER, r"\1{number}"),
    # uv's cache: unpacked archives and builds.
    (r"(?<=/uv/)(archive-v\d{1,4}/)[\w-]{16,22}(?=/|$)", r"\1{random}"),
    (r"(?<=/uv/)(sdists-v\d{1,4}/[a-z]{1,20}/)[0-9a-f]{16}(/)[\w-]{16,22}(?=/|$)", r"\1{hash}\2{random}"),
    (r"\bsha256=[\w-]{43}(?![\w-])", "sha256={hash}"),
    (_BEFORE + r"[0-9a-fA-F]{16,128}" + _AFTER, "{hash}"),
    # Addresses in memory have nine digits at least on machines of 64 bits; shorter ones are flags.
    (_BEFORE + r"0x[0-9a-fA-F]{9,16}" + _AFTER, "{address}"),
)
_RULES: Final = tuple((re.compile(pattern), replacement) for pattern, replacement in _PATTERNS)

# Most texts have nothing of all this, which one look tells.
_ANY: Final = re.compile(
    r"/(?:proc|task|fd|fdinfo|pts)/\d|:\[\d|tmp|/pip-|\.pyc\.\d|/uv/|sha256=|[0-9a-fA-F]{16}|0x[0-9a-fA-F]{9}"
)


class Normaliser:
    """Normalises texts of one run, whose package has these names (as projects, modules and scripts) and this version."""

    def __init__(self, names: Iterable[str], version: str) -> None:
        usable = {name for name in names if len(name) <= _MAX_NAME and _NAME.fullmatch(name)}
        longest_first = sorted(usable, key=lambda name: (-len(name), name))[:_MAX_NAMES]
        self._own: re.Pattern[str] | None = None
        if longest_first:
            words = "|".join(map(re.escape, longest_first))
            number = rf"(?P<version>[-=]{{1,3}}{re.escape(version)}{_AFTER})?" if 0 < len(version) <= _MAX_NAME else ""
            self._own = re.compile(rf"{_BEFORE}(?:{words}){_AFTER}{number}")
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """The text with placeholders, encodable as UTF-8. A normalised text stays as it is."""
        known = self._known.get(text)
        if known is not None:
            return known
        found = self._normal(text)
        if len(text) <= _MAX_REMEMBERED_LENGTH:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            self._known[text] = found
        return found

    def _normal(self, text: str) -> str:
        text = text.encode("utf-8", "backslashreplace").decode()
        if self._own is not None:
            text = self._own.sub(_placeholder, text)
        if _ANY.search(text):
            for pattern, replacement in _RULES:
                text = pattern.sub(replacement, text)
        return text


def _placeholder(match: re.Match[str]) -> str:
    version = match.groupdict().get("version")
    return "{package}-{version}" if version else "{package}"
