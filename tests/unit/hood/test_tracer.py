from __future__ import annotations

from pathlib import Path

import pytest
from hood import tracer
from hood.tracer import command

from analyzer.sandbox.tracer import NoTracer, PlainStrace, Strace

LOG = Path("/record/steps/01-install.strace")


def words(*, running: bool = True, container: bool = False) -> list[str]:
    return command(Strace().plan(), LOG, running_package_code=running, in_container=container)


def option(words: list[str], prefix: str) -> list[str]:
    return [word.removeprefix(prefix) for word in words if word.startswith(prefix)]


def test_strace_follows_children_writes_the_log_and_uses_its_filter() -> None:
    found = words()
    assert found[3] == "strace"
    assert {"-f", "--seccomp-bpf", "-ttt", "-T", "--decode-pids=pidns"} <= set(found)
    assert found[found.index("-o") + 1] == str(LOG)


@pytest.mark.parametrize(
    ("cpus", "mask"),
    [({0}, "0100000000000000"), ({0, 1, 9}, "0302000000000000"), ({3, 64}, "0800000000000000" + "0100000000000000")],
)
def test_tracer_and_package_share_a_processor_and_the_package_is_told_of_all(
    cpus: set[int], mask: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracer.os, "sched_getaffinity", lambda pid: cpus)
    found = words()
    assert found[:2] == ["taskset", "-c"]
    assert int(found[2]) in cpus
    assert option(found, "inject=sched_getaffinity:") == [f"poke_exit=@arg3={mask}"]
    assert "sched_getaffinity" in option(found, "trace=")[0].split(",")


def test_the_installer_is_traced_less_closely_than_the_package() -> None:
    (package,), (installer,) = (option(words(running=running), "trace=") for running in (True, False))
    assert set(installer.split(",")) < set(package.split(","))


def test_the_installer_is_not_watched_in_its_memory_and_its_files() -> None:
    (installer,) = option(words(running=False), "trace=")
    assert not {"mmap", "mprotect", "rt_sigaction", "access", "openat", "write", "clock_nanosleep"} & set(
        installer.split(",")
    )


def test_namespaces_are_refused_by_the_tracer_only_where_no_user_namespace_refuses_them() -> None:
    assert not any("unshare" in injection for injection in option(words(), "inject="))
    assert any("unshare" in injection for injection in option(words(container=True), "inject="))
    assert any("io_uring_setup" in injection for injection in option(words(), "inject="))


def test_the_yardsticks() -> None:
    options = {"running_package_code": True, "in_container": False}
    assert command(NoTracer().plan(), LOG, **options) == []
    assert command(PlainStrace().plan(), LOG, **options)[:2] == ["strace", "-f"]
