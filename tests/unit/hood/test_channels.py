from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hood.channels import Channel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe; the writing end is closed afterwards, if it is still open."""
    reader, writer = os.pipe()
    yield reader, writer
    try:
        os.close(writer)
    except OSError:
        return


def test_what_comes_is_kept_and_returned(pipe: tuple[int, int], tmp_path: Path) -> None:
    channel = Channel(pipe[0], tmp_path / "file", 100)
    assert channel.read() == b""
    os.write(pipe[1], b"one")
    assert channel.read() == b"one"
    os.write(pipe[1], b"two")
    assert channel.drain() == b"two"
    channel.close()
    assert (tmp_path / "file").read_bytes() == b"onetwo"
    assert (channel.kept, channel.total, channel.cut) == (6, 6, False)


def test_the_end_of_the_stream_is_noted(pipe: tuple[int, int], tmp_path: Path) -> None:
    channel = Channel(pipe[0], tmp_path / "file", 100)
    os.close(pipe[1])
    assert channel.open
    assert channel.read() == b""
    assert not channel.open
    channel.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.binary(min_size=1, max_size=200), max_size=10), limit=st.integers(-10, 500))
def test_no_more_than_the_limit_is_kept_and_all_is_counted(pieces: list[bytes], limit: int, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    channel = Channel(reader, tmp_path / "file", limit)
    for piece in pieces:
        os.write(writer, piece)
        assert channel.read() == piece
    os.close(writer)
    channel.close()
    everything = b"".join(pieces)
    assert (tmp_path / "file").read_bytes() == everything[: max(limit, 0)]
    assert channel.total == len(everything)
    assert channel.kept == min(len(everything), max(limit, 0))
    assert channel.cut == (len(everything) > max(limit, 0))


def test_a_writer_that_never_stops_does_not_hold_the_drain_up(tmp_path: Path) -> None:
    source = os.open("/dev/zero", os.O_RDONLY)
    channel = Channel(source, tmp_path / "file", 1000)
    assert len(channel.drain()) == channel.total > 0
    channel.close()
    assert (tmp_path / "file").stat().st_size == 1000


def test_what_comes_is_in_the_file_at_once(pipe: tuple[int, int], tmp_path: Path) -> None:
    channel = Channel(pipe[0], tmp_path / "file", 100)
    os.write(pipe[1], b"a line\n")
    channel.read()
    assert (tmp_path / "file").read_bytes() == b"a line\n"
    channel.close()
