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
    assert (found.status, found.remedy) == ("missing", "a kernel with CONFIG_DEBUG_INFO_BTF")


def test_a_user_without_rights_is_told_which_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vmlinux").touch()
    (tmp_path / "status").write_text("CapEff:\t0000000000000000\n")
    monkeypatch.setattr(check, "_TYPES", tmp_path / "vmlinux")
    monkeypatch.setattr(check, "_STATUS", tmp_path / "status")
    found = check.kernel_tracer()
    assert (found.status, found.remedy) == ("missing", "run as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE")


def test_what_goes_wrong_at_load_is_told_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Path:
        raise SandboxError("the kernel tracer is not in this installation")

    (tmp_path / "vmlinux").touch()
    (tmp_path / "status").write_text("CapEff:\t000001ffffffffff\n")
    monkeypatch.setattr(check, "_TYPES", tmp_path / "vmlinux")
    monkeypatch.setattr(check, "_STATUS", tmp_path / "status")
    monkeypatch.setattr(check, "kernel_program", refuse)
    found = check.kernel_tracer()
    assert (found.status, found.found) == ("missing", "the kernel tracer is not in this installation")
