from __future__ import annotations

import base64
import bz2
import codecs
import gzip
import html
import io
import json
import lzma
import quopri
import tarfile
import urllib.parse
import zipfile
import zlib

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from searcher.bounds import Bounds, Clock
from searcher.host import Host
from searcher.hunting import Hunter
from searcher.values import Secret, Values

from analyzer.sandbox import decoys
from tests.unit.searcher.hunts import HEX, KEY, SECRETS, TOKEN, hunt


def _zip(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "nothing")
        archive.writestr("b.txt", data)
    return out.getvalue()


def _tar(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("b.txt")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


TEXTUAL = {
    "base64": base64.b64encode,
    "base64 url": base64.urlsafe_b64encode,
    "base64 lines": base64.encodebytes,
    "base64 bare": lambda data: base64.b64encode(data).rstrip(b"="),
    "base32": base64.b32encode,
    "base32 lower": lambda data: base64.b32encode(data).lower().rstrip(b"="),
    "hex": lambda data: data.hex().encode(),
    "hex upper": lambda data: data.hex().upper().encode(),
    "hex colons": lambda data: data.hex(":").encode(),
    "hex spaces": lambda data: data.hex(" ").encode(),
    "hex escapes": lambda data: b"".join(b"\\x%02x" % byte for byte in data),
    "url": lambda data: "".join(f"%{byte:02X}" for byte in data).encode(),
    "form": lambda data: urllib.parse.urlencode({"a": "b", "data": data}).encode(),
    "html": lambda data: "".join(f"&#{byte};" for byte in data).encode(),
    "quoted-printable": quopri.encodestring,
}
PACKED = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "deflate": _deflate,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zip": _zip,
    "tar": _tar,
}
TEXT_TO_TEXT = {
    "json": lambda data: json.dumps({"k": data.decode("latin-1"), "n": 1}).encode(),
    "json unicode": lambda data: "".join(f"\\u{byte:04x}" for byte in data).encode(),
    "html named": lambda data: html.escape(data.decode("latin-1")).encode("latin-1"),
    "rot13": lambda data: codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1"),
    "utf-16": lambda data: data.decode("latin-1").encode("utf-16-le"),
}
OTHER = {"reversed": lambda data: data[::-1], "xor": lambda data: bytes(byte ^ 0xA7 for byte in data)}
NAMES = {"form": "url", "json unicode": "escapes", "hex escapes": "escapes"}
CLEAR = {"json", "html named", "tar", "form", "quoted-printable", "xz"}
"""Encodings that leave the characters of some values as they are."""

ALL = TEXTUAL | PACKED | TEXT_TO_TEXT | OTHER


@pytest.mark.parametrize("encoding", ALL)
@pytest.mark.parametrize("around", [(b"", b""), (b"user=u&v=", b"&w=1"), (b'{"x": "', b'"}\r\n')])
@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.name)
def test_each_encoding_is_found_whatever_stands_around(encoding: str, around: tuple[bytes, bytes], secret) -> None:
    data = ALL[encoding](b"some text before it: " + secret.value + b", and after it\n")
    found = hunt(around[0] + data + around[1] if encoding not in {"xor", "deflate"} else data)
    assert found.hits[secret].share == 100
    if encoding not in CLEAR:
        assert found.hits[secret].encodings[0].split()[0] == NAMES.get(encoding, encoding.split()[0])


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.name)
def test_a_value_in_the_clear_has_no_encoding(secret) -> None:
    found = hunt(b"token: " + secret.value + b"\n")
    assert {hit.encodings for hit in found.hits.values()} == {()}
    assert list(found.hits) == [secret]


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.lists(st.sampled_from(sorted(TEXTUAL | PACKED)), min_size=1, max_size=4),
    st.sampled_from(SECRETS),
    st.text(alphabet="abcdef {}:,", max_size=40),
)
def test_what_is_nested_is_found(nesting: list[str], secret, around: str) -> None:
    data = around.encode() + b' {"token": "' + secret.value + b'"} ' + around.encode()
    for name in nesting:
        data = ALL[name](data)
    assert secret in hunt(data).hits, nesting


@pytest.mark.parametrize(
    "nesting",
    [
        ("json", "gzip", "base64", "json"), ("json", "zlib", "base64 url", "form"), ("tar", "gzip", "hex"), ("zip", "base64", "json"),
        ("reversed", "base64"), ("base64", "reversed"), ("rot13", "base64", "form"), ("base64", "rot13"), ("xor", "base64"),
        ("base64", "xor"), ("gzip", "xor"), ("utf-16", "base64"), ("base64", "base64", "base64", "base64"), ("json unicode", "gzip"),
        ("base64", "xor", "hex"), ("hex", "reversed", "base64"), ("deflate", "base64 bare"), ("base64", "utf-16"),
    ],
)  # fmt: skip
def test_usual_ways_to_hide_it(nesting: tuple[str, ...]) -> None:
    data = b"k=" + TOKEN.value
    for name in nesting:
        data = ALL[name](data)
    assert hunt(data).hits[TOKEN].share == 100


