"""Both sides of the connection, with a tracer that needs no kernel."""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel import calls, remote
from analyzer.sandbox.kernel.client import RemoteTracer
from analyzer.sandbox.kernel.interface import MOST_BYTES, RING_BYTES, Account, Namespaces, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TABLE = {7: b"\1\2", 1030: b"\xff"}


class Kernel:
    """What the program loads: notes what it is asked for."""

    refused = ""

    def __init__(self, program: Path, table: Mapping[int, bytes]) -> None:
        if self.refused:
            raise SandboxError(self.refused)
        self.loaded = (program, table)
        self.missing = {"uring_request": "no such tracepoint"}
        self.watched: list[Any] = []
        self.closed = threading.Event()

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()

    def namespaces(self, pid: int) -> Namespaces:
        if pid == 404:
            raise SandboxError("there is no process 404")
        return Namespaces(pid + 1, pid + 2)

    def watch_into(self, descriptor: int, scope: Scope) -> int:
        os.write(descriptor, b"written elsewhere")
        os.close(descriptor)
        self.watched.append(scope)
        if scope.pid_namespace == 28:
            raise OSError(28, "No space left on device")
        return 5

    def unwatch(self, recording: int) -> Account:
        return Account(recording, 2, "cut")

    def watch_clock(self, libc: Path) -> list[str]:
        self.missing["libc_time"] = f"{libc} is not watched"
        return ["clock_gettime"]


class Elsewhere:
    """The program in a thread, with the connection to it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kernel: list[Kernel] = []
        self.status: list[int] = []
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(folder / "s"))
            listener.listen()
            monkeypatch.setattr(sys, "argv", ["remote", str(folder / "s"), "/opt/object"])
            monkeypatch.setattr(remote, "KernelTracer", self._load)
            self.thread = threading.Thread(target=lambda: self.status.append(remote.main()))
            self.thread.start()
            self.connection = listener.accept()[0]

    def _load(self, program: Path, table: Mapping[int, bytes]) -> Kernel:
        self.kernel.append(Kernel(program, table))
        return self.kernel[0]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    one = Elsewhere(tmp_path, monkeypatch)
    yield one
    one.connection.close()
    one.thread.join()


@pytest.fixture
def tracer(elsewhere: Elsewhere) -> RemoteTracer:
    return RemoteTracer(elsewhere.connection, TABLE)


def test_the_table_comes_as_it_was(elsewhere: Elsewhere, tracer: RemoteTracer) -> None:
    assert elsewhere.kernel[0].loaded == (Path("/opt/object"), TABLE)
    assert tracer.missing == {"uring_request": "no such tracepoint"}


def test_the_whole_table_fits_one_message(elsewhere: Elsewhere) -> None:
    table = calls.entries({f"{name}" for name in calls._data().arguments} | calls.recorded().wanted)
    RemoteTracer(elsewhere.connection, table)
    assert elsewhere.kernel[0].loaded[1] == table


def test_a_recording_is_asked_for_with_its_log_open(elsewhere: Elsewhere, tracer: RemoteTracer, tmp_path: Path) -> None:
    assert tracer.namespaces(10) == Namespaces(pid=11, network=12)
    assert tracer.watch(11, tmp_path / "log") == 5
    assert tracer.watch(11, tmp_path / "other", 12, quiet=True, ring_bytes=4096, most_bytes=9) == 5
    assert (tmp_path / "log").read_bytes() == b"written elsewhere"
    assert elsewhere.kernel[0].watched == [
        Scope(11, None, quiet=False, ring_bytes=RING_BYTES, most_bytes=MOST_BYTES),
        Scope(11, 12, quiet=True, ring_bytes=4096, most_bytes=9),
    ]
    assert tracer.unwatch(5) == Account(5, 2, "cut")


def test_the_clock_is_asked_for_and_what_is_missing_told(tracer: RemoteTracer) -> None:
    assert tracer.watch_clock(Path("/proc/1/root/libc")) == ["clock_gettime"]
    assert tracer.missing["libc_time"] == "/proc/1/root/libc is not watched"


def test_an_error_comes_as_it_was_and_the_next_request_works(tracer: RemoteTracer, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="^there is no process 404$"):
        tracer.namespaces(404)
    with pytest.raises(SandboxError, match="^the kernel tracer cannot write its log: No space left on device$"):
        tracer.watch(28, tmp_path / "log")
    assert tracer.namespaces(1) == Namespaces(2, 3)


def test_a_log_that_cannot_be_made_is_told_here(elsewhere: Elsewhere, tracer: RemoteTracer, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="cannot write its log .*/absent/log: No such file or directory"):
        tracer.watch(1, tmp_path / "absent" / "log")
    assert elsewhere.kernel[0].watched == []


def test_an_unknown_request_is_refused(tracer: RemoteTracer) -> None:
    with pytest.raises(SandboxError, match="knows no request sing"):
        tracer._ask("sing")


def test_what_the_other_side_cannot_load_is_told(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kernel, "refused", "this host has no types")
    with pytest.raises(SandboxError, match="^this host has no types$"):
        RemoteTracer(elsewhere.connection, TABLE)
    elsewhere.thread.join()
    assert elsewhere.status == [1]


def test_the_other_side_ends_with_the_connection(elsewhere: Elsewhere, tracer: RemoteTracer) -> None:
    tracer.close()
    elsewhere.thread.join()
    assert elsewhere.kernel[0].closed.is_set()
    assert elsewhere.status == [0]


def test_an_answer_to_a_request_that_was_interrupted_is_passed_over(
    tracer: RemoteTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tracer, "_answer", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tracer.namespaces(1)
    assert tracer.namespaces(2) == Namespaces(3, 4)


def test_without_the_other_side_a_recording_ends_as_a_failure(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.send(b'{"id": 1, "missing": {}, "answer": null}')
    tracer = RemoteTracer(ours, {})
    theirs.close()
    said = r"the kernel tracer does not answer any more \(.*\): try again"
    with pytest.raises(SandboxError, match=said):
        tracer.namespaces(1)
    account = tracer.unwatch(1)
    assert (account.records, account.lost) == (0, 0)
    assert account.failure.startswith("the kernel tracer does not answer any more (")
    tracer.close()


def test_an_answer_that_is_none_is_told() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.send(b"no answer")
    with pytest.raises(SandboxError, match="does not answer any more"):
        RemoteTracer(ours, {})
    ours.close()
    theirs.close()
