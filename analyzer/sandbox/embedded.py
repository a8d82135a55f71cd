"""The embedded sandbox: bubblewrap and a tracer on the host's own read-only /usr. No daemon, no image, no registry.

```
outer namespaces (net, pid, mount, ipc, uts)          started by the analyzer
  ├─ simulated internet                               NET_ADMIN and NET_RAW in the sandbox's network only
  └─ supervisor → [strace →] bubblewrap → package     inner namespaces (user, pid, mount, ipc, uts, cgroup), no capability
```

With the kernel tracer, the supervisor asks the analyzer (`analyzer.sandbox.control`) to have each new inner pid namespace recorded
before anything runs in it.

As root the outer namespaces are made with root's own rights, and everything in them then becomes a user that exists nowhere else; as an
ordinary user they are made in a user namespace. Either way the package's kernel user owns nothing on the host.
"""

from __future__ import annotations

import os
import platform
import secrets
import select
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import psutil

from analyzer.errors import SandboxError
from analyzer.model.package import Acquisition
from analyzer.model.report import Usage
from analyzer.sandbox import cgroup, control, first, interpreter, seccomp
from analyzer.sandbox.control import Line, Recordings
from analyzer.sandbox.further import describe_on_host, further_on_host, with_further
from analyzer.sandbox.interface import Limits, Manner, Progress, RunFacts, Sandbox
from analyzer.sandbox.kernel.limits import limits as unseen
from analyzer.sandbox.kernel.limits import system_libc
from analyzer.sandbox.layout import PACKAGE_UID, Layout
from analyzer.sandbox.leftovers import lacking_room, sweep_folders
from analyzer.sandbox.session import exploring
from analyzer.sandbox.signals import deferred_signals
from analyzer.sandbox.tools import find_tool
from analyzer.sandbox.tracer import Tracer, Tracing
from analyzer.sandbox.usage import UsageSampler, below, namespace_depth
from analyzer.sandbox.workspace import Workspace, workspace, write_plan
from analyzer.sandbox.yielding import Yielding
from analyzer.tokens import new_token
from analyzer.trace.kernellog.tables import call_numbers

_TOOLS = ("bwrap", "nft", "ip", "setpriv")
_END_SECONDS = 5.0
_TICK_SECONDS = 0.2
_FIRST_THROWAWAY_UID, _THROWAWAY_UIDS = 1_879_048_192, 100_000_000


class Embedded(Sandbox):
    """Runs packages in namespaces of this host."""

    def __init__(self, tracing: Tracing, python: str | None, cache_folder: Path) -> None:
        self._tracing = tracing
        self._python = python
        self._cache = cache_folder

    @property
    def name(self) -> str:
        """The backend's name."""
        return "embedded"

    @cached_property
    def _executable(self) -> Path:
        return interpreter.find_on_host(self._python)

    @cached_property
    def _interpreter(self) -> interpreter.Interpreter:
        found = describe_on_host(self._executable, self._cache)
        return with_further(found, further_on_host(self._executable, self._cache))

    @property
    def identity(self) -> str:
        """The host's interpreter, by its file."""
        return self._interpreter.identity

    def description(self) -> str:
        """The host's interpreter, described by itself."""
        for tool in (*_TOOLS, *(["strace"] if self._tracing.is_strace else [])):
            find_tool(tool)
        return self._interpreter.description

    def run(
        self, acquisition: Acquisition, record: Path, limits: Limits, manner: Manner, progress: Progress
    ) -> RunFacts:
        """Runs the phases in fresh namespaces."""
        sweep_folders()
        as_root = os.geteuid() == 0
        throwaway = _FIRST_THROWAWAY_UID + secrets.randbelow(_THROWAWAY_UIDS) if as_root else None
        with (
            workspace(acquisition, record, self._interpreter, PACKAGE_UID, manner) as space,
            self._tracing.begin() as tracer,  # after the folder is filled, while the kernel's is loaded
            cgroup.limited(new_token(), limits) as groups,
            _recording(tracer, space, limits, throwaway) as recordings,
            exploring.exploring(space, manner),
        ):
            if tracer.name.startswith("strace"):
                find_tool("strace")
            first.furnish(space.first)
            profile = space.folder / "seccomp.bpf"
            refused = seccomp.profile(tracer.refusals(in_container=False))
            stops = tracer.recorder is None
            profile.write_bytes(seccomp.compile_profile(refused, call_numbers(platform.machine()), signalling=stops))
            layout = Layout(space, self._interpreter, self._executable, limits, manner.installer, manner.fast_clock)
            write_plan(
                space,
                acquisition,
                limits,
                manner,
                tracer,
                {
                    "launcher": "bubblewrap",
                    "owned": False,  # bubblewrap's --die-with-parent does that
                    "launcher_arguments": layout.inner(),
                    "internet": True,
                    "python": str(self._executable),
                    "uv": "/opt/uv/uv",
                    "uid": PACKAGE_UID,
                    "drop_to": throwaway,
                    "seccomp": "/srv/seccomp.bpf",
                    "control": control.FOLDER if recordings is not None else None,
                    "session": exploring.plan(manner.session, exploring.FOLDER),
                },
            )
            command = cgroup.joining(groups, [*layout.outer(as_root=as_root), "--", *layout.supervisor()])
            usage, reasons = _supervise(command, record / "supervisor.log", limits, progress, groups)
            reasons += lacking_room(record)
        return RunFacts(
            backend=self.name,
            runtime="bubblewrap",
            tracer=tracer.name,
            python=self._interpreter.version,
            network=manner.network,
            usage=usage,
            reasons=tuple(reasons + (recordings.reasons if recordings is not None else [])),
            tracer_note=tracer.note,
            limits=tuple(recordings.limits) if recordings is not None else (),
        )

    def close(self) -> None:
        """Detaches the kernel tracer."""
        self._tracing.close()


