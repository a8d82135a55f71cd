from __future__ import annotations

import pytest

from analyzer.sandbox.kernel.programs import for_uring

REQUEST, ENTRY = "io_uring_submit_req", "io_uring_submit_sqe"


@pytest.mark.parametrize(
    ("known", "release", "program"),
    [
        ({REQUEST}, "6.18.1-generic", ["uring_request"]),
        ({ENTRY}, "6.1.0-18-amd64", ["uring_entry"]),
        ({ENTRY}, "5.19.17", []),  # the same name, and another first argument
        ({REQUEST, ENTRY}, "6.4.0", ["uring_request"]),
        (set(), "6.1.0", []),
    ],
)
def test_the_program_for_requests_is_the_one_that_the_kernel_has(
    known: set[str], release: str, program: list[str]
) -> None:
    assert for_uring(known.__contains__, release) == program
