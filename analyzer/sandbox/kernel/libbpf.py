"""A thin, typed binding of libbpf.so.1: open, load and attach one object, its maps, and its ring buffers.

Source: libbpf's headers bpf.h and libbpf.h, version 1.1. All functions used here are in its stable interface since 1.0 at the latest.
"""

from __future__ import annotations

import ctypes
import errno
import os
from contextlib import contextmanager
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from analyzer.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

LIBRARY: Final = "libbpf.so.1"
RINGBUF: Final = 27
"""BPF_MAP_TYPE_RINGBUF, from linux/bpf.h."""
_BPF_TRACE_RAW_TP: Final = 23
"""Its attach type there."""

_MESSAGES: Final = 20
"""How many of libbpf's last lines are kept to explain a failure."""
_LONGEST: Final = 64 * 1024
"""Bytes of one of its messages, of which the verifier's log is the longest."""
_OWN_ERRORS: Final = 4000
"""libbpf's own error numbers begin here (`enum libbpf_errno` in libbpf.h)."""
_INFO_SIZE: Final = 232
_RECURSION_MISSES: Final = 208
"""Size of `struct bpf_prog_info` in linux/bpf.h of Linux 6.1, and the offset of `recursion_misses` in it."""

_ALTERNATIVE: Final = "use --tracer strace"
_FATAL: Final = frozenset(
    {"bpf_object__open_file", "bpf_object__load", "bpf_object__find_map_fd_by_name", "bpf_program__attach"}
)
"""Functions without which there is no tracer."""
_RIGHTS: Final = {"bpf_program__attach_uprobe": "Linux 6.18 asks for CAP_SYS_ADMIN there"}

_PRINT: Final = ctypes.CFUNCTYPE(c_int, c_int, c_char_p, c_void_p)

_SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "libbpf_set_print": (c_void_p, (c_void_p,)),
    "libbpf_strerror": (c_int, (c_int, c_char_p, c_size_t)),
    "libbpf_num_possible_cpus": (c_int, ()),
    "libbpf_find_vmlinux_btf_id": (c_int, (c_char_p, c_int)),
    "bpf_object__open_file": (c_void_p, (c_char_p, c_void_p)),
    "bpf_object__load": (c_int, (c_void_p,)),
    "bpf_object__close": (None, (c_void_p,)),
    "bpf_object__find_map_fd_by_name": (c_int, (c_void_p, c_char_p)),
    "bpf_object__find_program_by_name": (c_void_p, (c_void_p, c_char_p)),
    "bpf_object__next_program": (c_void_p, (c_void_p, c_void_p)),
    "bpf_program__name": (c_char_p, (c_void_p,)),
    "bpf_program__fd": (c_int, (c_void_p,)),
    "bpf_program__set_autoload": (c_int, (c_void_p, c_bool)),
    "bpf_program__attach": (c_void_p, (c_void_p,)),
    "bpf_program__attach_uprobe": (c_void_p, (c_void_p, c_bool, c_int, c_char_p, c_size_t)),
    "bpf_link__destroy": (c_int, (c_void_p,)),
    "bpf_map_create": (c_int, (c_int, c_char_p, c_uint32, c_uint32, c_uint32, c_void_p)),
    "bpf_map_update_elem": (c_int, (c_int, c_void_p, c_void_p, c_uint64)),
    "bpf_map_update_batch": (c_int, (c_int, c_void_p, c_void_p, c_void_p, c_void_p)),
    "bpf_map_lookup_elem": (c_int, (c_int, c_void_p, c_void_p)),
    "bpf_map_delete_elem": (c_int, (c_int, c_void_p)),
    "bpf_map_get_next_key": (c_int, (c_int, c_void_p, c_void_p)),
    "bpf_obj_get_info_by_fd": (c_int, (c_int, c_void_p, POINTER(c_uint32))),
    "ring_buffer__new": (c_void_p, (c_int, c_void_p, c_void_p, c_void_p)),
    "ring_buffer__consume": (c_int, (c_void_p,)),
    "ring_buffer__free": (None, (c_void_p,)),
}


