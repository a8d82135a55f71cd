"""Exported corpora of strangers."""

from __future__ import annotations

import gzip
import io

from analyzer.corpus.exchange import imported
from analyzer.errors import CorpusError
from tests.fuzz.target import target

PIECES = (
    b'{"format":"fumehood-corpus","reports":1,"version":1}\n',
    b'{"id":"a.b","phases":["import"],"called_only":false}',
    b'"behaviors":[',
    b'"analysed":"2025-01-01T12:00:00Z"',
    b'"digests":["',
    b"\\ud800",
    b"null",
    b"1e999",
    b"[",
    b"\n",
)


def _import(data: bytes, name: str) -> None:
    try:
        for entry in imported(io.BytesIO(data), name):
            assert entry.line.isascii()
            assert "\n" not in entry.line
    except CorpusError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 1000


@target(*PIECES, guided=True)
def exported_corpus(data: bytes) -> None:
    _import(data, "x.jsonl")


@target(b"\x1f\x8b\x08", b"\0\0\0\0")
def compressed_corpus(data: bytes) -> None:
    _import(data, "x.jsonl.gz")
    _import(gzip.compress(data, 1, mtime=0), "x.jsonl.gz")
