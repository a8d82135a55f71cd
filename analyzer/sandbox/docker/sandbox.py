"""The Docker sandbox: two containers of one engine, by the docker SDK.

```
sidecar container        no network but its own loopback; the simulated internet, with NET_ADMIN and NET_RAW in that network only
supervisor's container   joins the sidecar's network; supervisor → strace → package (an ordinary user without capabilities)
```

With the kernel tracer, the package has a container to itself, which shares home, temporary folder and network with the supervisor's
(`analyzer.sandbox.docker.cell`).

The engine has to see this machine's files (a local engine): the record and what is served are bind mounts.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import docker

from analyzer.errors import SandboxError
from analyzer.model.exploration import Session
from analyzer.model.package import Acquisition
from analyzer.model.report import Usage
from analyzer.resources import kernel_program
from analyzer.sandbox import control, interpreter
from analyzer.sandbox.control import Line, Recordings
from analyzer.sandbox.docker import engine
from analyzer.sandbox.docker.cell import Cell
from analyzer.sandbox.docker.containers import Containers, create_sidecar
from analyzer.sandbox.docker.following import await_internet, stop_internet, watch
from analyzer.sandbox.docker.helper import ContainerTracer
from analyzer.sandbox.docker.images import DEFAULT_PYTHON, ENGINE_ERRORS, SYSTEM_PYTHON, Images, ensure_images
from analyzer.sandbox.docker.mark import unmark
from analyzer.sandbox.docker.terminals import Terminals
from analyzer.sandbox.further import with_further
from analyzer.sandbox.interface import Limits, Manner, Progress, RunFacts, Sandbox
from analyzer.sandbox.kernel import calls
from analyzer.sandbox.kernel.interface import Recorder
from analyzer.sandbox.leftovers import lacking_room, sweep_folders
from analyzer.sandbox.session import exploring
from analyzer.sandbox.session.exploring import Exploring
from analyzer.sandbox.tracer import Tracing
from analyzer.sandbox.workspace import owning, workspace, write_plan

if TYPE_CHECKING:
    from docker.models.containers import Container

_SEES_TRACER = (
    "a package that looks who traces it (TracerPid) finds strace, and may then do nothing: "
    "use --tracer kernel, or --sandbox embedded"
)
"""A limit of strace in a container: it cannot be outside of the package's pid namespace, as it is in the embedded sandbox."""

_OF_THIS_KERNEL = {"runc", "crun", "io.containerd.runc.v2"}
"""Runtimes whose processes are processes of the host."""


_TERMINAL: Final = "terminal"
_PLACES: Final = ("probes", _TERMINAL)
"""Folders of the record, empty in it, where the supervisor has its programs and its line to the user of a session."""


class _Outcome(NamedTuple):
    """What the package used, why something is missing in the record, and what could not be seen."""

    usage: Usage | None
    reasons: list[str]
    limits: list[str]


class Docker(Sandbox):
    """Runs packages in containers."""

    def __init__(
        self, tracing: Tracing, python: str | None, runtime: str | None, cache_folder: Path, progress: Progress
    ) -> None:
        self._tracing = tracing
        self._python = python
        self._runtime = runtime
        self._cache = cache_folder
        self._progress = progress

    @property
    def name(self) -> str:
        """The backend's name."""
        return "docker"

    @cached_property
    def _client(self) -> docker.DockerClient:
        return engine.connect()

    @cached_property
    def _facts(self) -> dict[str, Any]:
        """What the engine says of itself."""
        facts: dict[str, Any] = self._client.info()
        return facts

    @cached_property
    def _images(self) -> Images:
        version = interpreter.short_version(self._python) if self._python else DEFAULT_PYTHON
        return ensure_images(self._client, self._progress, version)

    @cached_property
    def _interpreter(self) -> interpreter.Interpreter:
        name, python = self._images.package, self._images.python
        identity = f"image {self._client.images.get(name).id}"
        found, *further = (
            interpreter.describe(
                "the sandbox image",
                identity if executable == python else f"{identity} {executable}",
                partial(engine.run_python, self._client, name, executable),
                self._cache,
            )
            for executable in dict.fromkeys((python, SYSTEM_PYTHON))
        )
        short = ".".join(found.version.split(".")[:2])
        if self._python not in {None, short, found.version}:
            raise SandboxError(
                f"--python {self._python}: the image {name} has Python {found.version}; use that, or --sandbox embedded"
            )
        return with_further(found, further)

    @property
    def identity(self) -> str:
        """The image, by its digest."""
        return self._interpreter.identity

    def description(self) -> str:
        """The image's interpreter, described by itself."""
        self._check_runtime()
        return self._interpreter.description

    def run(
        self, acquisition: Acquisition, record: Path, limits: Limits, manner: Manner, progress: Progress
    ) -> RunFacts:
        """Runs the phases in two fresh containers."""
        # The package's user must not own the record on the host, which it would with the same number.
        uid = 1001 if os.getuid() == 1000 else 1000
        sweep_folders()
        outcome: _Outcome | None = None
        try:
            engine.sweep(self._client)
            with (
                workspace(acquisition, record, self._interpreter, uid, manner) as space,
                owning(space),
                engine.removing(self._client) as token,
                exploring.exploring(space, manner) as user,
            ):
                (record / "internet").chmod(0o777)
                for place in _PLACES:  # where something is mounted out of the package's reach
                    (record / place).mkdir()
                sidecar = create_sidecar(self._client, token, self._images.internet, space, uid)
                with (
                    engine.started(sidecar),
                    self._tracing.begin(self._helper, self._untraceable()) as tracer,
                ):
                    write_plan(
                        space,
                        acquisition,
                        limits,
                        manner,
                        tracer,
                        _specifics(uid, self._images.python, manner.session, apart=tracer.recorder is not None),
                    )
                    await_internet(sidecar)
                    containers = Containers(
                        self._client, self._images, self._runtime, self._interpreter, token, space, limits, tracer, uid,
                        manner.installer, manner.fast_clock, self._facts.get("CgroupDriver") == "cgroupfs",
                    )  # fmt: skip
                    outcome = _run_in(containers, sidecar, progress, user)
                    outcome.reasons.extend(lacking_room(record))
            for place in _PLACES:
                (record / place).rmdir()
        except (SandboxError, *ENGINE_ERRORS) as error:
            problem = str(error) if isinstance(error, SandboxError) else f"{engine.failed(error)}: try again"
            if outcome is None:
                raise SandboxError(problem) from error
            outcome.reasons.append(problem)  # what the run brought until then is told all the same
        return RunFacts(
            backend=self.name,
            runtime=self._runtime or "runc",
            tracer=tracer.name,
            python=self._interpreter.version,
            network=manner.network,
            usage=outcome.usage,
            reasons=tuple(outcome.reasons),
            tracer_note=tracer.note,
            limits=tuple(outcome.limits),
        )

    def close(self) -> None:
        """Detaches the kernel tracer, and closes the connections to the engine."""
        self._tracing.close()
        if "_client" in self.__dict__:
            self._client.close()

    def _check_runtime(self) -> None:
        if self._runtime is None:
            return
        known = self._facts.get("Runtimes") or {}
        if self._runtime not in known:
            raise SandboxError(
                f"--runtime {self._runtime}: the engine has only {', '.join(sorted(known))}: "
                "add it to the engine's daemon.json, or leave the option out"
            )

    def _untraceable(self) -> str:
        """Why this kernel does not see what the package asks for; empty where it does."""
        runtime = self._runtime or self._facts.get("DefaultRuntime")
        if runtime not in _OF_THIS_KERNEL:
            return f"the runtime {runtime} answers system calls itself, out of this kernel's sight"
        if self._facts.get("KernelVersion") != os.uname().release:
            return "the Docker engine is on another machine, or in a virtual one"
        return ""

    def _helper(self) -> Recorder:
        """The kernel tracer with the engine's rights, for a user who has none of its own."""
        return ContainerTracer(self._client, self._images.internet, kernel_program(), calls.entries(*calls.recorded()))


