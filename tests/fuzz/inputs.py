"""Inputs of a target, for hypothesis: its corpus with changes, its pieces in any order, and any bytes."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.fuzz.target import LARGEST, Target

_NUMBERS = tuple(
    number.to_bytes(size, order)
    for size in (1, 2, 4, 8)
    for number in (0, 1, 127, 128, 255)
    for order in ("little", "big")
)  # type: ignore[arg-type]
_COMMON = (
    b"\0",
    b"\n",
    b"\r\n",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"A" * 300,
    b"9" * 5000,
    *dict.fromkeys(_NUMBERS),
)


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Bytes for a target, short ones first."""
    pieces = st.sampled_from([*target.pieces, *_COMMON]) | st.binary(max_size=12)
    joined = st.lists(pieces, max_size=30).map(b"".join)
    seeds = target.seeds()
    every = [joined, st.binary(max_size=600)]
    if seeds:
        place = st.integers(0, max(map(len, seeds)) + 1)
        changes = st.lists(
            st.tuples(place, st.integers(0, 40), st.sampled_from(("over", "in", "out", "twice")), pieces), max_size=8
        )
        every.insert(0, st.builds(_changed, st.sampled_from(seeds), changes))
    return st.one_of(every).map(lambda data: data[:LARGEST])


def _changed(seed: bytes, changes: list[tuple[int, int, str, bytes]]) -> bytes:
    data = bytearray(seed)
    for place, size, how, piece in changes:
        at = place % (len(data) + 1)
        if how == "over":
            data[at : at + len(piece)] = piece
        elif how == "in":
            data[at:at] = piece
        elif how == "out":
            del data[at : at + size]
        else:
            data[at:at] = data[at : at + size]
    return bytes(data)
