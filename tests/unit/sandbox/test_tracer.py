from __future__ import annotations

import threading
from pathlib import Path

import pytest

from analyzer.errors import SandboxError, UsageError
from analyzer.sandbox import tracer
from analyzer.sandbox.kernel.interface import Account, Namespaces, Recorder, Scope
from analyzer.sandbox.tracer import Kernel, NoTracer, PlainStrace, Strace, Tracing


class Recording(Recorder):
    """A recorder of a test, of which only the end is noted."""

    def __init__(self) -> None:
        self.missing = {}
        self.closed = False

    def namespaces(self, pid: int) -> Namespaces:
        raise NotImplementedError

    def watch_into(self, descriptor: int, scope: Scope) -> int:
        raise NotImplementedError

    def unwatch(self, recording: int) -> Account:
        raise NotImplementedError

    def watch_clock(self, libc: Path) -> list[str]:
        raise NotImplementedError

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that does not let this process trace in the kernel."""

    def refuse() -> Path:
        raise SandboxError("the kernel tracer may not be loaded here")

    monkeypatch.setattr(tracer, "kernel_program", refuse)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Recording:
    """A host that lets it."""
    recorder = Recording()
    monkeypatch.setattr(tracer, "kernel_program", lambda: Path("tracer.bpf.o"))
    monkeypatch.setattr(tracer, "KernelTracer", lambda program, table: recorder)
    return recorder


@pytest.mark.parametrize("word", ["nonsense", ""])
def test_another_word_is_refused_with_those_that_there_are(word: str) -> None:
    with pytest.raises(UsageError, match=rf"--tracer {word}: unknown; use auto, kernel or strace"):
        Tracing(word)


@pytest.mark.parametrize("word", ["auto", "kernel"])
def test_the_kernel_is_preferred_and_let_go_at_the_end(word: str, loaded: Recording) -> None:
    tracing = Tracing(word)
    for _ in range(2):
        with tracing.begin() as chosen:
            assert (chosen.name, chosen.note, chosen.recorder) == ("kernel", "", loaded)
    assert not loaded.closed
    tracing.close()
    for thread in threading.enumerate():
        if thread.name == "kernel-tracer-end":
            thread.join()
    assert loaded.closed


def test_strace_is_taken_where_it_is_asked_for_without_a_word(loaded: Recording) -> None:
    tracing = Tracing("strace")
    with tracing.begin() as chosen:
        assert (chosen.name, chosen.note, chosen.recorder) == ("strace", "", None)
    tracing.close()
    assert not loaded.closed


@pytest.mark.usefixtures("refusing")
def test_strace_stands_in_and_says_why() -> None:
    with Tracing("auto").begin() as chosen:
        assert (chosen.name, chosen.note) == ("strace", "the kernel tracer may not be loaded here")


@pytest.mark.usefixtures("refusing")
def test_nothing_stands_in_for_the_kernel_where_it_is_asked_for() -> None:
    with (
        pytest.raises(SandboxError, match="--tracer kernel: the kernel tracer may not be loaded here"),
        Tracing("kernel").begin(),
    ):
        pytest.fail("something did")


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize("word", ["auto", "kernel"])
def test_a_helper_may_have_the_rights_for_one_run(word: str) -> None:
    helper = Recording()
    with Tracing(word).begin(lambda: helper) as chosen:
        assert (chosen.name, chosen.recorder) == ("kernel", helper)
    assert helper.closed


@pytest.mark.usefixtures("refusing")
def test_a_helper_without_them_is_told_too() -> None:
    def helper() -> Recorder:
        raise SandboxError("nor in a container")

    with Tracing("auto").begin(helper) as chosen:
        assert chosen.note == "the kernel tracer may not be loaded here; nor in a container"


def test_what_strace_refuses_a_profile_refuses_under_the_kernel() -> None:
    strace, kernel = Strace(), Kernel(Recording())
    assert not strace.refusals(in_container=True)
    refused = {name for one in kernel.refusals(in_container=False) for name in one.calls}
    assert {"io_uring_setup", "process_vm_writev", "bpf", "ptrace"} <= refused
    assert {name for one in kernel.refusals(in_container=True) for name in one.calls} == refused | {"unshare", "setns"}


def test_everything_that_is_refused_by_injection_is_traced_too() -> None:
    """Else the tracer's filter would not stop the call, and it would be neither refused nor seen."""
    plan = Strace().plan()
    for injection in [*plan["inject"], *plan["inject_in_container"]]:
        calls, _, effect = injection.partition(":")
        assert set(calls.split(",")) <= set(plan["calls"])
        assert set(calls.split(",")) <= set(plan["installer_calls"])
        assert effect.startswith(("error=", "retval="))


def test_ways_to_act_in_another_process_name_are_refused() -> None:
    refused = {name for injection in Strace().plan()["inject"] for name in injection.partition(":")[0].split(",")}
    assert {"process_vm_writev", "pidfd_getfd", "io_uring_setup", "bpf"} <= refused


def test_a_listener_is_refused_by_either_and_nobody_learns_of_strace_by_asking_to_be_traced() -> None:
    assert {"seccomp:error=EPERM", "ptrace:retval=0"} <= set(Strace().plan()["inject"])
    listeners = [one for one in Kernel(Recording()).refusals(in_container=False) if "seccomp" in one.calls]
    assert [(one.argument, one.value, one.mask) for one in listeners] == [(1, 8, 8)]


def test_the_installer_is_watched_less_closely_but_never_its_processes_and_sockets() -> None:
    plan = Strace().plan()
    assert set(plan["installer_calls"]) < set(plan["calls"])
    assert {"execve", "clone", "connect", "sendto", "ptrace"} <= set(plan["installer_calls"])
    assert "openat" in plan["calls"]
    assert "openat" not in plan["installer_calls"]


def test_no_call_is_named_twice() -> None:
    plan = Strace().plan()
    for calls in (plan["calls"], plan["installer_calls"]):
        assert len(calls) == len(set(calls))


@pytest.mark.parametrize("yardstick", [PlainStrace(), NoTracer()])
def test_the_yardsticks_have_only_a_name(yardstick: PlainStrace | NoTracer) -> None:
    assert yardstick.plan() == {"name": yardstick.name}


def test_where_the_kernel_would_see_nothing_it_is_not_asked(loaded: Recording) -> None:
    with Tracing("auto").begin(Recording, "another kernel answers") as chosen:
        assert (chosen.name, chosen.note) == ("strace", "another kernel answers")
    with pytest.raises(SandboxError, match="another kernel"), Tracing("kernel").begin(impossible="another kernel"):
        pytest.fail("it was")
