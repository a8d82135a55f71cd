from __future__ import annotations

import errno
import platform
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import SandboxError
from analyzer.sandbox.seccomp import compile_profile, profile
from analyzer.sandbox.tracer import Refusal, refusals
from analyzer.trace.kernellog.tables import call_numbers

PROFILE = profile(refusals("refused", "refused_untraced", "refused_in_container"))
"""All that is refused anywhere."""
NAMED = {name for rule in PROFILE["syscalls"] for name in rule["names"]}
NUMBERS = {
    machine: {name: number for name, number in call_numbers(machine).items() if name in NAMED}
    for machine in ("x86_64", "aarch64")
}
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
I386 = 0x40000003
X32_BIT = 0x40000000
ALLOW = 0x7FFF0000
READ = {"x86_64": 0, "aarch64": 63}


def decide(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """What the kernel's interpreter of classic BPF returns for a call (Documentation/networking/filter.rst)."""
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, architecture, 0, *[*arguments, *[0] * (6 - len(arguments))])
    instructions = list(struct.iter_unpack("=HBBI", program))
    accumulator = place = 0
    while True:
        code, if_true, if_false, operand = instructions[place]
        place += 1
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif code == 0x54:  # BPF_ALU | BPF_AND | BPF_K
            accumulator &= operand
        elif code == 0x15:  # BPF_JMP | BPF_JEQ | BPF_K
            place += if_true if accumulator == operand else if_false
        elif code == 0x35:  # BPF_JMP | BPF_JGE | BPF_K
            place += if_true if accumulator >= operand else if_false
        elif code == 0x06:  # BPF_RET | BPF_K
            return operand
        else:
            pytest.fail(f"instruction {code:#x} is not of those that the kernel takes from us")


def refused(error: int) -> int:
    return 0x00050000 | error


