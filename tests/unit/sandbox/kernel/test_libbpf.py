from __future__ import annotations

import ctypes
import errno
from typing import Any

import pytest

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel import libbpf


class FakeFunction:
    """What ctypes gives for a function: callable, with attributes that can be set."""

    def __init__(self, answer: Any, number: int) -> None:
        self.answer, self.number = answer, number

    def __call__(self, *arguments: Any) -> Any:
        ctypes.set_errno(self.number)
        return self.answer


class FakeLibrary:
    answer: Any = 0
    number = 0

    def __getitem__(self, name: str) -> FakeFunction:
        return FakeFunction(0 if name == "libbpf_set_print" else self.answer, self.number)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    """libbpf, of which every function gives the same answer."""
    library = FakeLibrary()
    real = ctypes.CDLL
    monkeypatch.setattr(ctypes, "CDLL", lambda name, **options: library if name == libbpf.LIBRARY else real(name))
    return library


def test_a_missing_library_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(
        SandboxError, match=r"needs libnothing\.so\.9, which cannot be loaded: apt-get install libbpf1$"
    ):
        libbpf.Library("libnothing.so.9")


def test_a_library_that_lacks_a_function_is_too_old() -> None:
    with pytest.raises(SandboxError, match=r"needs libbpf 1\.0 or later"):
        libbpf.Library("libc.so.6")


def test_an_answer_is_handed_on(fake: FakeLibrary) -> None:
    fake.answer = 7
    assert libbpf.Library().checked("count", "libbpf_num_possible_cpus") == 7


def test_a_pointer_that_is_null_is_an_error_with_its_reason(fake: FakeLibrary) -> None:
    fake.answer, fake.number = None, errno.ENOENT
    with pytest.raises(
        SandboxError, match="^the kernel tracer cannot read x: No such file or directory; use --tracer strace$"
    ):
        libbpf.Library().checked("read x", "bpf_object__open_file", b"x", None)


def test_a_negative_answer_is_an_error_number(fake: FakeLibrary) -> None:
    fake.answer = -errno.EINVAL
    with pytest.raises(
        SandboxError, match="^the kernel tracer cannot be loaded: Invalid argument; use --tracer strace$"
    ):
        libbpf.Library().checked("be loaded", "bpf_object__load", None)


def test_a_missing_right_says_which_and_what_else_can_be_done(fake: FakeLibrary) -> None:
    fake.answer, fake.number = -1, errno.EPERM
    with pytest.raises(SandboxError, match="Operation not permitted; run as root, or with CAP_BPF.*--tracer strace$"):
        libbpf.Library().checked("be loaded", "bpf_object__load", None)


def test_an_error_tells_what_the_library_said(fake: FakeLibrary) -> None:
    fake.answer = -errno.EINVAL
    library = libbpf.Library()
    said = ctypes.cast(ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 0), ctypes.c_void_p)  # a va_list that no format reads
    real = library.call

    def speaking(name: str, *arguments: Any) -> Any:
        library._keep(0, b"libbpf: prog 'x': no way\n", said.value or 0)
        library._keep(1, b"libbpf: this is mere information\n", said.value or 0)
        return real(name, *arguments)

    library.call = speaking  # type: ignore[method-assign]
    with pytest.raises(SandboxError, match=r"Invalid argument; use --tracer strace \(libbpf: prog 'x': no way\)$"):
        library.checked("be loaded", "bpf_object__load", None)
