from __future__ import annotations

import os
import resource
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.sandbox.checks import Check, hardening, services

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of /proc/sys."""
    monkeypatch.setattr(hardening, "_SETTINGS", tmp_path)
    (tmp_path / "kernel" / "yama").mkdir(parents=True)
    (tmp_path / "kernel" / "core_pattern").write_text("core\n")
    return tmp_path


@pytest.mark.parametrize(
    ("release", "status"),
    [
        ("6.1.0-18-amd64", "ok"), ("5.10.0", "ok"), ("5.15.167.4-microsoft-standard-WSL2", "ok"), ("10.0", "ok"), ("5.9.16", "weak"),
        ("4.19.0-27-amd64", "weak"), ("3.10.0-1160.el7.x86_64", "weak"), ("strange", "weak"),
    ],
)  # fmt: skip
def test_an_old_kernel_is_weak(release: str, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release=release))
    check = hardening.kernel_age()
    assert (check.status, check.found) == (status, release)
    assert ("5.10 or later" in check.remedy) is (status == "weak")


@pytest.mark.parametrize(
    ("scope", "status", "remedy"),
    [
        ("", "ok", ""),
        ("0", "ok", ""),
        ("1\n", "ok", ""),
        ("2\n", "weak", "--sandbox docker"),
        ("3\n", "weak", "--tracer kernel, as root"),
    ],
)
def test_who_may_trace(scope: str, status: str, remedy: str, settings: Path) -> None:
    if scope:
        (settings / "kernel/yama/ptrace_scope").write_text(scope)
    check = hardening.tracing_allowed()
    assert check.status == status
    assert remedy in check.remedy


@pytest.mark.parametrize(
    ("pattern", "hard", "status"),
    [
        ("core", 0, "ok"),
        ("/var/crash/%p", 0, "ok"),
        ("|/usr/lib/systemd/systemd-coredump %P", resource.RLIM_INFINITY, "ok"),
        ("|/usr/lib/systemd/systemd-coredump %P", 1, "ok"),
        ("|/usr/lib/systemd/systemd-coredump %P", 0, "weak"),
        ("@/run/coredump.sock", 0, "weak"),
    ],
)
def test_a_handler_of_crashes(
    pattern: str, hard: int, status: str, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings / "kernel/core_pattern").write_text(pattern + "\n")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (0, hard))
    check = hardening.crash_handler()
    assert check.status == status
    assert ("ulimit -Hc" in check.remedy) is (status == "weak")


class Engine:
    """An engine's client as far as the check needs it."""

    def __init__(self, options: list[str] | None) -> None:
        self._options = options

    def info(self) -> dict[str, Any]:
        return {"ServerVersion": "27.0", "SecurityOptions": self._options, "Runtimes": {"runc": {}}}

    def close(self) -> None:
        """Nothing is open."""


def checked(options: list[str] | None, monkeypatch: pytest.MonkeyPatch) -> Check:
    monkeypatch.setattr(services.docker, "from_env", lambda timeout: Engine(options))
    return services.engine()


@pytest.mark.parametrize(
    ("options", "status", "remedy"),
    [
        (["name=seccomp,profile=default", "name=userns"], "weak", "userns-remap"),
        (["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"], "ok", ""),
        (["name=apparmor", "name=seccomp,profile=default"], "weak", "--sandbox embedded"),
        (["name=apparmor", "name=userns"], "weak", "an engine with seccomp"),
        (None, "weak", "an engine with seccomp"),
    ],
)
def test_how_an_engine_confines(
    options: list[str] | None, status: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = checked(options, monkeypatch)
    assert check.status == status
    assert remedy in check.remedy
    assert bool(check.remedy) is (status == "weak")
