"""The programs of probes/kernel, loaded and attached once for all sandboxes of this process."""

from __future__ import annotations

import itertools
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analyzer.errors import SandboxError
from analyzer.sandbox.kernel.interface import Account, Namespaces, Recorder, Scope
from analyzer.sandbox.kernel.libbpf import possible_cpus
from analyzer.sandbox.kernel.namespaces import HeldNamespaces, refuse_own
from analyzer.sandbox.kernel.programs import loaded
from analyzer.sandbox.kernel.recording import Recording
from analyzer.sandbox.kernel.rings import Place, Rings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

_LOOK: Final = 0.1
"""Seconds between two looks at the sizes of the logs."""


@dataclass(frozen=True, slots=True)
class _Watched:
    place: Place
    recording: Recording
    held: list[int]
    """Descriptors of its namespaces."""


class KernelTracer(Recorder):
    """The tracer in the kernel, loaded by this process.

    Args:
        program: the object file that `make kernel-probe` builds.
        table: what is recorded, as `calls.entries` gives it.

    Raises:
        SandboxError: this host cannot run it; the message says why and what to do.
    """

    def __init__(self, program: Path, table: Mapping[int, bytes]) -> None:
        self._watched: dict[int, _Watched] = {}
        self._numbers = itertools.count(1)
        self._clocks: dict[tuple[int, int], list[str]] = {}
        self._held = HeldNamespaces()
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._programs = loaded(program, table)
        self.missing = self._programs.missing
        try:
            self._namespaces = self._programs.map("namespaces")
            self._networks = self._programs.map("networks")
            self._quiet = self._programs.map("quiet")
            self._lost = self._programs.map("lost")
            self._cpus = possible_cpus()
            rings = self._programs.map("rings")
        except SandboxError:
            self._programs.close()
            raise
        self._rings = Rings(rings, self._forget)
        self._guard = threading.Thread(target=self._watch_sizes, name="kernel-log-sizes", daemon=True)
        self._guard.start()

    def close(self) -> None:
        """End all recordings, and detach and unload everything. May be called again."""
        self._ending.set()
        self._guard.join()
        for number in list(self._watched):
            self.unwatch(number)
        self._rings.close()
        self._programs.close()
        self._held.close()

    def namespaces(self, pid: int) -> Namespaces:
        """The namespaces that a process is in, as `Recorder` says."""
        return self._held.look(pid)

    def watch_into(self, descriptor: int, scope: Scope) -> int:
        """Begin a recording, as `Recorder` says."""
        place = self._place(descriptor, scope)
        slot = place.slot
        start, missed = self._lost_in(slot), self._programs.misses()
        try:
            recording = Recording(
                descriptor,
                place.ring,
                most_bytes=scope.most_bytes,
                lost=lambda final: self._lost_in(slot) - start + (self._programs.misses() - missed if final else 0),
                end=lambda: self._forget({slot}),
            )
        except OSError:
            self._rings.give_back(place)
            raise
        with self._lock:
            number = next(self._numbers)
            held = self._held.take(scope.pid_namespace) + self._held.take(scope.network_namespace)
            self._watched[number] = _Watched(place, recording, held)
        try:
            self._quiet.put(slot, scope.quiet.to_bytes(4, "little"))
            if scope.network_namespace is not None:
                self._networks.put(scope.network_namespace, slot.to_bytes(4, "little"))
            self._namespaces.put(scope.pid_namespace, slot.to_bytes(4, "little"))
        except SandboxError:
            self.unwatch(number)
            raise
        return number

    def unwatch(self, recording: int) -> Account:
        """End a recording, and free its slot."""
        with self._lock:
            watched = self._watched.pop(recording, None)
        if watched is None:
            raise SandboxError(f"the kernel tracer has no recording {recording}")
        watched.recording.stop()
        self._rings.give_back(watched.place)
        for descriptor in watched.held:
            os.close(descriptor)
        return watched.recording.account()

    def watch_clock(self, libc: Path) -> list[str]:
        """Record reads of the system time through a libc, as `Recorder` says."""
        try:
            file = libc.stat()
        except OSError as error:
            raise SandboxError(
                f"the kernel tracer cannot find the time functions of {libc}: {error.strerror}"
            ) from error
        with self._lock:
            known = self._clocks.get((file.st_dev, file.st_ino))
            if known is None:
                known = self._clocks[file.st_dev, file.st_ino] = self._programs.attach_clock(libc)
        return known

    def _place(self, descriptor: int, scope: Scope) -> Place:
        try:
            refuse_own(scope.pid_namespace)
            return self._rings.take(scope.ring_bytes)
        except SandboxError:
            os.close(descriptor)
            raise

    def _lost_in(self, slot: int) -> int:
        values = self._lost.get(slot, 8 * self._cpus) or b""
        return sum(int.from_bytes(values[start : start + 8], "little") for start in range(0, len(values), 8))

    def _watch_sizes(self) -> None:
        while not self._ending.wait(_LOOK):
            for watched in list(self._watched.values()):
                watched.recording.check_size()

    def _forget(self, slots: Collection[int]) -> bool:
        """Let no namespace lead to these slots; tells whether one did."""
        found = False
        for table in (self._namespaces, self._networks):
            for key in table.keys():  # noqa: SIM118 # a table of the kernel, not a dict
                if (value := table.get(key, 4)) is not None and int.from_bytes(value, "little") in slots:
                    table.remove(key)
                    found = True
        return found
