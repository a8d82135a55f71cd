"""Which broken handshakes are told as pinned."""

from __future__ import annotations

import ssl

import pytest
from internet.refusal import why

FLIGHT = 900


def broken(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "sent", "detail"),
    [
        (broken("TLSV1_ALERT_UNKNOWN_CA"), FLIGHT, "pinned: unknown_ca"),
        (broken("SSLV3_ALERT_BAD_CERTIFICATE"), FLIGHT, "pinned: bad_certificate"),
        (broken("SSLV3_ALERT_CERTIFICATE_UNKNOWN"), FLIGHT, "pinned: certificate_unknown"),
        (broken("SSL/TLS alert bad certificate"), FLIGHT, "pinned: bad_certificate"),
        (broken("TLSV1_ALERT_ACCESS_DENIED"), FLIGHT, "pinned: access_denied"),
        (broken("TLSV1_ALERT_PROTOCOL_VERSION"), 0, "no handshake: protocol_version"),
        (broken("SSLV3_ALERT_HANDSHAKE_FAILURE"), FLIGHT, "no handshake: handshake_failure"),
        (broken("NO_SHARED_CIPHER"), 7, "no handshake: NO_SHARED_CIPHER"),
        (broken("WRONG_VERSION_NUMBER"), 0, "no handshake: WRONG_VERSION_NUMBER"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), FLIGHT, "pinned: closed"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), 99, "no handshake: closed"),
        (ConnectionResetError(104, "Connection reset by peer"), FLIGHT, "pinned: closed"),
        (BrokenPipeError(32, "Broken pipe"), 0, "no handshake: closed"),
        (TimeoutError(), FLIGHT, "no handshake: timeout"),
        (ValueError("the handshake is broken by another record"), 0, "no handshake: the handshake is broken by another record"),
    ],
)  # fmt: skip
def test_the_detail_tells_refusals_of_the_certificate_from_all_else(error: Exception, sent: int, detail: str) -> None:
    assert why(error, sent) == detail
