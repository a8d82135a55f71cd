from __future__ import annotations

from importlib.resources import files

import pytest
import yaml

from analyzer.trace.calls import kernel
from analyzer.trace.kernellog.arguments import signatures
from analyzer.trace.kernellog.tables import (
    AARCH64,
    ARM,
    I386,
    X32,
    X86_64,
    call_names,
    call_numbers,
    error_name,
    flags,
    named,
    signal_name,
)


def words(package: str, name: str) -> dict[str, object]:
    data: dict[str, object] = yaml.safe_load(files(package).joinpath(name).read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize(
    ("arch", "number", "name"),
    [
        (X86_64, 59, "execve"), (I386, 11, "execve"), (X32, 520, "execve"), (AARCH64, 221, "execve"),
        (I386, 192, "mmap"), (I386, 412, "utimensat"), (AARCH64, 79, "newfstatat"), (X86_64, 435, "clone3"),
        (X86_64, 452, "fchmodat"), (AARCH64, 452, "fchmodat"), (I386, 463, "setxattrat"), (X32, 469, "file_setattr"),
        (X86_64, 336, "uprobe"), (X32, 514, "ioctl"), (X86_64, 514, ""), (I386, 336, "perf_event_open"),
    ],
)  # fmt: skip
def test_numbers_of_calls(arch: int, number: int, name: str) -> None:
    assert call_names(arch).get(number, "") == name


def test_calls_since_the_numbers_became_common_have_one_number_everywhere() -> None:
    tables = [call_numbers(machine) for machine in ("x86_64", "i386", "x32", "aarch64")]
    common = {
        name: {table[name] for table in tables if name in table} for name, number in tables[0].items() if number >= 424
    }
    assert {name: numbers for name, numbers in common.items() if len(numbers) != 1} == {}
    assert sorted(number for numbers in common.values() for number in numbers) == list(range(424, 470))


def test_no_number_of_an_architecture_is_two_calls() -> None:
    for machine in ("x86_64", "i386", "x32", "aarch64"):
        numbers = list(call_numbers(machine).values())
        assert len(numbers) == len(set(numbers))


def test_machines_without_a_table_have_no_calls() -> None:
    assert (call_names(ARM), call_names(77), call_numbers("riscv64"), signatures(77)) == ({}, {}, {}, {})
    assert call_numbers("x86_64")["uselib"] == 134


def test_every_call_that_strace_records_or_a_decoder_reads_has_a_signature() -> None:
    told = set(words("analyzer.trace.kernellog", "signatures.yaml"))
    groups = words("analyzer.sandbox", "strace.yaml")["calls"]
    more = words("analyzer.sandbox.kernel", "wanted.yaml")["calls"]
    assert isinstance(groups, dict)
    assert isinstance(more, dict)
    recorded = {call for calls in (*groups.values(), *more.values()) for call in calls}
    assert told == recorded
    assert set(kernel._DECODERS) <= told
    x86 = {signature.name for signature in signatures(X86_64).values()}
    assert told - x86 == {"socketcall"}


def test_all_words_of_the_signatures_are_kinds() -> None:
    for arch in (X86_64, I386, X32, AARCH64):
        assert len(signatures(arch)) > 100


def test_names_of_constants() -> None:
    assert named("family", 10) == "AF_INET6"
    assert named("family", 4096) == "0x1000"
    assert flags("mmap_protection", 5) == "PROT_READ|PROT_EXEC"
    assert flags("mmap_protection", 0) == "0"
    assert flags("open", 0o200000 | 1 << 40) == "O_DIRECTORY|0x10000000000"
    assert (error_name(2), error_name(4000)) == ("ENOENT", "errno 4000")
    assert (signal_name(9), signal_name(33), signal_name(99)) == ("SIGKILL", "SIGRT_1", "99")