class Library:
    """libbpf, and what it said last. One per process: its printing is set for the whole library."""

    def __init__(self, name: str = LIBRARY) -> None:
        try:
            self._library = ctypes.CDLL(name, use_errno=True)
            self._functions = {name: self._function(name) for name in _SIGNATURES}
        except OSError as error:
            raise SandboxError(
                f"the kernel tracer needs {name}, which cannot be loaded: apt-get install libbpf1"
            ) from error
        except AttributeError as error:
            raise SandboxError(f"the kernel tracer needs libbpf 1.0 or later: use --tracer strace ({error})") from error
        self._said: list[str] = []
        # Formatting libbpf's message needs its va_list, which only C can read: vsnprintf does.
        self._format = self._c_function("vsnprintf", c_int, (c_void_p, c_size_t, c_char_p, c_void_p))
        self._print = _PRINT(self._keep)
        self.call("libbpf_set_print", None)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Takes what the library says into the errors of the block.

        It says thousands of things while it loads a program, each of which would have to wait for the interpreter's lock.
        """
        self.call("libbpf_set_print", ctypes.cast(self._print, c_void_p))
        try:
            yield
        finally:
            self.call("libbpf_set_print", None)

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function of the library; the result is as C gives it."""
        return self._functions[name](*arguments)

    def checked(self, what: str, name: str, *arguments: Any) -> Any:
        """Call a function that answers null or a negative number on failure. Raises SandboxError that says `what` failed."""
        self._said.clear()
        ctypes.set_errno(0)
        answer = self.call(name, *arguments)
        if answer is None or (isinstance(answer, int) and answer < 0):
            raise SandboxError(f"the kernel tracer cannot {what}: {self._reason(name, answer)}")
        return answer

    def _reason(self, name: str, answer: int | None) -> str:
        # libbpf sets errno as well; a negative answer is the error number itself, except -1 of the plain system call.
        number = ctypes.get_errno() or -(answer or 0)
        reason = self._error_text(number) if number else "unknown reason"
        # EACCES is also what the verifier says of a program that it refuses, which no right helps against.
        if number == errno.EACCES and name in _RIGHTS:
            reason += f"; {_RIGHTS[name]}"
        elif number == errno.EPERM:
            reason += f"; run as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE, or {_ALTERNATIVE}"
        elif name in _FATAL:
            reason += f"; {_ALTERNATIVE}"
        said = "; ".join(self._said[-3:])[:300]
        return f"{reason} ({said})" if said else reason

    def _keep(self, level: int, text: bytes, arguments: int) -> int:
        if level == 0:  # LIBBPF_WARN
            buffer = ctypes.create_string_buffer(_LONGEST)
            self._format(buffer, len(buffer), text, arguments)
            self._said = [*self._said[1 - _MESSAGES :], _telling(buffer.value.decode(errors="replace"))]
        return 0

    def _error_text(self, number: int) -> str:
        if number < _OWN_ERRORS:
            return os.strerror(number)
        buffer = ctypes.create_string_buffer(128)
        self.call("libbpf_strerror", number, buffer, len(buffer))
        return buffer.value.decode(errors="replace")

    def _function(self, name: str) -> Callable[..., Any]:
        function = self._library[name]
        function.restype, function.argtypes = _SIGNATURES[name]
        return function

    @staticmethod
    def _c_function(name: str, result: Any, arguments: tuple[Any, ...]) -> Callable[..., Any]:
        function = ctypes.CDLL(None)[name]
        function.restype, function.argtypes = result, arguments
        return function


def _telling(message: str) -> str:
    """A message of libbpf's as one line; of a verifier's log, what it says last of the program that it refuses."""
    if "BEGIN PROG LOAD LOG" in message:
        program, *log = message.splitlines()
        verdicts = [line for line in log if line and not line.startswith(("processed ", "-- END"))]
        message = f"{program.partition(' -- ')[0]} {verdicts[-1] if verdicts else ''}"
    return " ".join(message.split())


@cache
def library() -> Library:
    """The library of this process. Raises SandboxError where it is missing or too old."""
    return Library()


