"""What the analyzer laid down to be answered (`answers.json`): which HTTP answer fits a request, and which DNS records a name has.

Format 1, trusted, since the analyzer wrote it (`analyzer/sandbox/answers`):

    {format, network: simulated|off, address, key, files: {host: {path: [file, type]}}, answers: [ANSWER],
     dns: [{name, type, answers: [str]}]}
    ANSWER  {hosts: [str], paths: [str], suffixes: [str], methods: [str], headers: {name: text}, query,
             status, type, fields: [[name, value]], and one of text, base64, file, make; or none: no body}

A GET of a path in `files` gets that file. Else an ANSWER fits when each of its conditions that is not empty does; the first one in
the list is taken. A host is a name, a name and all below it (`.a.example`), or a pattern (`api.*`). In paths `*` stays within a
segment and `**` crosses. `headers` and `query` ask for a part of a header's value and of the query, in any case of letters. `file` is
below `answers/` beside `answers.json`; `make` names one of `internet.made`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import blake2s
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

FORMAT: Final = 1
_ADDRESS: Final = "192.0.2.44"
_HOSTS_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer and its conditions, as they stand in the file."""

    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    query: str = ""
    status: int = 200
    type: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    text: str = ""
    data: bytes = b""
    file: str = ""
    make: str = ""

    def fits_host(self, host: str) -> bool:
        """Whether one of the hosts, or none at all, is asked for; `host` in lower case."""
        return not self.hosts or any(_is_host(host, one) for one in self.hosts)

    def fits(self, method: str, path: str, query: str, headers: Iterable[tuple[str, str]]) -> bool:
        """Whether all but the host fit; HEAD counts as GET."""
        asked = "GET" if method == "HEAD" else method
        if self.methods and asked not in self.methods:
            return False
        if self.suffixes and not path.lower().endswith(self.suffixes):
            return False
        if self.paths and not any(_pattern(one).fullmatch(path) for one in self.paths):
            return False
        if self.query not in query.lower():
            return False
        return all(_has(headers, name, part) for name, part in self.headers)


class Answers:
    """All answers of a run. Without a file there are none: `find` and `records` then give None."""

    def __init__(self, content: dict[str, Any] | None = None, folder: Path | None = None) -> None:
        given = content or {}
        self.off = given.get("network") == "off"
        self.address = str(given.get("address", _ADDRESS))
        """The public address that the package's machine is told to have."""
        self.folder = folder
        self._key = bytes.fromhex(given.get("key", ""))
        self._files: dict[str, dict[str, tuple[str, str]]] = given.get("files", {})
        self._answers = tuple(_answer(one) for one in given.get("answers", []))
        self._dns = tuple((one["name"], one["type"], tuple(one["answers"])) for one in given.get("dns", []))
        self._of_host = lru_cache(_HOSTS_KEPT)(self._find_host)

    @classmethod
    def read(cls, folder: Path) -> Answers:
        """Those of `answers.json` in a folder, if it has one. Raises ValueError for another format, OSError."""
        path = folder / "answers.json"
        if not path.exists():
            return cls()
        content = json.loads(path.read_text("ascii"))
        if content.get("format") != FORMAT:
            raise ValueError(f"{path} has format {content.get('format')!r}, this program reads {FORMAT}")
        return cls(content, folder / "answers")

    def find(self, method: str, host: str, target: str, headers: Iterable[tuple[str, str]]) -> Answer | None:
        """The first answer that fits a request; `target` is path and query, names of headers are in lower case."""
        path, _, query = target.partition("?")
        own = self._files.get(host.lower()) if method in {"GET", "HEAD"} else None
        if own is not None and unquote(path) in own:
            file, kind = own[unquote(path)]
            return Answer(file=file, type=kind)
        return next((one for one in self._of_host(host.lower()) if one.fits(method, path, query, headers)), None)

    def records(self, name: str, kind: str) -> tuple[str, ...] | None:
        """The data of a name's DNS records as in a zone file; None where nothing is laid down for the name and type.

        `name` is in lower case and without the final dot, `kind` such as A or TXT.
        """
        return next((data for one, asked, data in self._dns if asked == kind and _is_host(name, one)), None)

    def mark(self, place: str) -> str:
        """The text by which what is served at a place (host and path) is known again: 16 hexadecimal digits, other ones in each run."""
        return blake2s(place.encode("utf-8", "surrogateescape"), digest_size=8, key=self._key).hexdigest()

    def _find_host(self, host: str) -> tuple[Answer, ...]:
        return tuple(one for one in self._answers if one.fits_host(host))


def _answer(given: dict[str, Any]) -> Answer:
    return Answer(
        hosts=tuple(given.get("hosts", ())),
        paths=tuple(given.get("paths", ())),
        suffixes=tuple(given.get("suffixes", ())),
        methods=tuple(given.get("methods", ())),
        headers=tuple(given.get("headers", {}).items()),
        query=given.get("query", ""),
        status=given.get("status", 200),
        type=given.get("type", ""),
        fields=tuple((name, value) for name, value in given.get("fields", ())),
        text=given.get("text", ""),
        data=base64.b64decode(given.get("base64", "")),
        file=given.get("file", ""),
        make=given.get("make", ""),
    )


def _is_host(host: str, wanted: str) -> bool:
    if wanted.startswith("."):
        return host == wanted[1:] or host.endswith(wanted)
    return host == wanted or ("*" in wanted and fnmatchcase(host, wanted))


@lru_cache(1024)
def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", glob)
    return re.compile("".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts), re.DOTALL)


def _has(headers: Iterable[tuple[str, str]], name: str, part: str) -> bool:
    return any(found == name and part in value.lower() for found, value in headers)
