from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.trace.logs.literals import Handle, Quoted, Struct, arguments, ends_in_string, unescape

NAMED = {0x22: '\\"', 0x5C: "\\\\", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}


def escape(data: bytes) -> str:
    """What strace prints for a buffer (strace 6.1, util.c, string_quote): octal as short as the next byte allows."""
    pieces = []
    for place, byte in enumerate(data):
        if byte in NAMED:
            pieces.append(NAMED[byte])
        elif 0x20 <= byte < 0x7F:
            pieces.append(chr(byte))
        else:
            digit_follows = data[place + 1 : place + 2] in {bytes([digit]) for digit in b"01234567"}
            pieces.append(f"\\{byte:03o}" if digit_follows else f"\\{byte:o}")
    return "".join(pieces)


@given(st.binary())
def test_bytes_survive_escapes(data: bytes) -> None:
    assert unescape(escape(data)) == data
    assert arguments(f'AT_FDCWD, "{escape(data)}", O_RDONLY') == ("AT_FDCWD", Quoted(data, cut=False), "O_RDONLY")


@given(st.binary())
def test_hexadecimal_escapes(data: bytes) -> None:
    assert unescape("".join(f"\\x{byte:02x}" for byte in data)) == data


@given(st.lists(st.binary(), max_size=8))
def test_arrays_keep_each_word(words: list[bytes]) -> None:
    text = ", ".join(f'"{escape(word)}"' for word in words)
    assert arguments(f"[{text}]") == (tuple(Quoted(word, cut=False) for word in words),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("3, NULL, 0x7f /* 42 vars */", ("3", "NULL", "0x7f")),
        ('"abc"..., 400', (Quoted(b"abc", cut=True), "400")),
        ("htons(ETH_P_ALL)", ("htons(ETH_P_ALL)",)),
        ("[[1], [2]]", ((("1",), ("2",)),)),
        ("~[RTMIN RT_1]", ("~", ("RTMIN RT_1",))),
        ("kill(3 /* 9 in strace's PID NS */", ("kill(3 /* 9 in strace's PID NS */",)),
    ],
)
def test_arguments(text: str, expected: tuple[object, ...]) -> None:
    assert arguments(text) == expected


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("{a=1, b=2}", "b", "2"),
        ("{a=, b=2}", "b", "2"),
        ("{sin_port=htons(80)}", "sin_port", "htons(80)"),
        ('{sin_addr=inet_addr("192.0.2.1")}', "sin_addr", Quoted(b"192.0.2.1", cut=False)),
        ('{sun_path=@"ab\\"s\\1"}', "sun_path", Quoted(b'@ab"s\x01', cut=False)),
        ('{inet_pton(AF_INET6, "::1", &sin6_addr), x=9}', "x", "9"),
    ],
)
def test_structures(text: str, name: str, value: object) -> None:
    (struct,) = arguments(text)
    assert isinstance(struct, Struct)
    assert struct.get(name) == value


def test_an_empty_field_does_not_swallow_the_end() -> None:
    assert arguments("{a=}, 5") == (Struct((("a", ""),)), "5")


def test_text_is_lossless_for_names_that_are_not_utf8() -> None:
    assert Quoted(b"a\xff\xc3", cut=False).text.encode("utf-8", "surrogateescape") == b"a\xff\xc3"


@pytest.mark.parametrize(("text", "expected"), [('"a"', False), ('"a\\"', True), ('"a", "b', True), ("", False)])
def test_ends_in_string(text: str, *, expected: bool) -> None:
    assert ends_in_string(text) is expected


TOKENS = st.lists(
    st.sampled_from(['"', "\\", "[", "]", "{", "}", "(", ")", ",", "=", "a=", "/*", "*/", "@", " ", "é", "\udcff"])
)


@given(st.one_of(st.text(), TOKENS.map("".join)))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(arguments(text), tuple)
    assert isinstance(unescape(text), bytes)


@pytest.mark.parametrize(
    "piece", ['"', '\\"', '"\\', "[", "{", "(", "a(", "{a=", "/*", "*/", "/**/", "@", ",", "]", "{a=]", '@"']
)
def test_long_hostile_text_takes_few_steps(piece: str) -> None:
    """Half a million characters: more than linear cost would take minutes, and the suite's time limit ends it."""
    text = piece * (500_000 // len(piece))
    assert isinstance(arguments(text), tuple)
    ends_in_string(text)


@given(st.binary(min_size=1, max_size=60).filter(lambda name: b"\0" not in name))
def test_any_path_behind_a_descriptor_comes_back(name: bytes) -> None:
    """strace escapes what would end the path too (`printxval` and `print_quoted_string` with `<>`), before a digit with three digits."""
    path = b"/tmp/" + name
    told = re.sub("[<>](?=([0-9])?)", lambda one: f"\\{'0' if one[1] else ''}{ord(one[0]):o}", escape(path))
    number, after = arguments(f"3<{told}>, 7")
    assert (number, after) == ("3", "7")
    assert isinstance(number, Handle)
    assert number.path == path.decode("utf-8", "surrogateescape").removesuffix(" (deleted)")


@pytest.mark.parametrize(
    ("text", "number", "path"),
    [
        ("AT_FDCWD</home/u>", "AT_FDCWD", "/home/u"),
        ("3</tmp/gone>(deleted)", "3", "/tmp/gone"),
        ("3</memfd:na\\76me>(deleted)", "3", "memfd:na>me"),
        ("3<socket:[17]>", "3", ""),
        ("3<pipe:[17]>", "3", ""),
        ("3<anon_inode:[pidfd]>", "3", ""),
        ("-100</x>", "-100", "/x"),
    ],
)
def test_a_descriptor_with_its_path(text: str, number: str, path: str) -> None:
    first, last = arguments(f"{text}, [5<pipe:[1]>, 6</a,b>]")
    assert isinstance(first, Handle)
    assert (first, first.path) == (number, path)
    assert last == ("5", "6")
