"""Calls that were interrupted and made again."""

from __future__ import annotations

import pytest

from tests.unit.trace.making import acts

SOCKET = "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3"
INTERRUPTED = "accept4(3, 0x7ffd, 0x7ffe, SOCK_CLOEXEC) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)"
ACCEPTED = 'accept4(3, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, [16], SOCK_CLOEXEC) = 4'
OTHER = "accept4(5, 0x7ffd, 0x7ffe, SOCK_CLOEXEC) = -1 EINVAL (Invalid argument)"


def outcomes(*calls: str) -> list[str]:
    return [act.outcome for act in acts(SOCKET, *calls) if act.detail.kind == "socket.accept"]


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([INTERRUPTED, ACCEPTED], ["completed"]),
        ([INTERRUPTED, INTERRUPTED, ACCEPTED], ["completed"]),
        ([INTERRUPTED, INTERRUPTED], ["attempted"]),
        ([INTERRUPTED], ["attempted"]),
        ([INTERRUPTED, OTHER], ["attempted", "attempted"]),
        ([INTERRUPTED, "getppid() = 1", ACCEPTED], ["attempted", "completed"]),
        ([ACCEPTED, ACCEPTED], ["completed", "completed"]),
    ],
)
def test_a_call_that_is_made_again_is_one(calls: list[str], expected: list[str]) -> None:
    assert outcomes(*calls) == expected


def test_another_threads_call_is_its_own() -> None:
    thread = "clone(flags=CLONE_VM|CLONE_FILES|CLONE_THREAD) = 8 /* 11 in strace's PID NS */"
    assert outcomes(thread, INTERRUPTED, "@11 " + ACCEPTED) == ["attempted", "completed"]
