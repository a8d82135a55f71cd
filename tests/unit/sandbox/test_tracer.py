from __future__ import annotations

import pytest

from analyzer.errors import UsageError
from analyzer.sandbox.tracer import NoTracer, PlainStrace, Strace, choose


@pytest.mark.parametrize("name", ["auto", "strace"])
def test_strace_is_what_this_version_has(name: str) -> None:
    assert isinstance(choose(name), Strace)


@pytest.mark.parametrize("name", ["kernel", "nonsense", ""])
def test_another_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(UsageError, match=rf"--tracer {name}.*strace"):
        choose(name)


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


@pytest.mark.parametrize("tracer", [PlainStrace(), NoTracer()])
def test_the_yardsticks_have_only_a_name(tracer: PlainStrace | NoTracer) -> None:
    assert tracer.plan() == {"name": tracer.name}
