"""The object file of probes/kernel: checked against this host, loaded and attached."""

from __future__ import annotations

import mmap
import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.breakpoints import CODE_BYTES, cheapest
from analyzer.sandbox.kernel.libbpf import Link, Map, Object, has_tracepoint, library
from analyzer.sandbox.kernel.symbols import function_offsets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_STATES: Final = ("socket_state", "socket_state_again")
"""Two programs of which one tells what the other was passed over for (probes/kernel/sockets.h); the first is attached first."""
_AT_LOAD: Final = ("sys_enter", "sys_exit", "task_fork", "task_exec", "task_exit", *_STATES)
_URING: Final = {"uring_request": "io_uring_submit_req", "uring_entry": "io_uring_submit_sqe"}
"""Programs of which one is attached, and their tracepoints; some kernels have neither."""
_ENTRY_SINCE: Final = (6, 0)
"""The version of Linux since which the second one's first argument is the request (include/trace/events/io_uring.h)."""
_CLOCK: Final = {"clock_gettime": "libc_clock_gettime", "gettimeofday": "libc_time", "time": "libc_time"}
"""Functions of a libc, and the programs that are attached to them, once a sandbox's libc is known."""
_ALL: Final = {*_AT_LOAD, *_URING, *_CLOCK.values()}
_TYPES: Final = Path("/sys/kernel/btf/vmlinux")


class Programs:
    """All programs, of which the kernel runs those for calls, tasks and sockets from now on.

    Args:
        path: the object file.
        table: the entries of its table of calls, by their index.

    Raises:
        SandboxError: the file is not what it should be, or this host cannot run it.
    """

    def __init__(self, path: Path, table: Mapping[int, bytes]) -> None:
        self.missing: dict[str, str] = {}
        """Optional programs that do not run here, each with the reason."""
        self._links: list[Link] = []
        self._object = Object(path)
        try:
            self._programs = self._object.programs()
            self._check_complete(path)
            uring = self._keep_one_for_uring()
            self._object.load()
            self.map("page_size").put(0, mmap.PAGESIZE.to_bytes(4, "little"))
            if table:
                self.map("calls").fill(table)
            for name in (*_AT_LOAD, *uring):
                self._links.append(self._programs[name].attach())
        except SandboxError:
            self.close()
            raise

    def map(self, name: str) -> Map:
        """A table by name."""
        return self._object.map(name)

    def attach_clock(self, libc: Path) -> list[str]:
        """Watch the time functions of a libc; gives the names of those that can be. Why one cannot be is in `missing`."""
        attached = []
        for function, offset in sorted(function_offsets(libc, _CLOCK).items()):
            name = _CLOCK[function]
            with libc.open("rb") as file:
                code = os.pread(file.fileno(), CODE_BYTES, offset)
            offset += cheapest(code, platform.machine())
            try:
                with library().listening():
                    self._links.append(self._programs[name].attach_to_code(libc, offset))
            except SandboxError as error:
                self.missing[name] = str(error)
            else:
                attached.append(function)
        return attached

    def misses(self) -> int:
        """How often the kernel passed over a program because it ran already on that CPU, whoever that was for.

        Not for the states of sockets: what one of their two programs was passed over for, the other told.
        """
        return sum(program.misses() for name, program in self._programs.items() if name not in _STATES)

    def close(self) -> None:
        """Detach and unload everything."""
        for link in self._links:
            link.close()
        self._links.clear()
        self._object.close()

    def _check_complete(self, path: Path) -> None:
        if absent := sorted(_ALL - set(self._programs)):
            raise SandboxError(
                f"{path} is no kernel tracer, or an old one, which lacks {', '.join(absent)}: `make kernel-probe` makes it"
            )

    def _keep_one_for_uring(self) -> list[str]:
        try:
            _TYPES.open("rb").close()
        except OSError as error:
            raise SandboxError(
                f"the kernel tracer needs the kernel's types: {_TYPES}: {error.strerror}; "
                "use a kernel with CONFIG_DEBUG_INFO_BTF, or --tracer strace"
            ) from error
        kept = for_uring(has_tracepoint, platform.release())
        for name in _URING.keys() - kept:
            self._programs[name].leave_out()
        if not kept:
            self.missing["uring_request"] = f"the kernel has no tracepoint {' or '.join(_URING.values())}"
        return kept


def loaded(path: Path, table: Mapping[int, bytes]) -> Programs:
    """The programs. Where they cannot be loaded, it is tried once more to hear why. Raises SandboxError as they do."""
    try:
        return Programs(path, table)
    except SandboxError:
        with library().listening():
            return Programs(path, table)


def for_uring(known: Callable[[str], bool], release: str) -> list[str]:
    """The program for requests to io_uring, or none.

    Args:
        known: whether the kernel has a typed tracepoint of a name.
        release: of the kernel, as `uname -r` says it.
    """
    version = tuple(int(number) for number in re.findall(r"\d+", release)[:2])
    fitting = [name for name in _URING if name == "uring_request" or version >= _ENTRY_SINCE]
    return [name for name in fitting if known(_URING[name])][:1]