@contextmanager
def _recording(tracer: Tracer, space: Workspace, limits: Limits, uid: int | None) -> Iterator[Recordings | None]:
    """Serves the supervisor's line where the kernel traces; gives the recordings, which are ended with the block."""
    if tracer.recorder is None:
        yield None
        return
    recordings = Recordings(tracer.recorder, space.record, limits.trace_bytes)
    recordings.limits = unseen(tracer.recorder, system_libc())
    try:
        with Line(space.control, uid) as line, line.answering(recordings.handle):
            yield recordings
    finally:
        recordings.close()


def _supervise(
    command: list[str], log: Path, limits: Limits, progress: Progress, groups: cgroup.Groups
) -> tuple[Usage, list[str]]:
    """Runs the supervisor to its end and passes its progress on; its process tree is gone afterwards in any case."""
    process: subprocess.Popen[bytes] | None = None
    expired = threading.Event()
    try:
        with log.open("wb") as errors, deferred_signals():
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                start_new_session=True,
            )
        with (
            _expiring(limits.total_seconds, process, expired),
            UsageSampler(
                below(process.pid),
                limits.memory_bytes,
                _is_package,
                [Yielding(groups.processor_seconds, groups.give_way).look],
            ) as sampler,
        ):
            for line in _lines(process):
                progress(line)
            process.wait(timeout=limits.total_seconds)
    finally:
        if process is not None:
            _end(process)
    reasons = sampler.reasons(groups.ended_for_memory)
    if expired.is_set():
        reasons.append(f"the run was ended after {limits.total_seconds:g} s")
    elif process.returncode != 0:
        said = (log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        if not (log.parent / "steps.jsonl").exists():
            raise SandboxError(
                f"the embedded sandbox does not start here ({said}): `fumehood doctor` tells what is missing"
            )
        reasons.append(f"the sandbox's supervisor ended with status {process.returncode}: {said}")
    return sampler.usage, reasons


def _lines(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """What the supervisor says, line by line, to its end.

    Waits a moment at a time: a signal that comes just before a blocking read would have to wait for its end.
    """
    if process.stdout is None:
        return
    rest = b""
    while True:
        if not select.select([process.stdout], [], [], _TICK_SECONDS)[0]:
            continue
        piece = process.stdout.read(4096)
        if not piece:
            return
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)


@contextmanager
def _expiring(seconds: float, process: subprocess.Popen[bytes], expired: threading.Event) -> Iterator[None]:
    """Kills the process when the block takes longer."""

    def expire() -> None:
        expired.set()
        process.kill()

    timer = threading.Timer(seconds, expire)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _is_package(process: psutil.Process) -> bool:
    """The package's pid namespace is in the supervisor's, which is in ours."""
    return namespace_depth(process.pid) >= namespace_depth(os.getpid()) + 2


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills bubblewrap's first process; the kernel then ends all others in its pid namespace, which takes a moment."""
    tree: list[psutil.Process] = []
    if process.poll() is None:
        try:
            tree = psutil.Process(process.pid).children(recursive=True)
        except psutil.Error:
            tree = []
        process.kill()
    process.wait()
    deadline = time.monotonic() + _END_SECONDS
    while any(_runs(one) for one in tree) and time.monotonic() < deadline:
        time.sleep(0.01)
    if process.stdout is not None:
        process.stdout.close()


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
