from __future__ import annotations

from importlib.resources import files

import pytest
import yaml

from analyzer.trace import kernel
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
    ],
)  # fmt: skip
def test_numbers_of_calls(arch: int, number: int, name: str) -> None:
    assert call_names(arch)[number] == name


def test_machines_without_a_table_have_no_calls() -> None:
    assert (call_names(ARM), call_names(77), call_numbers("riscv64"), signatures(77)) == ({}, {}, {}, {})
    assert call_numbers("x86_64")["uselib"] == 134


def test_every_call_that_strace_records_or_a_decoder_reads_has_a_signature() -> None:
    told = set(words("analyzer.trace.kernellog", "signatures.yaml")) - {"socketcall"}
    groups = words("analyzer.sandbox", "strace.yaml")["calls"]
    assert isinstance(groups, dict)
    recorded = {call for calls in groups.values() for call in calls}
    assert told == recorded
    assert set(kernel._DECODERS) <= told
    x86 = {signature.name for signature in signatures(X86_64).values()}
    assert told - x86 == set()


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
