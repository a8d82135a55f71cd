"""DNS over HTTPS: messages of RFC 8484, and the JSON form that public resolvers offer. Asked at any host."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from internet.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from internet.conversation import Conversation, Services

_MESSAGE: Final = "application/dns-message"
_JSON: Final = "application/dns-json"
_JSON_PATHS: Final = frozenset({"/resolve", "/dns-query"})
_NAME_LIMIT: Final = 1000
_TTL: Final = 300


def answer_doh(
    method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes, talk: Conversation, services: Services
) -> Page | None:
    """The answer to a request that asks for names, or None for another; names of headers are in lower case."""
    path, _, query = target.partition("?")
    if method == "POST":
        if not any(name == "content-type" and value.lower().startswith(_MESSAGE) for name, value in headers):
            return None
        return _message(body, talk, services)
    if method != "GET" or ("dns=" not in query and "name=" not in query):
        return None
    asked = parse_qs(query[:4096], max_num_fields=20)
    if "dns" in asked and (path == "/dns-query" or _accepts(headers, _MESSAGE)):
        return _message(_decoded(asked["dns"][0]), talk, services)
    if "name" in asked and (_accepts(headers, _JSON) or path in _JSON_PATHS):
        return _json(asked["name"][0], asked.get("type", ["A"])[0], talk, services)
    return None


def _accepts(headers: Iterable[tuple[str, str]], media_type: str) -> bool:
    return any(name == "accept" and media_type in value.lower() for name, value in headers)


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _message(message: bytes, talk: Conversation, services: Services) -> Page:
    reply = services.resolve(message, "https", talk.client, talk.server)
    return Page(200, _MESSAGE, reply.data) if reply.data else Page(400, "text/plain", b"bad request\n")


def _json(name: str, kind: str, talk: Conversation, services: Services) -> Page:
    from dnslib import QTYPE, DNSRecord
    from dnslib.dns import DNSError
    from dnslib.label import DNSLabelError

    try:
        number = int(kind) if kind.isdigit() and len(kind) <= 5 else int(QTYPE.reverse[kind.upper()])
        message = DNSRecord.question(name[:_NAME_LIMIT], str(QTYPE[number]))
        reply = services.resolve(bytes(message.pack()), "https", talk.client, talk.server)
        answers = DNSRecord.parse(reply.data).rr if reply.data else []
    except (DNSError, DNSLabelError, KeyError, ValueError):
        return Page(400, "application/json", b'{"error":"Invalid query"}')
    content = {
        "Status": 0, "TC": False, "RD": True, "RA": True, "AD": False, "CD": False,
        "Question": [{"name": name, "type": number}],
        "Answer": [{"name": name, "type": one.rtype, "TTL": _TTL, "data": str(one.rdata)} for one in answers],
    }  # fmt: skip
    return Page(200, _JSON, json.dumps(content).encode("ascii"))
