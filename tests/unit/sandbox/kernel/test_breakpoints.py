from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.sandbox.kernel.breakpoints import CODE_BYTES, cheapest

# clock_gettime of glibc 2.36 (Debian 12): mov, mov, test, je, sub, call.
DEBIAN = bytes.fromhex("488b05713a1000488b80e00200004885c07415 4883ec08ffd085c0")


@pytest.mark.parametrize(
    ("code", "place"),
    [
        (DEBIAN, 17),
        (b"\xf3\x0f\x1e\xfa" + DEBIAN, 21),
        (b"\xf3\x0f\x1e\xfa\x53\x48\x89\xf3", 4),  # endbr64, push rbx
        (b"\x55\x48\x89\xe5", 0),  # push rbp at the entry itself
        (b"\x48\x83\xec\x18\xe8\x00\x00\x00\x00", 4),
        (b"\x48\x85\xc0\x0f\x84\x00\x00\x00\x00", 3),
        (b"\x89\xf8\x74\x15", 0),  # something before that is not known to leave the arguments alone
        (b"\x48\x8b\x05\x71", 0),  # cut
        (b"", 0),
    ],
)
def test_a_breakpoint_goes_where_the_kernel_does_the_work(code: bytes, place: int) -> None:
    assert cheapest(code, "x86_64") == place


def test_other_machines_have_it_at_the_entry() -> None:
    assert cheapest(DEBIAN, "aarch64") == 0


@given(st.binary(max_size=CODE_BYTES))
def test_any_code_has_a_place_within(code: bytes) -> None:
    assert 0 <= cheapest(code, "x86_64") <= len(code)