@pytest.mark.parametrize(("start", "size", "share"), [(0, 20, 50), (11, 16, 40), (20, 20, 50)])
def test_parts_count_from_sixteen_characters_on(start: int, size: int, share: int) -> None:
    assert hunt(b"x=" + TOKEN.value[start : start + size] + b"&y=1").hits[TOKEN].share == share


@pytest.mark.parametrize("size", [1, 8, 15])
def test_less_is_chance(size: int) -> None:
    assert not hunt(b"x=" + TOKEN.value[3 : 3 + size] + b"&y=1").hits


def test_letters_that_lost_their_case_count_in_names_only() -> None:
    name = TOKEN.value.lower() + b".collect.example"
    assert hunt(name, folded=True).hits[TOKEN].encodings == ("lower case",)
    assert not hunt(name).hits


def test_two_facts_of_the_machine_are_told_and_words_that_hold_them_are_not() -> None:
    assert set(hunt(b'{"h": "mira-laptop", "u": "mira"}').facts) == {"host name", "user name"}
    assert set(hunt(base64.b64encode(b"Linux 6.1.0-9-amd64 at 192.168.1.23")).facts) == {"kernel release", "address"}
    assert not hunt(b"admiral 192.168.1.234 miracle").facts


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_can_be_searched_and_show_nothing(data: bytes) -> None:
    assert not hunt(data).hits


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="aAzZ09+/=-_ \n\\u%&#;x", max_size=3000))
def test_any_text_can_be_searched_and_shows_nothing(text: str) -> None:
    assert not hunt(text.encode()).hits


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PACKED)), st.integers(0, 400), st.integers(0, 255))
def test_spoiled_archives_do_no_harm(name: str, at: int, byte: int) -> None:
    data = bytearray(PACKED[name](b"text " * 100 + KEY.value + b" text" * 100))
    data[at % len(data)] = byte
    hunt(bytes(data))


@pytest.mark.parametrize("name", ["gzip", "zlib", "deflate", "bzip2", "xz", "lzma", "zip"])
def test_bombs_are_cut_and_that_is_said(name: str) -> None:
    said: list[str] = []
    bounds = Bounds(decoded=1 << 16, seconds=60.0, piece_seconds=60.0)
    assert not hunt(PACKED[name](bytes(1 << 22) + TOKEN.value), bounds, said).hits
    assert name == "deflate" or any("unpacked up to" in one for one in said)


def test_what_can_be_decoded_in_too_many_ways_is_given_up_and_that_is_said() -> None:
    said: list[str] = []
    data = b" ".join(base64.b64encode(b"text number %d, and more of it" % number) for number in range(300))
    hunt(data, Bounds(tries=50), said)
    assert said == ["some of what was sent can be decoded in too many ways: not all of them were searched"]


def test_large_data_is_searched_for_whole_values() -> None:
    said: list[str] = []
    data = b"lorem ipsum " * 1000 + HEX.value + b" dolor"
    assert hunt(data, Bounds(closely=4096), said).hits[HEX].share == 100
    assert any("only of larger pieces" in one for one in said)


def test_what_all_keys_have_in_common_is_no_hit() -> None:
    # The beginning of every ed25519 key of OpenSSH.
    common = b"b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQ"
    values = Values(
        [Secret("key", "/home/alex/.ssh/id_ed25519", common + b"AAAAIHmR8vXw2kTq5Zn1Jc7LfGd0PbYs4UeWoKa9NiVh3MxE")]
    )
    assert not values.search(common + b"AAAAIother0key1of2the3same4kind5with6other7bytes", 1 << 20)
    assert values.search(b"hmR8vXw2kTq5Zn1Jc7LfGd0PbYs".replace(b"h", b"H", 1), 1 << 20)


def test_what_web_tokens_have_in_common_is_no_hit() -> None:
    def token(issuer: bytes, number: int, signature: bytes) -> bytes:
        parts = (b'{"alg":"RS256","kid":"main"}', b'{"iss":"%s","sub":"alex","iat":%d}' % (issuer, number), signature)
        return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)

    values = Values(
        [Secret("a token", "$TOKEN", token(b"https://northwind.example/", 1793728123, bytes(range(128, 228))))]
    )
    assert not values.search(token(b"https://northwind.example/", 1801504123, bytes(range(100, 200, 2))), 1 << 20)
    assert not values.search(base64.b64encode(b"see https://northwind.example/ for more"), 1 << 20)
    assert values.search(token(b"https://other.example/", 1, bytes(range(128, 228))), 1 << 20)[0].share > 90


def test_the_home_of_another_run_holds_no_hit() -> None:
    def secrets(planted: decoys.Decoys) -> list[Secret]:
        return [Secret(one.name, one.path, one.value.encode()) for one in planted.secrets]

    mine, other = decoys.make(), decoys.make()
    bounds = Bounds(seconds=300.0, piece_seconds=60.0)
    hunter = Hunter(secrets(mine), Host([]), bounds, Clock(bounds), lambda detail: None)
    texts = [entry["text"].encode() for entry in other.files if "text" in entry] + [
        value.encode() for value in other.environment.values()
    ]
    for text in texts:
        assert not hunter.search(text).hits
        assert not hunter.search(base64.b64encode(text)).hits
    proven = {
        secret for entry in mine.files if "text" in entry for secret in hunter.search(entry["text"].encode()).hits
    }
    assert len(proven) > 50
