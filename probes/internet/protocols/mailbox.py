"""POP3 and IMAP (RFC 1939, 9051): logins are accepted, and the mailbox is empty."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Final

from internet.protocols.acts import Acts
from internet.protocols.lines import Lines, secured

if TYPE_CHECKING:
    from internet.channel import Channel
    from internet.conversation import Conversation, Services

_POP3: Final = {
    b"STAT": b"+OK 0 0\r\n", b"LIST": b"+OK 0 messages\r\n.\r\n", b"UIDL": b"+OK\r\n.\r\n", b"NOOP": b"+OK\r\n",
    b"RSET": b"+OK\r\n", b"QUIT": b"+OK bye\r\n", b"CAPA": b"+OK\r\nUSER\r\nUIDL\r\nTOP\r\nSTLS\r\nSASL PLAIN LOGIN\r\n.\r\n",
}  # fmt: skip
_CAPABILITIES: Final = b"IMAP4rev1 LITERAL+ STARTTLS AUTH=PLAIN"
_SELECTED: Final = (
    b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n* 0 EXISTS\r\n* 0 RECENT\r\n"
    b"* OK [UIDVALIDITY 1700000000] ok\r\n"
)
_LITERAL: Final = re.compile(rb"\{([0-9]{1,9})(\+?)\}\Z")
_WORDS: Final = re.compile(rb'"((?:[^"\\]|\\.){0,1000})"|(\S+)')
_LITERALS: Final = 16
_LITERAL_BYTES: Final = 256


async def serve_pop3(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer until the client ends."""
    acts = Acts(talk, services, "pop3", tls=tls)
    words, user = Lines(channel, first, acts), ""
    await channel.write(b"+OK POP3 server ready\r\n")
    while (line := await words.line()) is not None:
        verb, _, rest = line.partition(b" ")
        verb = verb.upper()
        if verb == b"USER":
            user = rest.decode("utf-8", "replace")
        if verb in {b"PASS", b"APOP", b"AUTH"}:
            acts.tell(verb.decode("ascii"), user=user or rest.partition(b" ")[0].decode("utf-8", "replace"))
        if verb == b"STLS" and not acts.tls:
            await channel.write(b"+OK begin TLS\r\n")
            words = await secured(words, words.rest(), acts, talk, services)
            channel = words.channel
            continue
        known = b"+OK\r\n" if verb in {b"USER", b"PASS", b"APOP", b"DELE"} else b"-ERR no such message\r\n"
        await channel.write(_POP3.get(verb, known))
        if verb == b"QUIT":
            return None
    return None


async def serve_imap(
    channel: Channel, first: bytes, talk: Conversation, services: Services, *, tls: bool
) -> bytes | None:
    """Answer until the client ends."""
    acts = Acts(talk, services, "imap", tls=tls)
    words = Lines(channel, first, acts)
    await channel.write(b"* OK [CAPABILITY " + _CAPABILITIES + b"] IMAP server ready\r\n")
    while (said_now := await _imap_line(words)) is not None:
        line, size = said_now
        tag, _, rest = line.partition(b" ")
        verb, _, rest = rest.partition(b" ")
        verb = verb.upper()
        if verb in {b"LOGIN", b"SELECT", b"APPEND", b"SEARCH", b"FETCH"}:
            found = _WORDS.search(rest)
            said = (found[1] or found[2] or b"") if found else b""
            user = said.decode("utf-8", "replace") if verb == b"LOGIN" else ""
            acts.tell(verb.decode("ascii"), b"" if user else said, size if verb == b"APPEND" else 0, user=user)
        if verb == b"AUTHENTICATE":
            await _authenticate(words, acts, rest)
        await channel.write(_imap_answer(verb) + tag[:100] + b" OK " + (verb[:20] or b"done") + b" completed\r\n")
        if verb == b"STARTTLS" and not acts.tls:
            words = await secured(words, words.rest(), acts, talk, services)
            channel = words.channel
        elif verb == b"LOGOUT":
            return None
    return None


def _imap_answer(verb: bytes) -> bytes:
    """What stands before the line that ends a command's answer."""
    match verb:
        case b"CAPABILITY":
            return b"* CAPABILITY " + _CAPABILITIES + b"\r\n"
        case b"SELECT" | b"EXAMINE":
            return _SELECTED
        case b"LIST" | b"LSUB":
            return b'* LIST (\\HasNoChildren) "/" INBOX\r\n'
        case b"SEARCH":
            return b"* SEARCH\r\n"
        case b"STATUS":
            return b"* STATUS INBOX (MESSAGES 0 UNSEEN 0)\r\n"
        case b"LOGOUT":
            return b"* BYE logging out\r\n"
        case _:
            return b""


async def _authenticate(words: Lines, acts: Acts, rest: bytes) -> None:
    """SASL (RFC 9051, section 6.2.2): PLAIN is asked for what was not said at once, and taken."""
    mechanism, _, said = rest.partition(b" ")
    if not said:
        await words.channel.write(b"+ \r\n")
        said = await words.line() or b""
    try:
        plain = b64decode(said)
    except (binascii.Error, ValueError):
        plain = b""
    acts.payload(plain)
    parts = plain.split(b"\0")
    acts.tell("AUTHENTICATE", mechanism, user=parts[1].decode("utf-8", "replace") if len(parts) > 2 else "")


async def _imap_line(words: Lines) -> tuple[bytes, int] | None:
    """A command with its literals, of which each comes behind its length (RFC 9051, section 4.3), and their size together.

    A short literal takes its place among the words, a long one (a message) is passed over.
    """
    line, total = await words.line(), 0
    for _ in range(_LITERALS):
        found = _LITERAL.search(line or b"")
        if line is None or found is None:
            break
        if not found[2]:
            await words.channel.write(b"+ go on\r\n")
        size = int(found[1])
        total += size
        line = line[: found.start()]
        if size <= _LITERAL_BYTES:
            line += await words.exactly(size)
        else:
            await words.skip(size)
        line += await words.line() or b""
    return None if line is None else (line, total)
