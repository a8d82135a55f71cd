from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer.errors import SandboxError
from analyzer.sandbox.checks import kernel_tracer as check

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("capabilities", "allowed"),
    [
        ("000001ffffffffff", True),  # root
        ("0000000000200000", True),  # CAP_SYS_ADMIN
        ("000000c000000000", True),  # CAP_BPF and CAP_PERFMON
        ("0000008000000000", False),  # CAP_BPF alone
        ("0000000000000000", False),
    ],
)
def test_the_rights_that_the_kernel_asks_for(capabilities: str, allowed: bool) -> None:
    assert check._allowed(f"Name:\tx\nCapEff:\t{capabilities}\nCapBnd:\t000001ffffffffff\n") is allowed


def test_a_kernel_without_types_is_told_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_TYPES", tmp_path / "vmlinux")
    found = check.kernel_tracer()
    assert (found.status, found.remedy) == ("weak", "a kernel with CONFIG_DEBUG_INFO_BTF")


def test_a_user_without_rights_is_told_which_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vmlinux").touch()
    (tmp_path / "status").write_text("CapEff:\t0000000000000000\n")
    monkeypatch.setattr(check, "_TYPES", tmp_path / "vmlinux")
    monkeypatch.setattr(check, "_STATUS", tmp_path / "status")
    found = check.kernel_tracer()
    assert (found.status, found.remedy) == ("weak", "run as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE")


@pytest.fixture
def able(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host whose kernel and rights are no hindrance."""
    (tmp_path / "vmlinux").touch()
    (tmp_path / "status").write_text("CapEff:\t000001ffffffffff\n")
    monkeypatch.setattr(check, "_TYPES", tmp_path / "vmlinux")
    monkeypatch.setattr(check, "_STATUS", tmp_path / "status")
    monkeypatch.setattr(check, "library", lambda: None)
    monkeypatch.setattr(check, "kernel_program", lambda: tmp_path / "tracer.bpf.o")


def fail_with(monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
    def fail(*_: object) -> None:
        raise SandboxError(said)

    monkeypatch.setattr(check, name, fail)


@pytest.mark.usefixtures("able")
@pytest.mark.parametrize(
    ("name", "found", "remedy"),
    [
        (
            "library",
            "the kernel tracer needs libbpf.so.1, which cannot be loaded",
            "apt-get install libbpf1",
        ),
        (
            "kernel_program",
            "the kernel tracer's program is older than its sources in /srv/probes/kernel",
            "run `make kernel-probe` there, or use --tracer strace",
        ),
    ],
)
def test_what_is_missing_is_told_apart_from_its_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, found: str, remedy: str
) -> None:
    fail_with(monkeypatch, name, f"{found}: {remedy}")
    done = check.kernel_tracer()
    assert (done.status, done.found, done.remedy) == ("weak", found, remedy)


@pytest.mark.usefixtures("able")
def test_what_goes_wrong_at_load_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, "KernelTracer", "the kernel tracer cannot be loaded: Invalid argument; use --tracer strace")
    done = check.kernel_tracer()
    assert (done.status, done.found) == (
        "weak",
        "the kernel tracer cannot be loaded: Invalid argument; use --tracer strace",
    )
    assert done.remedy == "what its line says; until then, --tracer auto takes strace"


@pytest.mark.usefixtures("able")
@pytest.mark.parametrize(
    ("missing", "found"), [({}, "loads"), ({"uring_request": "no tracepoint"}, "loads, without uring_request")]
)
def test_what_loads_is_told(monkeypatch: pytest.MonkeyPatch, missing: dict[str, str], found: str) -> None:
    class Loaded:
        def __init__(self, *_: object) -> None:
            self.missing = missing

        def __enter__(self) -> Loaded:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(check, "KernelTracer", Loaded)
    done = check.kernel_tracer()
    assert (done.status, done.found, done.remedy) == ("ok", found, "")
