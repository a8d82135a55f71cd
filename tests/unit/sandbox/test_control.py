"""Both ends of the line between supervisor and analyzer, and the recordings that are asked for over it."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hood.control import Control

from analyzer.errors import SandboxError
from analyzer.sandbox.control import Line, Recordings
from analyzer.sandbox.interface import MIB
from analyzer.sandbox.kernel.interface import Account, Namespaces, Recorder, Scope


class Recording(Recorder):
    """A recorder that notes what it is asked for."""

    def __init__(self, account: Account | None = None) -> None:
        self.missing = {}
        self.account = account or Account(1, 0, "")
        self.begun: list[tuple[int, str, int | None, bool, int]] = []
        self.ended: list[int] = []

    def namespaces(self, pid: int) -> Namespaces:
        return Namespaces(pid, pid + 1)

    def watch_into(self, descriptor: int, scope: Scope) -> int:
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}")).name
        os.close(descriptor)
        self.begun.append((scope.pid_namespace, name, scope.network_namespace, scope.quiet, scope.most_bytes))
        return len(self.begun)

    def unwatch(self, recording: int) -> Account:
        self.ended.append(recording)
        return self.account

    def watch_clock(self, libc: Path) -> list[str]:
        return []

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def steps(tmp_path: Path) -> None:
    """The folder of the logs, as the workspace makes it."""
    (tmp_path / "steps").mkdir()


@contextmanager
def line(folder: Path, handle: Any) -> Iterator[tuple[Line, Control]]:
    """Both ends."""
    with Line(folder / "control") as outer, outer.answering(handle):
        yield outer, Control(folder / "control")


def test_a_request_has_its_answer(tmp_path: Path) -> None:
    with line(tmp_path, lambda request: {"left": request["number"] + 1}) as (_, inner):
        assert inner.ask(number=1) == {"left": 2}
        assert inner.ask(number=2, text="x" * 100_000) == {"left": 3}


def test_what_the_analyzer_cannot_do_is_told(tmp_path: Path) -> None:
    def refuse(request: dict[str, Any]) -> dict[str, Any]:
        raise SandboxError("no more than that")

    with line(tmp_path, refuse) as (_, inner):
        for _ in range(2):
            with pytest.raises(OSError, match="no more than that"):
                inner.ask(watch="01-import")


def test_an_end_comes_by_itself_before_after_and_with_an_answer(tmp_path: Path) -> None:
    with line(tmp_path, lambda request: {}) as (outer, inner):
        assert inner.ended() is None
        outer.tell({"ended": 3})
        assert select.select([inner.descriptor], [], [], 5)[0]
        assert inner.ended() == 3
        assert inner.ended() is None
        outer.tell({"ended": 0})
        assert inner.ask(left=True) == {}
        assert inner.ended() == 0


def test_only_the_owner_may_use_the_pipes(tmp_path: Path) -> None:
    with line(tmp_path, lambda request: {}):
        assert (tmp_path / "control").stat().st_mode & 0o777 == 0o700
        assert {path.name for path in (tmp_path / "control").iterdir()} == {"requests", "answers"}


def test_nothing_stays_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with Line(tmp_path / "control") as outer, outer.answering(lambda request: {}):
        pass
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_recording_is_begun_and_finished_by_its_name(tmp_path: Path) -> None:
    recorder = Recording()
    recordings = Recordings(recorder, tmp_path, 100)
    assert recordings.handle({"watch": "01-import", "namespace": 7, "quiet": True}) == {}
    assert recorder.begun == [(7, "01-import.kernel", None, True, 100 + 64 * MIB)]
    assert recordings.handle({"finish": "01-import"}) == {}
    assert recorder.ended == [1]
    assert recordings.reasons == []


def test_a_recording_that_is_not_whole_is_a_reason(tmp_path: Path) -> None:
    recordings = Recordings(Recording(Account(1, 0, "the disk is full")), tmp_path, 100)
    recordings.begin("01-import", 7, quiet=False)
    recordings.close()
    assert recordings.reasons == ["the recording of 01-import is not whole: the disk is full"]
    recordings.close()
    assert len(recordings.reasons) == 1


def test_a_recorder_that_is_lost_in_mid_run_is_a_reason(tmp_path: Path) -> None:
    class Lost(Recording):
        """A recorder that is gone after the first recording."""

        def watch_into(self, descriptor: int, scope: Scope) -> int:
            number = super().watch_into(descriptor, scope)
            if number > 1:
                raise SandboxError("it does not answer any more")
            return number

        def namespaces(self, pid: int) -> Namespaces:
            if len(self.begun) > 1:
                raise SandboxError("it does not answer")
            return super().namespaces(pid)

    recordings = Recordings(Lost(), tmp_path, 100)
    for number, stem in enumerate(("00-check", "01-install", "02-startup")):
        recordings.begin_with(stem, number + 7, quiet=False)
        recordings.finish(stem)
    assert recordings.reasons == [
        "the system calls of 01-install were not recorded: it does not answer any more",
        "the system calls of 02-startup were not recorded: it does not answer",
    ]


def test_a_recorder_that_never_worked_is_an_error(tmp_path: Path) -> None:
    class Never(Recording):
        """A recorder that cannot record."""

        def watch_into(self, descriptor: int, scope: Scope) -> int:
            os.close(descriptor)
            raise SandboxError("no memory is left")

    with pytest.raises(SandboxError, match="no memory is left"):
        Recordings(Never(), tmp_path, 100).begin("00-check", 7, quiet=False)


@pytest.mark.parametrize("stem", ["", "../plan", "01-import/x", "01-IMPORT", "1-import", "01-import\n"])
def test_a_name_that_would_lead_elsewhere_is_refused(stem: str, tmp_path: Path) -> None:
    recorder = Recording()
    with pytest.raises(SandboxError, match="a name that is none"):
        Recordings(recorder, tmp_path, 100).begin(stem, 7, quiet=False)
    assert recorder.begun == []


def test_one_name_is_recorded_once_at_a_time(tmp_path: Path) -> None:
    recordings = Recordings(Recording(), tmp_path, 100)
    recordings.begin("01-import", 7, quiet=False)
    with pytest.raises(SandboxError, match="a name that is none"):
        recordings.begin("01-import", 7, quiet=False)
