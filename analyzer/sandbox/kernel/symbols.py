"""Where a shared library's functions stand in its file. Source of the layout: man 5 elf (64-bit, little-endian)."""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING, Any, Final

from analyzer.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_HEADER: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION: Final = struct.Struct("<IIQQQQIIQQ")
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")
_SYMBOL: Final = struct.Struct("<IBBHQQ")
_CLASS_64_LITTLE: Final = b"\x7fELF\x02\x01"
_PT_LOAD, _SHT_DYNSYM, _STT_FUNC = 1, 11, 2


def function_offsets(library: Path, names: Collection[str]) -> dict[str, int]:
    """Offsets in the file of exported functions, by name; one that the library lacks, or chooses at start (IFUNC), is left out.

    Raises:
        SandboxError: the file is no 64-bit ELF library, or damaged.
    """
    wanted = {name.encode(): name for name in names}
    try:
        with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as image:
            header = _header(image)
            segments = [_SEGMENT.unpack_from(image, header[5] + i * header[9]) for i in range(header[10])]
            return {
                wanted[name]: _offset(segments, address)
                for name, address in _functions(image, header)
                if name in wanted
            }
    except (OSError, ValueError, LookupError, OverflowError, struct.error) as error:
        raise SandboxError(f"the kernel tracer cannot find the time functions of {library}: {error}") from error


def _header(image: mmap.mmap) -> tuple[Any, ...]:
    header = _HEADER.unpack_from(image)
    if not header[0].startswith(_CLASS_64_LITTLE):
        raise ValueError("no 64-bit little-endian ELF file")
    return header


def _functions(image: mmap.mmap, header: tuple[Any, ...]) -> Iterator[tuple[bytes, int]]:
    sections = [_SECTION.unpack_from(image, header[6] + i * header[11]) for i in range(header[12])]
    for section in sections:
        if section[1] != _SHT_DYNSYM:
            continue
        strings = sections[section[6]][4]
        for at in range(section[4], section[4] + section[5], _SYMBOL.size):
            name, info, _, place, address, _ = _SYMBOL.unpack_from(image, at)
            if info & 15 == _STT_FUNC and place:
                start = strings + name
                yield image[start : image.find(b"\0", start)], address


def _offset(segments: list[tuple[int, ...]], address: int) -> int:
    for kind, _, offset, start, _, size, *_ in segments:
        if kind == _PT_LOAD and start <= address < start + size:
            return address - start + offset
    raise ValueError(f"no segment holds address {address:#x}")
