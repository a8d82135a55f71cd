"""The package index over its simple API (PEP 503, 691, 658), with project pages and metadata kept in the cache."""

from __future__ import annotations

import os
import time
from functools import cached_property
from typing import TYPE_CHECKING, Final

from analyzer.acquire.address import is_web_address, redacted
from analyzer.acquire.documents import Documents
from analyzer.acquire.index import Candidate, Index, Listing
from analyzer.acquire.limits import MAX_PAGE_BYTES
from analyzer.acquire.page import Page, parse_page
from analyzer.acquire.text import shown, silent
from analyzer.archives.limits import MAX_METADATA_BYTES
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pypi_simple import PyPISimple

    from analyzer.acquire.cache import Cache, Sink
    from analyzer.acquire.known import Known
    from analyzer.acquire.session import Session

INDEX_VARIABLES: Final = ("FUMEHOOD_INDEX_URL", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")
"""Environment variables that may name the user's own index, the first that is set wins."""

MAX_AGE_SECONDS: Final = 600.0
"""How long a project page is used without asking again; the index's own caches hold pages for about as long."""

_KIND: Final = "pages-2"
"""The folder of cached pages; the number changes with the form of `Page`."""


class SimpleIndex(Index):
    """The user's package index.

    Args:
        cache: Where pages are kept.
        url: Address of the simple API; "" for the environment's (`INDEX_VARIABLES`), else the library's default.
        refresh: Ask the index even where a page was fetched a short while ago.
        progress: Told when a page that may be out of date is used.
    """

    def __init__(
        self, cache: Cache, url: str = "", *, refresh: bool = False, progress: Callable[[str], None] = silent
    ) -> None:
        self._cache = cache
        self._url = url or index_url(os.environ)
        self._refresh = refresh
        self._progress = progress
        self._asked: set[str] = set()
        self._unreached: set[str] = set()
        if self._url and not is_web_address(self._url):
            raise AcquireError(
                f"the package index {shown(redacted(self._url))} is no http(s) address: "
                f"correct {' or '.join(INDEX_VARIABLES[:2])}"
            )

    def project(self, name: str) -> Sequence[Candidate] | None:
        """All files of a project, from the cache while that is fresh."""
        listing = self.listing(name)
        return None if listing is None else listing.files

    def listing(self, name: str, *, ask: bool = True) -> Listing | None:
        """The project's page, from the cache while that is fresh; without `ask`, however old it is."""
        from_cache = Page.from_cache(self._cache.document(_KIND, self._key(name)))
        if not ask:
            return None if from_cache is None else from_cache.listing
        now = time.time()
        anew = self._refresh and name not in self._asked
        if from_cache is not None and not anew and 0 <= now - from_cache.fetched < MAX_AGE_SECONDS:
            return from_cache.listing
        if from_cache is not None and name in self._unreached:
            return from_cache.listing
        from analyzer.acquire.session import UnreachableError  # lazily, see _session

        try:
            page = self._fetch(name, from_cache, now)
        except UnreachableError as error:
            self._unreached.add(name)
            if from_cache is None:
                raise self._unreachable(str(error), name) from error
            minutes = max(now - from_cache.fetched, 0) / 60
            self._progress(
                f"the package index cannot be reached ({error}): "
                f"using what it listed for {name} {minutes:.0f} minutes ago"
            )
            return from_cache.listing
        if page is None:
            return None
        self._asked.add(name)
        self._cache.keep(_KIND, self._key(name), page.model_dump_json().encode())
        return page.listing

    def known(self, name: str, version: str) -> Known:
        """What the index's release data says of a version's vulnerabilities."""
        age = 0.0 if self._refresh else MAX_AGE_SECONDS
        documents = Documents(self._cache, self._url, lambda: self._session, age)
        return documents.known(name, version, reachable=name not in self._unreached)

    def metadata(self, candidate: Candidate) -> bytes | None:
        """The PEP 658 metadata beside the file; verified and cached by whoever asks."""
        from analyzer.acquire.session import UnreachableError, body

        try:
            with self._session.get(candidate.url + ".metadata", {}) as response:
                return body(response, MAX_METADATA_BYTES) if response.status_code == 200 else None
        except UnreachableError as error:
            raise self._unreachable(str(error), candidate.filename) from error

    def download(self, candidate: Candidate, sink: Sink) -> None:
        """Fetch the file; `identity` keeps servers from compressing what is compressed already."""
        from analyzer.acquire.session import UnreachableError, chunks

        try:
            with self._session.get(candidate.url, {"Accept-Encoding": "identity"}) as response:
                if response.status_code != 200:
                    raise AcquireError(
                        f"{shown(candidate.filename)} cannot be fetched: the index answers with status "
                        f"{response.status_code}; try again, or name another version"
                    )
                for chunk in chunks(response):
                    sink.write(chunk)
        except UnreachableError as error:
            raise self._unreachable(str(error), candidate.filename) from error

    @cached_property
    def _client(self) -> PyPISimple:
        """pypi-simple's client, made when first needed: its import takes longer than a run from the cache."""
        from pypi_simple import PyPISimple

        if not self._url:
            return PyPISimple(session=self._session.requests)
        return PyPISimple(endpoint=self._session.url, session=self._session.requests)

    @cached_property
    def _session(self) -> Session:
        from pypi_simple import PYPI_SIMPLE_ENDPOINT

        from analyzer.acquire.session import Session

        return Session(self._url or PYPI_SIMPLE_ENDPOINT)

    def _fetch(self, name: str, known: Page | None, now: float) -> Page | None:
        from pypi_simple import ACCEPT_ANY

        from analyzer.acquire.session import body, etag

        headers = {"Accept": ACCEPT_ANY} | ({"If-None-Match": known.etag} if known is not None and known.etag else {})
        with self._session.get(self._client.get_project_url(name), headers) as response:
            if known is not None and response.status_code == 304:
                return known.model_copy(update={"fetched": now})
            if response.status_code in (404, 410):
                return None
            if response.status_code != 200:
                raise self._unreachable(f"it answers with status {response.status_code}", name)
            content = body(response, MAX_PAGE_BYTES)
            kind = response.headers.get("Content-Type", "text/html")
            listing = parse_page(content, kind, response.url, name)
            return Page(etag=etag(response), fetched=now, candidates=tuple(listing.files), releases=listing.releases)

    def _key(self, name: str) -> str:
        return f"{self._url}\n{name}"

    def _unreachable(self, reason: str, wanted: str) -> AcquireError:
        which = f"the package index {shown(self._session.url)}" if self._url else "the package index"
        return AcquireError(
            f"{which} cannot be reached for {shown(wanted)} ({reason}): check the network, the proxy settings "
            f"and {INDEX_VARIABLES[0]}"
        )


def index_url(environ: Mapping[str, str]) -> str:
    """The index that the environment names, "" where it names none."""
    return next((environ[name] for name in INDEX_VARIABLES if environ.get(name)), "")
