"""Why a TLS handshake came to nothing: the client did not trust our certificate, or it was for anything else."""

from __future__ import annotations

import re
import ssl
from typing import Final

PINNED: Final = "pinned: "
NO_HANDSHAKE: Final = "no handshake: "

_ALERT: Final = re.compile(r"(?:sslv3|tlsv1|tlsv13|ssl/tls)[ _]alert[ _]([a-z_ ]+)", re.ASCII | re.IGNORECASE)
"""OpenSSL's names and words for the alerts that a peer sends (ssl/ssl_err.c); those of an error of our own begin otherwise."""

_OF_CERTIFICATES: Final = frozenset({
    "access_denied", "bad_certificate", "bad_certificate_hash_value", "bad_certificate_status_response", "certificate_expired",
    "certificate_revoked", "certificate_unknown", "certificate_unobtainable", "unknown_ca", "unsupported_certificate",
})  # fmt: skip
"""Alerts by which a client refuses a certificate (RFC 8446, section 6.2; RFC 6066, section 9)."""

_MIN_FLIGHT: Final = 400
"""A certificate of ours alone is longer; what else a server sends before one (HelloRetryRequest, an alert) is shorter, in bytes."""


def why(error: Exception, sent: int) -> str:
    """The detail of a broken handshake, of which the server has sent so many bytes."""
    told = str(getattr(error, "reason", None) or error) or type(error).__name__
    alert = _ALERT.match(told)
    if alert is not None:
        name = alert[1].lower().replace(" ", "_")
        return f"{PINNED if name in _OF_CERTIFICATES else NO_HANDSHAKE}{name}"
    if sent >= _MIN_FLIGHT and isinstance(error, ssl.SSLEOFError | ConnectionError | EOFError):
        return f"{PINNED}closed"
    if isinstance(error, ssl.SSLEOFError | ConnectionError | EOFError):
        return f"{NO_HANDSHAKE}closed"
    if isinstance(error, TimeoutError):
        return f"{NO_HANDSHAKE}timeout"
    return f"{NO_HANDSHAKE}{told}"