@pytest.fixture(params=sorted(ARCHITECTURES))
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each machine that the profile is for."""
    monkeypatch.setattr(platform, "machine", lambda: request.param)
    return str(request.param)


def compiled(machine: str) -> tuple[bytes, int, dict[str, int]]:
    return compile_profile(PROFILE, call_numbers(machine)), ARCHITECTURES[machine], NUMBERS[machine]


def test_each_call_that_the_profile_refuses_gets_its_error(machine: str) -> None:
    program, architecture, numbers = compiled(machine)
    seen = set()
    for rule in PROFILE["syscalls"]:
        arguments = [0] * 6
        for argument in rule.get("args", []):
            arguments[argument["index"]] = argument.get("valueTwo", 1 << 32)
        for name in rule["names"]:
            if name in numbers:
                seen.add(name)
                assert decide(program, architecture, numbers[name], *arguments) == refused(rule["errnoRet"]), name
    assert seen == set(numbers)


def test_every_named_call_of_the_profile_has_a_number_on_x86_64() -> None:
    assert set(NUMBERS["x86_64"]) == NAMED


@given(number=st.integers(0, 600), arguments=st.lists(st.integers(0, 2**64 - 1), max_size=6))
def test_every_other_call_is_allowed(number: int, arguments: list[int]) -> None:
    machine = platform.machine()
    program, architecture, numbers = compiled(machine)
    if number not in numbers.values():
        assert decide(program, architecture, number, *arguments) == ALLOW


def test_namespaces_are_refused_whatever_else_the_flags_say(machine: str) -> None:
    program, architecture, numbers = compiled(machine)
    fork = 0x01200011  # CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD
    thread = 0x003D0F00
    assert decide(program, architecture, numbers["clone"], fork) == ALLOW
    assert decide(program, architecture, numbers["clone"], thread) == ALLOW
    for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000):
        for others in (0, fork, thread, 1 << 40):
            assert decide(program, architecture, numbers["clone"], others | flag) == refused(errno.EPERM), hex(flag)
    assert decide(program, architecture, numbers["clone3"]) == refused(errno.ENOSYS)


def test_the_limit_of_cores_can_be_read_and_seems_to_change(machine: str) -> None:
    """With the answer 0 the call is not made, and its caller takes it for done."""
    program, architecture, numbers = compiled(machine)
    core, files = 4, 7
    for limit in (1, 1 << 32, 0x7FFF_0000_1000):
        assert decide(program, architecture, numbers["prlimit64"], 0, core, limit) == refused(0), hex(limit)
        assert decide(program, architecture, numbers["prlimit64"], 0, files, limit) == ALLOW
    assert decide(program, architecture, numbers["prlimit64"], 0, core, 0, 0x7FFF_0000_1000) == ALLOW
    assert decide(program, architecture, numbers["setrlimit"], core, 0) == refused(0)
    assert decide(program, architecture, numbers["setrlimit"], files, 0) == ALLOW


def test_sockets_of_the_internet_are_allowed_and_those_of_the_machine_around_are_not(machine: str) -> None:
    program, architecture, numbers = compiled(machine)
    for family in (1, 2, 10, 16, 17):  # UNIX, INET, INET6, NETLINK, PACKET
        assert decide(program, architecture, numbers["socket"], family, 1) == ALLOW
    for family in (40, 1 << 32 | 40):  # AF_VSOCK, and with a half that the kernel does not look at
        assert decide(program, architecture, numbers["socket"], family, 1) == refused(errno.EAFNOSUPPORT)


def test_a_listener_that_could_hide_calls_is_refused_and_filters_are_not(machine: str) -> None:
    program, architecture, numbers = compiled(machine)
    assert decide(program, architecture, numbers["seccomp"], 1, 0) == ALLOW
    assert decide(program, architecture, numbers["seccomp"], 1, 1 << 3) == refused(errno.EPERM)
    assert decide(program, architecture, numbers["seccomp"], 1, 1 << 3 | 1) == refused(errno.EPERM)


def test_calls_of_another_architecture_are_refused(machine: str) -> None:
    program, _, _ = compiled(machine)
    other = next(value for name, value in ARCHITECTURES.items() if name != machine)
    for architecture in (I386, other, 0):
        for number in (0, 1, 39, 56, 400):
            assert decide(program, architecture, number) == refused(errno.ENOSYS)


def test_calls_of_another_architecture_may_be_answered_by_a_signal(machine: str) -> None:
    """SECCOMP_RET_TRAP, of which strace is told."""
    program = compile_profile(PROFILE, call_numbers(machine), signalling=True)
    assert decide(program, I386, READ[machine]) == 0x00030000
    if machine == "x86_64":
        assert decide(program, ARCHITECTURES[machine], READ[machine] | X32_BIT) == 0x00030000
    assert decide(program, ARCHITECTURES[machine], READ[machine]) == ALLOW


def test_other_processes_cannot_be_taken_over_and_own_ones_can_be_traced(machine: str) -> None:
    program, architecture, numbers = compiled(machine)
    for request in (16, 0x4206):  # PTRACE_ATTACH, PTRACE_SEIZE
        assert decide(program, architecture, numbers["ptrace"], request, 7) == refused(errno.EPERM)
    for request in (0, 7):  # PTRACE_TRACEME, PTRACE_CONT
        assert decide(program, architecture, numbers["ptrace"], request, 7) == ALLOW


def test_x32_is_refused_where_there_is_such_a_thing(machine: str) -> None:
    program, architecture, numbers = compiled(machine)
    for number in (READ[machine], numbers["clone"], 520):
        expected = refused(errno.ENOSYS) if machine == "x86_64" else ALLOW
        assert decide(program, architecture, number | X32_BIT) == expected


def test_the_program_is_within_the_kernels_limit(machine: str) -> None:
    program, _, _ = compiled(machine)
    assert len(program) % 8 == 0
    assert len(program) // 8 < 4096


def test_an_unknown_machine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "s390x")
    with pytest.raises(SandboxError, match="s390x"):
        compile_profile(PROFILE, {})


def test_more_may_be_refused_in_both_formats(machine: str) -> None:
    added = profile([Refusal(("bpf", "io_uring_setup"), "ENOSYS")])
    assert added["syscalls"][-1] == {
        "names": ["bpf", "io_uring_setup"],
        "action": "SCMP_ACT_ERRNO",
        "errnoRet": errno.ENOSYS,
    }
    numbers = call_numbers(machine)
    program = compile_profile(added, numbers)
    assert decide(program, ARCHITECTURES[machine], numbers["bpf"]) == refused(errno.ENOSYS)
    assert decide(program, ARCHITECTURES[machine], numbers["read"]) == ALLOW
    assert len(profile()["syscalls"]) == len(added["syscalls"]) - 1


def test_more_may_be_refused_by_the_value_of_an_argument(machine: str) -> None:
    numbers = call_numbers(machine)
    program = compile_profile(profile([Refusal(("ptrace",), "EPERM", argument=1, value=1)]), numbers)
    decided = [decide(program, ARCHITECTURES[machine], numbers["ptrace"], 16, pid) for pid in (0, 1, 2, 1 << 32 | 1)]
    # The kernel takes the lower half of the argument for the process's number.
    assert decided == [ALLOW, refused(errno.EPERM), ALLOW, refused(errno.EPERM)]
