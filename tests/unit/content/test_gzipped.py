from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.content.gzipped import Gzip


def unpacked(data: bytes, step: int = 100) -> tuple[bytes, bool]:
    reader = Gzip()
    pieces = [piece for at in range(0, len(data), step) for piece in reader.pieces(data[at : at + step])]
    assert all(len(piece) <= 1024 * 1024 for piece in pieces)
    return b"".join(pieces), reader.is_broken


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=3), st.integers(1, 500))
def test_a_file_is_unpacked_piece_by_piece(parts: list[bytes], step: int) -> None:
    assert unpacked(b"".join(gzip.compress(part) for part in parts), step) == (b"".join(parts), False)


@pytest.mark.parametrize(
    "data",
    [b"\x1f\x8b\x08", b"\x1f\x8b\x08\xff" + b"x" * 50, gzip.compress(b"x" * 99)[:-8] + b"12345678"],
    ids=["cut", "noise", "another checksum"],
)
def test_a_damaged_one_gives_what_came_before(data: bytes) -> None:
    found, broken = unpacked(data)
    assert len(found) <= 99
    assert broken or len(data) == 3


def test_a_bomb_is_left() -> None:
    found, broken = unpacked(gzip.compress(b"\0" * 300_000_000, 9), 1000)
    assert broken
    assert len(found) < 70_000_000


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    unpacked(b"\x1f\x8b\x08" + data, 7)
