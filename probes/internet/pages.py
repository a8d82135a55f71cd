"""What web servers of the simulated internet answer, from what was laid down (`internet.answers`)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Final

from internet.answers import Answer, Answers
from internet.made import make, script

_PLACE: Final = re.compile(r"\{(mark|host|path|name|address|epoch|date|script|segment:[1-9])\}")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._~/:-]")
_RANGE: Final = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")
_ASKED: Final = frozenset({"host", "path", "name", "segment"})
"""Places that are filled with what the client chose."""
_SENT: Final = frozenset({"PUT", "POST", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Page:
    """An answer's status, media type ("" for none), body, further headers, and the mark that is in the body."""

    status: int
    media_type: str = ""
    body: bytes = b""
    fields: tuple[tuple[str, str], ...] = ()
    mark: str = ""


_OK: Final = Page(200, "application/json", b'{"status":"ok"}')
_EMPTY: Final = Page(200, "text/html; charset=utf-8")


def choose(answers: Answers, method: str, host: str, target: str, headers: Iterable[tuple[str, str]]) -> Page:
    """The answer to a request for a target (path with query) at a host; names of headers are in lower case.

    What nothing is laid down for gets 200: uploads with a word in JSON, the rest without a body. Raises nothing.
    """
    headers = tuple(headers)
    answer = answers.find(method, host, target, headers)
    if answer is None:
        return _OK if method in _SENT else _EMPTY
    page = _page(answers, answer, host, target.partition("?")[0])
    asked = next((value for name, value in headers if name == "range"), "")
    return _part(page, asked) if asked and method == "GET" else page


def _page(answers: Answers, answer: Answer, host: str, path: str) -> Page:
    mark = answers.mark(f"{host}{path}")
    fields = tuple((name, _filled(value, answers, host, path, mark)) for name, value in answer.fields)
    if answer.make:
        return Page(answer.status, answer.type, make(answer.make, mark), fields, mark)
    if answer.file:
        return _file(answers, answer, fields)
    if not answer.text:
        return Page(answer.status, answer.type, answer.data, fields)
    text = _filled(answer.text, answers, host, path, mark)
    return Page(answer.status, answer.type, text.encode("utf-8"), fields, mark if mark in text else "")


def _file(answers: Answers, answer: Answer, fields: tuple[tuple[str, str], ...]) -> Page:
    try:
        body = (answers.folder / answer.file).read_bytes() if answers.folder is not None else b""
    except OSError:  # the analyzer's copy is gone: a server whose file is gone
        return Page(404, "text/plain", b"404 page not found\n")
    return Page(answer.status, answer.type, body, fields)


def _filled(text: str, answers: Answers, host: str, path: str, mark: str) -> str:
    """The text with its places filled. What the client chose is reduced to letters, digits and a few marks, so that JSON stays JSON."""
    if "{" not in text:
        return text

    return _PLACE.sub(lambda place: _value(place[1], answers, host, path, mark), text)


def _value(place: str, answers: Answers, host: str, path: str, mark: str) -> str:
    kind, _, number = place.partition(":")
    if kind in _ASKED:
        parts = {"host": host, "path": path, "name": path.rpartition("/")[2]}
        chosen = parts[kind] if kind in parts else "/".join(path.split("/")[int(number) : int(number) + 1])
        return _UNSAFE.sub("", chosen)
    now = time.time()
    values = {
        "mark": mark,
        "address": answers.address,
        "script": script(mark).decode("ascii"),
        "epoch": str(int(now)),
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
    }
    return values[kind]


def _part(page: Page, asked: str) -> Page:
    """One range of bytes of a whole answer (RFC 9110, section 14); a header of another shape is ignored."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or page.status != 200:
        return page
    size, first = len(page.body), int(found[1])
    last = min(int(found[2]) if found[2] else size - 1, size - 1)
    if first >= size or last < first:
        return Page(416, "", b"", (("Content-Range", f"bytes */{size}"),))
    fields = (*page.fields, ("Content-Range", f"bytes {first}-{last}/{size}"))
    return replace(page, status=206, body=page.body[first : last + 1], fields=fields)


class Clock:
    """The Date header's value, made anew once in a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def date(self) -> str:
        """Now, in the form of RFC 9110."""
        second = int(time.time())
        if second != self._second:
            self._second, self._text = second, formatdate(second, usegmt=True)
        return self._text
