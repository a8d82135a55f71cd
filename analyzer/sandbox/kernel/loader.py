"""The programs of probes/kernel, loaded and attached once for all sandboxes of this process."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel import calls
from analyzer.sandbox.kernel.libbpf import Link, Object, possible_cpus
from analyzer.sandbox.kernel.recording import Recording
from analyzer.sandbox.kernel.symbols import function_offsets

if TYPE_CHECKING:
    from collections.abc import Collection

SLOTS: Final = 128
"""Sandboxes at once, as in probes/kernel/watch.h."""

RING_BYTES: Final = 16 * 1024 * 1024
"""A second of 100,000 records of 160 bytes, twenty times what comes between two looks of the reader."""
MOST_BYTES: Final = 2 * 1024**3
_LOOK: Final = 0.1
"""Seconds between two looks at the sizes of the logs."""

_CLOCK_PROGRAMS: Final = {"clock_gettime": "libc_clock_gettime", "gettimeofday": "libc_time", "time": "libc_time"}
_LATE: Final = frozenset(_CLOCK_PROGRAMS.values())
"""Programs that are attached to a sandbox's own libc, not at load."""
_OPTIONAL: Final = {"uring_request": "io_uring_submit_req"}
"""Programs whose tracepoint some kernels do not have, and its name."""
_TYPES: Final = Path("/sys/kernel/btf/vmlinux")


class KernelTracer:
    """The tracer in the kernel, as a context manager: at its end, or that of the process, nothing stays attached.

    Args:
        program: the object file that `make kernel-probe` builds.
        wanted: names of the system calls to record.

    Raises:
        SandboxError: this host cannot run it; the message says why and what to do.
    """

    def __init__(self, program: Path, wanted: Collection[str]) -> None:
        self._links: list[Link] = []
        self._recordings: dict[int, Recording] = {}
        self._clocks: set[tuple[int, int]] = set()
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._guard = threading.Thread(target=self._watch_sizes, name="kernel-log-sizes", daemon=True)
        self.missing: list[str] = []
        """Optional programs that this kernel did not take."""
        table = calls.entries(wanted)
        self._object = Object(program)
        try:
            self._programs = self._object.programs()
            self._leave_out_unknown()
            self._object.load()
            self._namespaces = self._object.map("namespaces")
            self._networks = self._object.map("networks")
            self._rings = self._object.map("rings")
            self._lost = self._object.map("lost")
            self._cpus = possible_cpus()
            call_map = self._object.map("calls")
            for index, entry in table.items():
                call_map.put(index, entry)
            self._attach()
            self._guard.start()
        except SandboxError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all recordings, and detach and unload everything."""
        self._ending.set()
        if self._guard.is_alive():
            self._guard.join()
        for recording in list(self._recordings.values()):
            recording.stop()
        for link in self._links:
            link.close()
        self._links.clear()
        self._object.close()

    def watch(
        self,
        pid_namespace: int,
        log: Path,
        network_namespace: int | None = None,
        ring_bytes: int = RING_BYTES,
        most_bytes: int = MOST_BYTES,
    ) -> Recording:
        """Record the tasks of a pid namespace and of those made below it, from now on.

        Args:
            pid_namespace: the inode of the namespace (`os.stat("/proc/PID/ns/pid").st_ino`).
            log: the file for the records.
            network_namespace: the sandbox's own, whose TCP connections are then recorded whole; None where it shares another's.
            ring_bytes: room for records that wait to be written: a power of two, at least a page.
            most_bytes: size at which the log is cut.

        Raises:
            SandboxError: no slot or no memory is left, or the log cannot be written.
        """
        with self._lock:
            slot = next((slot for slot in range(SLOTS) if slot not in self._recordings), None)
            if slot is None:
                raise SandboxError(f"the kernel tracer watches {SLOTS} sandboxes already: wait until one ends")
            start, missed = self._lost_in(slot), self._missed()
            try:
                recording = Recording(
                    log,
                    ring_bytes=ring_bytes,
                    most_bytes=most_bytes,
                    lost=lambda final: self._lost_in(slot) - start + (self._missed() - missed if final else 0),
                    end=lambda: self._forget(slot),
                )
            except OSError as error:
                raise SandboxError(f"the kernel tracer cannot write its log {log}: {error.strerror}") from error
            self._recordings[slot] = recording
        try:
            self._rings.put(slot, recording.ring.descriptor.to_bytes(4, "little"))
            if network_namespace is not None:
                self._networks.put(network_namespace, slot.to_bytes(4, "little"))
            self._namespaces.put(pid_namespace, slot.to_bytes(4, "little"))
        except SandboxError:
            self.unwatch(recording)
            raise
        return recording

    def unwatch(self, recording: Recording) -> None:
        """End a recording, and free its slot."""
        recording.stop()
        with self._lock:
            for slot in [slot for slot, one in self._recordings.items() if one is recording]:
                self._rings.remove(slot)
                del self._recordings[slot]

    def watch_clock(self, libc: Path) -> list[str]:
        """Record reads of the system time through a libc, and give the names of the functions that can be watched there.

        Every process of the host that maps the file pays about a microsecond for each such call, while this tracer lives.
        The GNU library answers `time` and `gettimeofday` on x86-64 by functions that it chooses at start: those cannot.

        Raises:
            SandboxError: the file is no library, or the kernel refuses; Linux 6.18 asks for CAP_SYS_ADMIN here.
        """
        offsets = function_offsets(libc, _CLOCK_PROGRAMS)
        file = libc.stat()
        with self._lock:
            if (file.st_dev, file.st_ino) not in self._clocks:
                self._clocks.add((file.st_dev, file.st_ino))
                for function, offset in offsets.items():
                    self._links.append(self._programs[_CLOCK_PROGRAMS[function]].attach_to_code(libc, offset))
        return sorted(offsets)

    def _attach(self) -> None:
        for name, program in self._programs.items():
            if name not in _LATE and name not in self.missing:
                self._links.append(program.attach())

    def _leave_out_unknown(self) -> None:
        try:
            types = _TYPES.read_bytes()
        except OSError as error:
            raise SandboxError(
                f"the kernel tracer needs the kernel's types: {_TYPES}: {error.strerror}; use a kernel with CONFIG_DEBUG_INFO_BTF"
            ) from error
        for name, tracepoint in _OPTIONAL.items():
            # A typed tracepoint is a type of this name; names stand in the file with a NUL before and behind.
            if f"\0btf_trace_{tracepoint}\0".encode() not in types:
                self._programs[name].leave_out()
                self.missing.append(name)

    def _lost_in(self, slot: int) -> int:
        values = self._lost.get(slot, 8 * self._cpus) or b""
        return sum(int.from_bytes(values[start : start + 8], "little") for start in range(0, len(values), 8))

    def _missed(self) -> int:
        # What the kernel passed over, because the program ran already on that CPU, could have been anybody's.
        return sum(program.misses() for program in self._programs.values())

    def _watch_sizes(self) -> None:
        while not self._ending.wait(_LOOK):
            for recording in list(self._recordings.values()):
                recording.check_size()

    def _forget(self, slot: int) -> None:
        for table in (self._namespaces, self._networks):
            for key in table.keys():  # noqa: SIM118 # a table of the kernel, not a dict
                if (value := table.get(key, 4)) is not None and int.from_bytes(value, "little") == slot:
                    table.remove(key)
