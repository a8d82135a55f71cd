"""The format of `secrets.jsonl`: JSON lines, ASCII only, texts hostile and bounded.

`kind` names the shape:

begin  first line: {format}
found  {time, secret, path, encodings: [str], part, share, url, transport: tcp|udp|icmp|other, address, port, client: [ip, port],
        stream, file: exchanges|packets, line, excerpt}
       `secret` and `path` are those of `secrets.json`; `path` is "" for facts of the machine, which `secret` then lists. `encodings`
       stands outermost first, "split" where it was put together of several messages; `part` is path, query, header, body, stream,
       payload or name; `share` percent of the value; `line` is the line of that file that tells of the message
limit  {detail}                  something was not searched
end    last line: {pieces, bytes}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from searcher.hunting import Hit
    from searcher.messages import Place

FORMAT: Final = 1
_TEXT: Final = 2048
_EXCERPT: Final = 300


class Output:
    """The file that is written; what is told of the search itself is told once."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._said: set[str] = set()

    def begin(self) -> None:
        """The first line."""
        self._write({"kind": "begin", "format": FORMAT})

    def note(self, detail: str) -> None:
        """Tell what was searched less closely."""
        self._once("note", detail)

    def limit(self, detail: str) -> None:
        """Tell what was not searched."""
        self._once("limit", detail)

    def _once(self, kind: str, detail: str) -> None:
        if detail not in self._said:
            self._said.add(detail)
            self._write({"kind": kind, "detail": detail[:_TEXT]})

    def found(self, place: Place, part: str, hit: Hit) -> None:
        """Tell of a hit."""
        self._write(
            {
                "kind": "found", "time": place.time, "secret": hit.secret.name[:_TEXT], "path": hit.secret.path[:_TEXT],
                "encodings": hit.encodings, "part": part, "share": hit.share, "url": place.url[:_TEXT],
                "transport": place.transport, "address": place.server[0][:_TEXT], "port": place.server[1],
                "client": [place.client[0][:_TEXT], place.client[1]], "stream": place.stream, "file": place.file,
                "line": place.line, "excerpt": hit.excerpt.decode("ascii", "backslashreplace")[:_EXCERPT],
            }
        )  # fmt: skip

    def end(self, pieces: int, size: int) -> None:
        """The last line."""
        self._write({"kind": "end", "pieces": pieces, "bytes": size})

    def _write(self, line: dict[str, object]) -> None:
        self._out.write(json.dumps(line, separators=(",", ":")) + "\n")
