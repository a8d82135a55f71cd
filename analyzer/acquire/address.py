"""Addresses of the web: what is one, and how it is shown without the credentials in it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit, urlunsplit


def is_web_address(url: str) -> bool:
    """Whether it is an http or https address with a host, and without spaces and control characters."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0 and _is_one_word(url)


def redacted(url: str) -> str:
    """The address without credentials, for messages."""
    return without_credentials(url)[0]


def without_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """The address, and the user and password that stood in it."""
    try:
        parts = urlsplit(url)
        credentials, at, host = parts.netloc.rpartition("@")
    except ValueError:
        return url, None
    if not at:
        return url, None
    user, _, password = credentials.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(user), unquote(password))


def _is_one_word(text: str) -> bool:
    return text.isprintable() and " " not in text
