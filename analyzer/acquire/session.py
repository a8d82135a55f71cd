"""HTTP to the package index: size, time and redirects are bounded, and credentials go to the index alone."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from analyzer.acquire.address import is_web_address, redacted, without_credentials
from analyzer.acquire.text import shown
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TIMEOUT: Final = (10.0, 30.0)
"""Seconds to connect, and between two pieces of an answer."""

_DEADLINE: Final = 900.0
"""Seconds for one whole answer, so that a server that drips bytes does not hold a run forever."""

_CHUNK: Final = 256 * 1024
_MAX_REDIRECTS: Final = 10


class UnreachableError(Exception):
    """The index did not answer, or only with a server error; the text is the reason."""


class Session:
    """A connection to one index. `url` is its simple API's address, with or without credentials."""

    def __init__(self, url: str) -> None:
        self.url, self._auth = without_credentials(url)
        parts = urlsplit(self.url)
        self._origin = (parts.scheme, parts.netloc)
        self.requests = requests.Session()
        self.requests.max_redirects = _MAX_REDIRECTS
        retry = Retry(total=2, backoff_factor=0.3, status_forcelist=(502, 503, 504), raise_on_status=False)
        for scheme in ("https://", "http://"):
            self.requests.mount(scheme, HTTPAdapter(max_retries=retry))

    @contextmanager
    def get(self, url: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        """The answer to a GET request, its body not read yet.

        Raises:
            AcquireError: The address is not one of the web.
            UnreachableError: No answer, or a server error.
        """
        if not is_web_address(url):
            raise AcquireError(
                f"the package index names {shown(redacted(url))}, which is no web address: use another index"
            )
        parts = urlsplit(url)
        own = (parts.scheme, parts.netloc) == self._origin
        try:
            with self.requests.get(
                url, headers=dict(headers), auth=self._auth if own else None, timeout=_TIMEOUT, stream=True
            ) as response:
                if response.status_code >= 500:
                    raise UnreachableError(f"it answers with status {response.status_code}")
                yield response
        except (requests.RequestException, HTTPError, OSError) as error:
            raise UnreachableError(_reason(error)) from error


def chunks(response: requests.Response) -> Iterator[bytes]:
    """The body in pieces, within the deadline."""
    end = time.monotonic() + _DEADLINE
    for chunk in response.iter_content(_CHUNK):
        if time.monotonic() > end:
            raise UnreachableError(f"it sent an answer for more than {_DEADLINE:.0f} s")
        yield chunk


def body(response: requests.Response, limit: int) -> bytes:
    """The whole body.

    Raises:
        AcquireError: It is longer than the limit.
    """
    content = bytearray()
    for chunk in chunks(response):
        content += chunk
        if len(content) > limit:
            raise AcquireError(
                f"{shown(redacted(response.url))} answers with more than {limit} bytes: "
                "it is not read; use another index"
            )
    return bytes(content)


def etag(response: requests.Response) -> str:
    """The tag by which the same answer is known again; "" where there is none that can be kept."""
    tag = response.headers.get("ETag", "")
    return tag if tag.isprintable() and len(tag) < 256 else ""


def _reason(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted here"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not answer"
    if isinstance(error, requests.exceptions.Timeout):
        return f"no answer within {_TIMEOUT[1]:.0f} s"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "it redirects in circles"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection to it"
    return "the connection broke"