class Map:
    """A map of the kernel by its descriptor, with keys of 32 bits."""

    def __init__(self, descriptor: int, name: str) -> None:
        self.descriptor = descriptor
        self.name = name

    def put(self, key: int, value: bytes) -> None:
        """Set an entry. Raises SandboxError where the kernel refuses."""
        library().checked(f"fill its table {self.name}", "bpf_map_update_elem", self.descriptor, _word(key), value, 0)

    def fill(self, entries: Mapping[int, bytes]) -> None:
        """Set many entries of one size at once. Raises SandboxError where the kernel refuses."""
        keys = (c_uint32 * len(entries))(*entries)
        count = c_uint32(len(entries))
        what = f"fill its table {self.name}"
        # In one call, since a thread that makes a thousand has to wait for the interpreter's lock after each.
        library().checked(
            what, "bpf_map_update_batch", self.descriptor, keys, b"".join(entries.values()), byref(count), None
        )

    def get(self, key: int, size: int) -> bytes | None:
        """An entry of `size` bytes; None where there is none."""
        value = ctypes.create_string_buffer(size)
        failed = library().call("bpf_map_lookup_elem", self.descriptor, _word(key), value)
        return None if failed else value.raw

    def remove(self, key: int) -> None:
        """Delete an entry, if it is there."""
        library().call("bpf_map_delete_elem", self.descriptor, _word(key))

    def keys(self) -> list[int]:
        """All keys at this moment."""
        found: list[int] = []
        key, following = c_uint32(), c_uint32()
        start: Any = None
        while library().call("bpf_map_get_next_key", self.descriptor, start, byref(following)) == 0:
            found.append(following.value)
            key.value = following.value
            start = byref(key)
        return found


def has_tracepoint(name: str) -> bool:
    """Whether the running kernel has a typed tracepoint, by its types."""
    found: int = library().call("libbpf_find_vmlinux_btf_id", name.encode(), _BPF_TRACE_RAW_TP)
    return found > 0


def _word(value: int) -> Any:
    return byref(c_uint32(value))


class Program:
    """One program of a loaded object."""

    def __init__(self, pointer: int, name: str) -> None:
        self._pointer = pointer
        self.name = name

    def leave_out(self) -> None:
        """Do not load it; before the object is loaded."""
        library().checked(f"leave {self.name} out", "bpf_program__set_autoload", self._pointer, False)

    def attach(self) -> Link:
        """Attach it to the tracepoint that its section names."""
        return Link(library().checked(f"attach {self.name}", "bpf_program__attach", self._pointer))

    def attach_to_code(self, binary: Path, offset: int) -> Link:
        """Attach it to an instruction of a binary or library, by its place in the file, in every process that maps that file."""
        what = f"watch {binary}"
        name = "bpf_program__attach_uprobe"
        return Link(library().checked(what, name, self._pointer, False, -1, bytes(binary), offset))

    def misses(self) -> int:
        """How often the kernel did not run it because it ran already on the same CPU."""
        info = ctypes.create_string_buffer(_INFO_SIZE)
        size = c_uint32(_INFO_SIZE)
        descriptor = library().call("bpf_program__fd", self._pointer)
        if library().call("bpf_obj_get_info_by_fd", descriptor, info, byref(size)):
            return 0
        return int.from_bytes(info.raw[_RECURSION_MISSES : _RECURSION_MISSES + 8], "little")


class Link:
    """An attached program. The kernel detaches it when this process ends, however it ends: nothing is pinned."""

    def __init__(self, pointer: int) -> None:
        self._pointer: int | None = pointer

    def close(self) -> None:
        """Detach the program."""
        pointer, self._pointer = self._pointer, None
        if pointer is not None:
            library().call("bpf_link__destroy", pointer)


class Object:
    """An object file with programs and maps."""

    def __init__(self, path: Path) -> None:
        what = f"read {path}"
        self._pointer: int | None = library().checked(what, "bpf_object__open_file", bytes(path), None)

    def load(self) -> None:
        """Give all to the kernel. Raises SandboxError with what libbpf and the kernel's verifier say."""
        library().checked("be loaded", "bpf_object__load", self._pointer)

    def programs(self) -> dict[str, Program]:
        """All programs by name."""
        found: dict[str, Program] = {}
        pointer = None
        while pointer := library().call("bpf_object__next_program", self._pointer, pointer):
            name = library().call("bpf_program__name", pointer).decode(errors="replace")
            found[name] = Program(pointer, name)
        return found

    def map(self, name: str) -> Map:
        """A map by name, once the object is loaded."""
        what = f"find its table {name}"
        return Map(library().checked(what, "bpf_object__find_map_fd_by_name", self._pointer, name.encode()), name)

    def close(self) -> None:
        """Unload all that is not attached."""
        pointer, self._pointer = self._pointer, None
        if pointer is not None:
            library().call("bpf_object__close", pointer)


def possible_cpus() -> int:
    """How many values a per-CPU entry has."""
    return int(library().checked("count the processors", "libbpf_num_possible_cpus"))
