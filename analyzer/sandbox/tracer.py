"""Tracers: what records the package's system calls. A tracer is described to the supervisor by data, and parsed in `analyzer.trace`."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from analyzer.datafile import shipped_yaml
from analyzer.errors import SandboxError, UsageError
from analyzer.resources import kernel_program
from analyzer.sandbox.kernel import calls
from analyzer.sandbox.kernel.interface import Recorder
from analyzer.sandbox.kernel.loader import KernelTracer

Helper = Callable[[], Recorder]
"""Starts a recorder with more rights than this process has, for one run. Raises SandboxError."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """System calls that are refused with an error, by name, while they must be seen to be tried.

    With an `argument` (from 0), only where that has this value, or those bits of it that are in `mask`.
    """

    calls: tuple[str, ...]
    error: str
    argument: int | None = None
    value: int = 0
    mask: int = 0xFFFFFFFF


class Tracer(ABC):
    """A way of recording system calls in one run."""

    name: str
    note = ""
    """Why it is not the one that was preferred; empty where it is."""

    @property
    def recorder(self) -> Recorder | None:
        """What records in the kernel, for a tracer that does."""
        return None

    def refusals(self, *, in_container: bool) -> list[Refusal]:
        """The calls that the sandbox's seccomp profile has to refuse, since the tracer does not."""
        del in_container
        return []

    @abstractmethod
    def plan(self) -> dict[str, Any]:
        """What the supervisor needs to start it; `name` says which it is."""


class Strace(Tracer):
    """strace with its seccomp filter: stops the package only at the calls that tell something."""

    name = "strace"

    def __init__(self, note: str = "") -> None:
        self.note = note

    def plan(self) -> dict[str, Any]:
        """The calls to trace and to refuse, from `strace.yaml`."""
        data = _data()
        groups: dict[str, list[str]] = data["calls"]
        installer = [call for group in data["installer_groups"] for call in groups[group]]
        return {
            "name": self.name,
            "calls": sorted({call for calls in groups.values() for call in calls}),
            "installer_calls": sorted(set(installer)),
            "inject": [*(_injection(one) for one in refusals("refused")), *data["answered_traced"]],
            "inject_in_container": [_injection(one) for one in refusals("refused_in_container")],
            "signals": data["signals"],
            "string_limit": data["string_limit"],
        }


class PlainStrace(Tracer):
    """strace at every call, as the yardstick of `make bench`."""

    name = "strace-plain"

    def plan(self) -> dict[str, Any]:
        """No data: it traces all."""
        return {"name": self.name}


class NoTracer(Tracer):
    """No tracer at all, as the yardstick of `make bench`. A report is never made of such a run."""

    name = "none"

    def plan(self) -> dict[str, Any]:
        """No data."""
        return {"name": self.name}


class Kernel(Tracer):
    """The programs of probes/kernel: the kernel itself records, and nothing stops the package."""

    name = "kernel"

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    @property
    def recorder(self) -> Recorder:
        """Where recordings are begun and ended."""
        return self._recorder

    def refusals(self, *, in_container: bool) -> list[Refusal]:
        """All that strace would refuse, or that its presence prevents: what a profile refuses is seen all the same."""
        return refusals("refused", "refused_untraced", *(["refused_in_container"] if in_container else []))

    def plan(self) -> dict[str, Any]:
        """No data: the analyzer knows what is recorded."""
        return {"name": self.name}


def check_tracer(word: str) -> None:
    """Raises UsageError for a word that names no tracer."""
    if word not in {"auto", "kernel", "strace"}:
        raise UsageError(f"--tracer {word}: unknown; use auto, kernel or strace")


class Tracing:
    """What `--tracer` asks for. What of it this host allows is found out in the background, as it takes a quarter of a second."""

    def __init__(self, word: str) -> None:
        check_tracer(word)
        self._word = word
        self._recorder: Recorder | None = None
        self._refused = "the kernel tracer could not be loaded"
        self._loading = threading.Thread(target=self._load, name="kernel-tracer", daemon=True)
        if word != Strace.name:
            self._loading.start()

    @property
    def is_strace(self) -> bool:
        """Whether strace is asked for, and nothing else."""
        return self._word == Strace.name

    @contextmanager
    def begin(self, helper: Helper | None = None, impossible: str = "") -> Iterator[Tracer]:
        """The tracer of one run.

        `helper` is asked where this process may not trace in the kernel itself; `impossible` is why the kernel would not see that
        run at all. Raises SandboxError where only the kernel tracer will do, and neither can have it.
        """
        if self._word == Strace.name:
            yield Strace()
            return
        self._loading.join()
        if self._recorder is not None and not impossible:
            yield Kernel(self._recorder)
            return
        refused = impossible or self._refused
        try:
            recorder = helper() if helper is not None and not impossible else None
        except SandboxError as error:
            recorder, refused = None, f"{refused}; {error}"
        if recorder is not None:
            with recorder:
                yield Kernel(recorder)
        elif self._word == Kernel.name:
            raise SandboxError(f"--tracer kernel: {refused}")
        else:
            yield Strace(refused)

    def close(self) -> None:
        """Detaches what was loaded, which the kernel takes a tenth of a second for: nobody waits but the end of this process."""
        if self._word != Strace.name:
            threading.Thread(target=self._detach, name="kernel-tracer-end").start()

    def _detach(self) -> None:
        self._loading.join()
        if self._recorder is not None:
            self._recorder.close()

    def _load(self) -> None:
        try:
            self._recorder = KernelTracer(kernel_program(), calls.entries(*calls.recorded()))
        except SandboxError as error:
            self._refused = str(error)


class Fixed(Tracing):
    """One tracer whatever the host allows, for measurements."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__(Strace.name)
        self._tracer = tracer

    @contextmanager
    def begin(self, helper: Helper | None = None, impossible: str = "") -> Iterator[Tracer]:
        """The tracer."""
        del helper, impossible
        yield self._tracer


def refusals(*groups: str) -> list[Refusal]:
    """The calls that are refused, by the groups of `strace.yaml`."""
    return [Refusal(**{**one, "calls": tuple(one["calls"])}) for group in groups for one in _data()[group]]


def _injection(refusal: Refusal) -> str:
    return f"{','.join(refusal.calls)}:error={refusal.error}"


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = shipped_yaml(files("analyzer.sandbox").joinpath("strace.yaml").read_text(encoding="utf-8"))
    return data
