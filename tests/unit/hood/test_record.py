from __future__ import annotations

import json
from pathlib import Path

from hood import record
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(alphabet=st.characters(), max_size=50))
def test_short_text_stays(text: str) -> None:
    assert record.shorten(text, 50) == text


@given(st.text(alphabet=st.characters(), min_size=11))
def test_long_text_is_cut_with_a_mark(text: str) -> None:
    assert record.shorten(text, 10) == text[:9] + "…"


def test_every_line_is_one_line_of_ascii(tmp_path: Path) -> None:
    lines = [{"text": "a\nb"}, {"text": "\udcff\u2028"}, {"text": "\x00\x1b"}]
    for line in lines:
        record.append(tmp_path / "lines", line)
    assert [json.loads(line) for line in (tmp_path / "lines").read_bytes().decode("ascii").splitlines()] == lines


def test_a_document_is_ascii_too(tmp_path: Path) -> None:
    record.write(tmp_path / "document", ["\udcff"])
    assert json.loads((tmp_path / "document").read_bytes().decode("ascii")) == ["\udcff"]
