"""Asking an index for its release documents: cached as project pages are, and nothing that goes wrong ends an analysis."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from analyzer.acquire.document import Document, address, parse_document
from analyzer.acquire.known import Known
from analyzer.acquire.limits import MAX_DOCUMENT_BYTES
from analyzer.acquire.text import shown
from analyzer.archives.limits import MIB
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import Response

    from analyzer.acquire.cache import Cache
    from analyzer.acquire.session import Session

_KIND: Final = "releases-1"
"""The folder of cached documents; the number changes with the form of `Document`."""

_UNKNOWN: Final = "whether the index knows vulnerabilities of it is not known"


class Documents:
    """The release documents of one index.

    Args:
        cache: Where they are kept.
        key: What tells this index from others in the cache.
        session: Gives the connection to the index, made when first needed.
        max_age: Seconds for which a document is used without asking again.
    """

    def __init__(self, cache: Cache, key: str, session: Callable[[], Session], max_age: float) -> None:
        self._cache = cache
        self._key = key
        self._session = session
        self._max_age = max_age

    def known(self, name: str, version: str, *, reachable: bool = True) -> Known:
        """What the index says of a version's vulnerabilities. Without `reachable`, only the cache is asked."""
        try:
            own, note = self._document(name, version, reachable=reachable)
            if own is not None and not own.version:
                # Some mirrors have the newest version's document alone.
                own, note = self._document(name, "", reachable=reachable)
        except AcquireError as error:
            return Known(None, f"{_UNKNOWN}: {error}")
        if own is None:
            return Known(None, f"{_UNKNOWN}: {note}")
        if not own.version:
            return Known(None, f"{_UNKNOWN}: the index has no release data")
        if not own.is_of(version):
            return Known(None, f"{_UNKNOWN}: it tells those of its newest version alone, which is {shown(own.version)}")
        if own.vulnerabilities is None:
            return Known(None, f"{_UNKNOWN}: its release data does not tell")
        return Known(own.vulnerabilities, note)

    def _document(self, name: str, version: str, *, reachable: bool) -> tuple[Document | None, str]:
        """A document, and what is to be said of it; None where the index did not answer, and why."""
        from_cache = Document.from_cache(self._cache.document(_KIND, self._place(name, version)))
        now = time.time()
        if from_cache is not None and 0 <= now - from_cache.fetched < self._max_age:
            return from_cache, ""
        reason = "it cannot be reached"
        if reachable:
            from analyzer.acquire.session import UnreachableError  # lazily, since it brings requests

            try:
                document = self._fetch(name, version, from_cache, now)
            except UnreachableError as error:
                reason = f"it cannot be reached ({error})"
            else:
                self._cache.keep(_KIND, self._place(name, version), document.model_dump_json().encode())
                return document, ""
        if from_cache is None:
            return None, reason
        hours = max(now - from_cache.fetched, 0) / 3600
        return from_cache, f"the index's vulnerabilities are those that it told {hours:.1f} hours ago: {reason}"

    def _fetch(self, name: str, version: str, before: Document | None, now: float) -> Document:
        from analyzer.acquire.session import UnreachableError, etag

        session = self._session()
        url = address(session.url, name, version)
        if url is None:
            raise AcquireError("its address does not end in simple, so that the place of its release data is not known")
        headers = {"Accept": "application/json"}
        if before is not None and before.etag:
            headers["If-None-Match"] = before.etag
        with session.get(url, headers) as response:
            if before is not None and response.status_code == 304:
                return before.model_copy(update={"fetched": now})
            if response.status_code in (404, 410):
                return Document(fetched=now)
            if response.status_code != 200:
                raise UnreachableError(f"it answers with status {response.status_code}")
            return parse_document(_whole(response), name, etag(response), now)

    def _place(self, name: str, version: str) -> str:
        return f"{self._key}\n{name}\n{version}"


def _whole(response: Response) -> bytes:
    """The body. The error does not tell the address: it goes into a record, which may be handed on."""
    from analyzer.acquire.session import body

    try:
        return body(response, MAX_DOCUMENT_BYTES)
    except AcquireError as error:
        raise AcquireError(f"its release data has more than {MAX_DOCUMENT_BYTES // MIB} MiB") from error
