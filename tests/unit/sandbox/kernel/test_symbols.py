from __future__ import annotations

import contextlib
import ctypes
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.symbols import function_offsets


def own_libc() -> Path:
    lines = Path("/proc/self/maps").read_text().splitlines()
    return Path(next(line.split()[-1] for line in lines if "libc.so" in line or "libc-" in line or "ld-musl" in line))


def test_the_offset_leads_to_the_functions_code() -> None:
    offset = function_offsets(own_libc(), ["clock_gettime", "no_such_function"])
    assert set(offset) == {"clock_gettime"}
    address = ctypes.cast(ctypes.CDLL(None).clock_gettime, ctypes.c_void_p).value
    assert address
    code = own_libc().read_bytes()[offset["clock_gettime"] :][:16]
    assert ctypes.string_at(address, 16) == code


def test_a_function_that_is_chosen_at_start_is_left_out(tmp_path: Path) -> None:
    image = bytearray(own_libc().read_bytes())
    before = function_offsets(own_libc(), ["getpid", "getppid"])
    assert set(before) == {"getpid", "getppid"}
    # The symbol's info byte: STT_FUNC (2) becomes STT_GNU_IFUNC (10). The symbol is found by its address and size.
    changed = tmp_path / "libc"
    _make_ifunc(image, "getpid")
    changed.write_bytes(image)
    assert function_offsets(changed, ["getpid", "getppid"]) == {"getppid": before["getppid"]}


def _make_ifunc(image: bytearray, name: str) -> None:
    sections_at = struct.unpack_from("<Q", image, 0x28)[0]
    size, count = struct.unpack_from("<HH", image, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", image, sections_at + i * size) for i in range(count)]
    table = next(section for section in sections if section[1] == 11)
    strings = sections[table[6]][4]
    for at in range(table[4], table[4] + table[5], 24):
        start = strings + struct.unpack_from("<I", image, at)[0]
        if image[start : image.find(b"\0", start)] == name.encode():
            image[at + 4] = image[at + 4] & 0xF0 | 10


@pytest.mark.parametrize("content", [b"\x7fELF", b"no library", b"\x7fELF\x01\x01" + bytes(100)])
def test_what_is_no_64_bit_library_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "libc"
    file.write_bytes(content)
    with pytest.raises(SandboxError, match="cannot find the time functions of .*libc"):
        function_offsets(file, ["time"])


def test_an_absent_or_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="No such file"):
        function_offsets(tmp_path / "libc", ["time"])
    (tmp_path / "libc").touch()
    with pytest.raises(SandboxError, match="cannot find the time functions"):
        function_offsets(tmp_path / "libc", ["time"])


@given(head=st.binary(max_size=300))
def test_damage_gives_an_error_or_offsets(tmp_path_factory: pytest.TempPathFactory, head: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "damaged"
    file.write_bytes(b"\x7fELF\x02\x01" + head)
    with contextlib.suppress(SandboxError):
        assert function_offsets(file, ["time"]) == {}
