"""Data in names: found however it is split, and nothing found in names that are only names."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.packets.labels import Hidden, hidden

TEXT = b"user=alex host=workstation, and all is well"


def base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def base32hex(data: bytes) -> str:
    return base64.b32hexencode(data).decode().rstrip("=").lower()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


ENCODINGS = [(bytes.hex, "hex"), (base32, "base32"), (base32hex, "base32hex"), (base64url, "base64")]


def pieces(text: str, size: int = 30) -> list[str]:
    return [text[place : place + size] for place in range(0, len(text), size)]


def only(names: list[str]) -> Hidden:
    (found,) = hidden(names)
    return found


@pytest.mark.parametrize(("encode", "name"), ENCODINGS)
def test_what_is_split_over_names_is_put_together(encode: Callable[[bytes], str], name: str) -> None:
    found = only([f"{piece}.t.collect.example" for piece in pieces(encode(TEXT))])
    assert (found.domain, found.encoding, found.format, found.data) == ("t.collect.example", name, "text", TEXT)


@pytest.mark.parametrize(
    "form", ["{number}.{piece}.a.example", "{piece}.{number}.a.example", "{piece}.id7.{number}.a.example"]
)
def test_numbers_tell_the_order(form: str) -> None:
    names = [form.format(number=number, piece=piece) for number, piece in enumerate(pieces(base32(TEXT)))]
    assert only(names[::-1]).data == TEXT


def test_each_name_has_its_part() -> None:
    first, second = (f"{piece}.a.example" for piece in pieces(TEXT.hex(), 60))
    assert only([first, second, first]).parts == {first: TEXT[:30], second: TEXT[30:]}


def test_names_that_are_data_each_for_itself() -> None:
    names = [f"{base32(text)}.a.example" for text in (b"the first one", b"and a second")]
    assert only(names).data == b"the first one\nand a second"


def test_other_names_of_the_domain_do_not_hide_it() -> None:
    names = [f"{piece}.t.a.example" for piece in pieces(base32(TEXT))]
    found = only(["www.a.example", names[0], "mail.a.example", *names[1:], "a.example"])
    assert (found.domain, found.data) == ("t.a.example", TEXT)


def test_a_single_name_with_several_labels() -> None:
    found = only([".".join(pieces(TEXT.hex())) + ".x.a.example"])
    assert (found.domain, found.data) == ("x.a.example", TEXT)


def test_formats_are_known_by_their_first_bytes_and_not_unpacked() -> None:
    data = gzip.compress(bytes(10_000_000))[:200]
    found = only([f"{number}.{piece}.a.example" for number, piece in enumerate(pieces(data.hex(), 60))])
    assert (found.format, found.data) == ("gzip", data)


def test_other_alphabets_are_text() -> None:
    data = "все хорошо здесь".encode()
    assert only([f"{data.hex()}.a.example"]).data == data


@pytest.mark.parametrize(
    "names",
    [
        ["www.google.example", "raw.githubusercontent.example", "login.microsoftonline.example"],
        ["productionmetrics.service.example", "internationalization.docs.example"],
        ["d3adb33fcafebabe.cdn.example", "0123456789abcdef0123.cdn.example"],
        ["ec2-192-0-2-17.eu-central-1.compute.example", "_dmarc.a.example", "xn--bcher-kva.example"],
        ["a.example", "example", "", ".", "..", "x..example"],
        ["aaaaaaaaaaaaaaaaaaaaaaaa.a.example"],
        ["1.0.168.192.in-addr.arpa", "8." + "0." * 31 + "ip6.arpa"],
    ],
)
def test_names_are_no_data(names: list[str]) -> None:
    assert hidden(names) == []


def test_only_so_many_names_and_domains_are_looked_at() -> None:
    names = [f"{number:06d}{base32(b'number %d of many' % number)}.a.example" for number in range(6000)]
    assert all(len(one.parts) <= 5000 for one in hidden(names))
    assert len(hidden(f"{TEXT.hex()[:40]}.a{number}.example" for number in range(3000))) == 2000


LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_=ABCXYZ", min_size=0, max_size=63)


@given(st.lists(st.text() | st.lists(LABEL, max_size=6).map(".".join), max_size=40))
def test_any_names(names: list[str]) -> None:
    for found in hidden(names):
        assert set(found.parts) <= set(names)
        assert len(found.data) <= sum(map(len, names)) + len(names)


@given(st.text("abcdefghij klmnop=,", min_size=20, max_size=300), st.integers(10, 60), st.sampled_from(ENCODINGS))
def test_any_text_comes_back(text: str, size: int, encoding: tuple[Callable[[bytes], str], str]) -> None:
    encode, _ = encoding
    found = hidden(
        [f"{number}.{piece}.t.a.example" for number, piece in enumerate(pieces(encode(text.encode()), size))]
    )
    assert len(set(text)) <= 2 or found[0].data.startswith(text.encode()[:8]) or found[0].encoding != encoding[1]
