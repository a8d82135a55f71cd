"""Exported corpora, which may come from a stranger, and what is kept of a stranger's report."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.corpus import exchange
from analyzer.corpus.entry import MAX_WORDS, Entry
from analyzer.corpus.exchange import imported
from analyzer.errors import CorpusError, RecordError
from tests.unit.corpus.entries import READS, entry, report
from tests.unit.render.hostile import hostile_report

HEADER = b'{"format":"fumehood-corpus","reports":1,"version":1}\n'
FUTURE = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(data: bytes, name: str = "x") -> list[Entry]:
    return list(imported(io.BytesIO(data), name, until=datetime.now(UTC)))


def line(**changes: object) -> bytes:
    return json.dumps(json.loads(entry(behaviors=[READS]).line) | changes).encode() + b"\n"


def test_a_line_is_what_it_was() -> None:
    one = entry(behaviors=["b.b", "a.a", "b.b"], kinds=["z", "y", "z"], requires=["six", "attrs"])
    assert [sighting.id for sighting in one.behaviors] == ["a.a", "b.b"]
    assert read(HEADER + one.line.encode() + b"\n") == [one]
    assert one.line == (
        '{"analysed":"2025-01-01T12:00:00Z","backend":"embedded","behaviors":[{"called_only":false,"id":"a.a","phases":["import"]},'
        '{"called_only":false,"id":"b.b","phases":["import"]}],"digests":["'
        + "ab"
        * 32
        + '"],"fumehood":"0.1.0","issues":[],'
        '"kinds":["y","z"],"name":"six","python":"3.11.2","requires":["attrs","six"],"tracer":"kernel","version":"1.0"}'
    )


@pytest.mark.parametrize(
    ("data", "telling"),
    [
        (b"", "x is no corpus: name a file that `fumehood corpus export` wrote"),
        (b"{}\n", "x is no corpus"),
        (HEADER.replace(b"1}", b"2}"), "x has format version 2, and this fumehood reads 1: upgrade it"),
        (HEADER.replace(b":1,", b":1000001,"), "x is no corpus"),
        (HEADER, "x: it ends after line 1 of 2; export it again"),
        (HEADER + line() + line(), "x: it goes on after the 1 reports that its first line tells of"),
        (HEADER + b"[" * 100_000, "x, line 2: it: "),
        (HEADER + b"\xff\n", "x, line 2: it: "),
        (HEADER + b"x" * (exchange.MAX_LINE + 1), "x, line 2: it is longer than 1048576 bytes"),
        (HEADER + line(name="Six"), "x, line 2: name: is no normalised name of a package"),
        (HEADER + line(name="-"), "x, line 2: name: "),
        (HEADER + line(version="1\n2"), "x, line 2: version: has characters that cannot be printed"),
        (HEADER + line(version="1" * 201), "x, line 2: version: "),
        (HEADER + line(analysed="yesterday"), "x, line 2: analysed: is no time as"),
        (HEADER + line(analysed="2025-1-1T12:00:00Z"), "x, line 2: analysed: is no time of the past"),
        (HEADER + line(analysed=FUTURE), "x, line 2: analysed: is no time of the past"),
        (HEADER + line(digests=["00"]), "x, line 2: digests.0: "),
        (HEADER + line(behaviors=[{"id": "<b>"}]), "x, line 2: behaviors.0.id: "),
        (HEADER + line(behaviors=[{"id": "a.b", "phases": ["lunch"]}]), "x, line 2: behaviors.0.phases.0: "),
        (HEADER + line(kinds=["x"] * (MAX_WORDS + 1)), "x, line 2: kinds: "),
        (HEADER + line(kinds=["\x1b[31m"]), "x, line 2: kinds.0: has characters that cannot be printed"),
        (HEADER + line(requires=["a b"]), "x, line 2: requires.0: "),
        (HEADER + line(more=1), "x, line 2: more: "),
    ],
)
def test_what_is_refused(data: bytes, telling: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read(data)
    assert telling in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_what_ships_does_not_depend_on_the_clock() -> None:
    assert next(imported(io.BytesIO(HEADER + line(analysed=FUTURE)), "x")).analysed == FUTURE


def test_compressed_by_suffix() -> None:
    packed = gzip.compress(HEADER + line())
    assert read(packed, "x.gz") == read(HEADER + line())
    for data in (packed[:-9], packed[:20], b"", HEADER, packed[:30] + b"\xff" * 30):
        with pytest.raises(CorpusError, match="x.gz"):
            read(data, "x.gz")


def test_a_bomb_of_one_line_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(HEADER) + gzip.compress(b"x" * 50_000_000)
    with pytest.raises(CorpusError, match="line 2: it is longer than"):
        read(bomb, "x.gz")


@given(
    st.lists(
        st.sampled_from([HEADER, line(), line(name="Six"), b"\n", b"{", b"\xff", b"null\n"]) | st.binary(max_size=40)
    )
)
def test_whatever_comes_is_taken_or_refused_in_one_line(parts: list[bytes]) -> None:
    for name in ("x", "x.gz"):
        try:
            read(b"".join(parts), name)
        except CorpusError as error:
            assert str(error).isprintable()


TEXTS = st.text(max_size=30)


@given(
    name=TEXTS,
    version=TEXTS,
    generator=TEXTS,
    created=TEXTS,
    kinds=st.lists(TEXTS, max_size=3),
    requires=st.lists(TEXTS, max_size=3),
)
def test_what_is_kept_of_a_strangers_report_can_be_read_again(
    name: str, version: str, generator: str, created: str, kinds: list[str], requires: list[str]
) -> None:
    for when in (created, "2025-01-01T12:00:00Z"):
        try:
            one = Entry.of(
                report(name, [READS], kinds=kinds, requires=requires).model_copy(
                    update={"created": when, "generator": generator}
                )
            )
        except RecordError as error:
            assert "is left out: " in str(error)
            continue
        assert read(HEADER + one.line.encode()) == [one]


def test_a_hostile_report_is_refused_in_one_line() -> None:
    with pytest.raises(RecordError, match="is left out"):
        Entry.of(hostile_report())