def _run_in(containers: Containers, sidecar: Container, progress: Progress, user: Exploring | None) -> _Outcome:
    """Runs everything beside a simulated internet that is ready, and stops that."""
    try:
        if containers.tracer.recorder is not None:
            outcome = _apart(containers, sidecar, progress, user)
        else:
            outcome = _with_tracer(containers, sidecar, progress)
    except ENGINE_ERRORS as error:
        outcome = _Outcome(None, [engine.failed(error)], [])
    if not (containers.space.record / "steps.jsonl").exists():
        where, instead = ("here", "--sandbox embedded") if containers.runtime is None else (
            f"with --runtime {containers.runtime}", "the engine's own runtime"
        )  # fmt: skip
        raise SandboxError(f"the docker sandbox does not start {where} ({'; '.join(outcome.reasons)}): try {instead}")
    progress("network")
    try:
        outcome.reasons.extend(stop_internet(sidecar))
    except ENGINE_ERRORS as error:
        outcome.reasons.append(f"the simulated internet could not be stopped: {engine.failed(error)}")
    return outcome


def _with_tracer(containers: Containers, sidecar: Container, progress: Progress) -> _Outcome:
    """Supervisor, tracer and package in one container."""
    supervisor = containers.with_tracer(sidecar)
    told = unmark(supervisor)
    with engine.started(supervisor):
        sampler, reasons = watch(supervisor, supervisor, containers, progress)
        supervisor.reload()
        killed = 1 if supervisor.attrs["State"].get("OOMKilled") else 0
    return _Outcome(sampler.usage, reasons + sampler.reasons(killed), [_SEES_TRACER, *told])


def _apart(containers: Containers, sidecar: Container, progress: Progress, user: Exploring | None) -> _Outcome:
    """The package in a container to itself, recorded by the kernel."""
    space, recorder = containers.space, containers.tracer.recorder
    if recorder is None:
        raise SandboxError("a package gets a container to itself only where the kernel traces")
    recordings = Recordings(recorder, space.record, containers.limits.trace_bytes)
    with ExitStack() as stack:
        stack.callback(recordings.close)
        line = stack.enter_context(Line(space.control))
        supervisor, package = containers.apart(sidecar)
        told = unmark(package)
        terminals = Terminals(containers.client, space.session, user) if user is not None else None
        commands = Cell(containers.client, package, containers.user, recorder, recordings, line.tell, terminals)
        stack.callback(commands.close)
        with ThreadPoolExecutor(1) as beside:  # an engine takes as long for two as for one
            package_started = beside.submit(commands.start)
            stack.enter_context(engine.started(supervisor))
            package_started.result()
        stack.enter_context(line.answering(commands.handle))
        sampler, reasons = watch(supervisor, package, containers, progress, commands.end)
    reasons += sampler.reasons(commands.ended_for_memory) + recordings.reasons
    return _Outcome(sampler.usage, reasons, [*recordings.limits, *told])


def _specifics(uid: int, python: str, session: Session | None, *, apart: bool) -> dict[str, Any]:
    return {
        "launcher": "engine" if apart else "user",
        "launcher_arguments": [],
        "owned": True,
        "internet": False,
        "python": python,
        "uv": "/opt/uv/uv",
        "uid": uid,
        "drop_to": None,
        "seccomp": None,
        "control": control.FOLDER if apart else None,
        "session": exploring.plan(session, f"/record/{_TERMINAL}"),
    }
