"""SMTP, POP3 and IMAP."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from internet.dispatch import converse

from tests.unit.internet.talking import acts, converse_with, kept, lines, make_services, make_talk

if TYPE_CHECKING:
    from pathlib import Path

HOST = "198.51.100.7"


def test_a_message_is_taken_and_looked_into(tmp_path: Path) -> None:
    attached = b64encode(b"what was stolen").decode()
    message = (
        "Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + attached[:9]
        + "\r\n"
        + attached[9:]
        + "\r\n..\r\n.\r\n"
    )
    heard = converse_with(
        tmp_path, 25, b"EHLO host.example\r\n", b"MAIL FROM:<alex@a.example> SIZE=9\r\n", b"RCPT TO:<drop@b.example>\r\n",
        b"DATA\r\n", message.encode(), b"QUIT\r\n",
    )  # fmt: skip
    assert [line[:4] for line in heard.splitlines()] == [
        b"220 ", *[b"250-"] * 8, b"250 ", b"250 ", b"250 ", b"354 ", b"250 ", b"221 ",
    ]  # fmt: skip
    assert acts(tmp_path) == [
        ("EHLO", f"smtp://{HOST}", 0),
        ("MAIL", f"smtp://{HOST}/alex@a.example", 0),
        ("RCPT", f"smtp://{HOST}/drop@b.example", 0),
        ("DATA", f"smtp://{HOST}", len(message) - 4),
    ]
    assert b"alex@a.example" in kept(tmp_path, "stream")
    assert b"what was stolen" in kept(tmp_path, "payload")


@pytest.mark.parametrize(
    "said",
    [
        [b"AUTH PLAIN " + b64encode(b"\0alex\0p4ss") + b"\r\n"],
        [b"AUTH PLAIN\r\n", b64encode(b"\0alex\0p4ss") + b"\r\n"],
        [b"AUTH LOGIN\r\n", b64encode(b"alex") + b"\r\n", b64encode(b"p4ss") + b"\r\n"],
    ],
)
def test_any_login_is_taken_and_the_password_kept_out_of_the_url(tmp_path: Path, said: list[bytes]) -> None:
    heard = converse_with(tmp_path, 587, b"EHLO host.example\r\n", *said)
    assert heard.splitlines()[-1].startswith(b"235 ")
    assert acts(tmp_path)[-1] == ("AUTH", f"smtp://alex@{HOST}", 0)
    assert kept(tmp_path, "payload") == b"alex\0p4ss"


@pytest.mark.parametrize(
    ("said", "answer"),
    [(b"NOOP", b"250"), (b"EXPN list", b"500"), (b"VRFY \xff", b"252"), (b"AUTH GSSAPI", b"504"), (b"", b"500")],
)
def test_other_commands(tmp_path: Path, said: bytes, answer: bytes) -> None:
    assert converse_with(tmp_path, 25, b"EHLO a\r\n", said + b"\r\n").splitlines()[-1].startswith(answer)


def test_a_line_without_end_is_malformed(tmp_path: Path) -> None:
    converse_with(tmp_path, 25, b"EHLO a\r\n", *[b"x" * 60_000] * 4)
    assert "malformed smtp" in lines(tmp_path, "limit")[0]["detail"]


class Starting:
    """A client that begins TLS after some lines in the clear, then says more inside."""

    def __init__(self, certificate: bytes, before: list[bytes], name: str, inside: bytes) -> None:
        context = ssl.create_default_context(cadata=certificate.decode("ascii"))
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._before = before
        self._inside = inside
        self._begun = False
        self.heard = b""

    async def read(self, seconds: float | None = None) -> bytes:
        if self._before:
            return self._before.pop(0)
        self._begun = True
        try:
            self._tls.do_handshake()
            if self._inside:
                self._tls.write(self._inside)
                self._inside = b""
            self.heard += self._tls.read(65_536)
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()

    async def write(self, data: bytes) -> None:
        if self._begun:
            self._incoming.write(data)


@pytest.mark.parametrize(
    ("port", "before", "inside", "act"),
    [
        (
            25,
            [b"EHLO a\r\n", b"STARTTLS\r\n"],
            b"EHLO inner.example\r\n",
            ("EHLO", "smtp://mail.example"),
        ),
        (110, [b"USER x\r\n", b"STLS\r\n"], b"USER alex\r\nPASS word\r\n", ("PASS", "pop3://alex@mail.example")),
        (143, [b"a1 STARTTLS\r\n"], b"a2 LOGIN alex word\r\n", ("LOGIN", "imap://alex@mail.example")),
        (21, [b"AUTH TLS\r\n"], b"USER alex\r\n", ("USER", "ftp://alex@mail.example")),
    ],
)
def test_tls_begins_within_a_conversation(
    tmp_path: Path, port: int, before: list[bytes], inside: bytes, act: tuple[str, str]
) -> None:
    services = make_services(tmp_path)
    client = Starting(services.authority.certificate, list(before), "mail.example", inside)
    talk = make_talk(port)
    asyncio.run(converse(client, talk, services))
    assert [(tls["sni"], tls["completed"]) for tls in lines(tmp_path, "tls")] == [("mail.example", True)]
    last = lines(tmp_path, "exchange")[-1]
    assert (last["verb"], last["url"], last["tls"]) == (*act, True)
    assert inside in bytes(talk.head)


def test_pop3(tmp_path: Path) -> None:
    heard = converse_with(tmp_path, 110, b"USER alex\r\nPASS p4ss\r\nSTAT\r\nRETR 1\r\nQUIT\r\n")
    assert [line[:4] for line in heard.splitlines()] == [b"+OK ", b"+OK", b"+OK", b"+OK ", b"-ERR", b"+OK "]
    assert acts(tmp_path) == [("PASS", f"pop3://alex@{HOST}", 0)]
    assert b"p4ss" in kept(tmp_path, "stream")


def test_imap(tmp_path: Path) -> None:
    heard = converse_with(
        tmp_path, 143, b"a1 CAPABILITY\r\n", b"a2 LOGIN {4}\r\n", b'alex "p4 ss"\r\n', b"a3 SELECT INBOX\r\n",
        b"a4 APPEND Sent {300+}\r\n" + b"m" * 300 + b"\r\n", b"a5 AUTHENTICATE PLAIN\r\n", b64encode(b"\0bo\0b") + b"\r\n",
        b"a6 LOGOUT\r\n",
    )  # fmt: skip
    assert [line for line in heard.splitlines() if line[:1] == b"a"] == [
        b"a1 OK CAPABILITY completed", b"a2 OK LOGIN completed", b"a3 OK SELECT completed", b"a4 OK APPEND completed",
        b"a5 OK AUTHENTICATE completed", b"a6 OK LOGOUT completed",
    ]  # fmt: skip
    assert acts(tmp_path) == [
        ("LOGIN", f"imap://alex@{HOST}", 0),
        ("SELECT", f"imap://{HOST}/INBOX", 0),
        ("APPEND", f"imap://{HOST}/Sent", 300),
        ("AUTHENTICATE", f"imap://bo@{HOST}/PLAIN", 0),
    ]
