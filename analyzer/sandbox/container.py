"""The Docker sandbox: two containers of one engine, by the docker SDK.

```
sidecar container     no network but its own loopback; the simulated internet, with NET_ADMIN and NET_RAW in that network only
package container     joins the sidecar's network; supervisor → strace → package (an ordinary user without capabilities)
```

The engine has to see this machine's files (a local engine): the record and what is served are bind mounts.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import psutil

from analyzer.errors import SandboxError
from analyzer.model.package import Acquisition
from analyzer.model.report import Usage
from analyzer.resources import images_directory, probes_directory
from analyzer.sandbox import engine, interpreter
from analyzer.sandbox.images import ENGINE_ERRORS, Images, ensure_images
from analyzer.sandbox.interface import MIB, Limits, Progress, RunFacts, Sandbox
from analyzer.sandbox.layout import uv_binary
from analyzer.sandbox.leftovers import sweep_folders
from analyzer.sandbox.tracer import Tracer
from analyzer.sandbox.usage import UsageSampler
from analyzer.sandbox.workspace import BUNDLE, HOME, HOST_NAME, SERVED, Workspace, workspace, write_plan

if TYPE_CHECKING:
    from docker.models.containers import Container

_PYTHON = "/usr/bin/python3"
_SUPERVISOR_CAPABILITIES = ["SYS_PTRACE", "SETUID", "SETGID", "KILL", "DAC_OVERRIDE", "CHOWN", "FOWNER", "SETPCAP"]
_SIDECAR_CAPABILITIES = ["NET_ADMIN", "NET_RAW", "SETUID", "SETGID", "SETPCAP", "KILL"]
_READY_SECONDS = 60.0
_STOP_SECONDS = 150
_SIDECAR_MEMORY = 512 * MIB


class Docker(Sandbox):
    """Runs packages in containers."""

    def __init__(
        self, tracer: Tracer, python: str | None, runtime: str | None, cache_folder: Path, progress: Progress
    ) -> None:
        self._tracer = tracer
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
    def _images(self) -> Images:
        return ensure_images(self._client, self._progress)

    @cached_property
    def _interpreter(self) -> interpreter.Interpreter:
        image = self._client.images.get(self._images.package)
        found = interpreter.describe("the sandbox image", f"image {image.id}", self._run_in_image, self._cache)
        short = ".".join(found.version.split(".")[:2])
        if self._python not in {None, short, found.version}:
            raise SandboxError(
                f"--python {self._python}: the sandbox image has Python {short}; use that, or --sandbox embedded"
            )
        return found

    def description(self) -> str:
        """The image's interpreter, described by itself."""
        self._check_runtime()
        return self._interpreter.description

    def run(self, acquisition: Acquisition, record: Path, limits: Limits, progress: Progress) -> RunFacts:
        """Runs the phases in two fresh containers."""
        # The package's user must not own the record on the host, which it would with the same number.
        uid = 1001 if os.getuid() == 1000 else 1000
        sweep_folders()
        try:
            engine.sweep_containers(self._client)
            with (
                workspace(acquisition, record, self._interpreter, uid) as space,
                engine.removing(self._client) as token,
            ):
                (record / "internet").chmod(0o777)
                (record / "probes").mkdir()  # where the programs are mounted: out of the package's reach
                write_plan(space, acquisition, limits, self._tracer, _specifics(uid))
                usage, reasons = self._run_containers(token, space, uid, limits, progress)
                (record / "probes").rmdir()
        except ENGINE_ERRORS as error:
            raise SandboxError(f"the Docker engine failed in mid-run ({engine.one_line(error)}): try again") from error
        return RunFacts(
            backend=self.name,
            runtime=self._runtime or "runc",
            tracer=self._tracer.name,
            python=self._interpreter.version,
            network="simulated",
            usage=usage,
            reasons=tuple(reasons),
        )

    def close(self) -> None:
        """Closes the connections to the engine."""
        if "_client" in self.__dict__:
            self._client.close()

    def _check_runtime(self) -> None:
        if self._runtime is None:
            return
        known = self._client.info().get("Runtimes") or {}
        if self._runtime not in known:
            raise SandboxError(
                f"--runtime {self._runtime}: the engine has no such runtime; it has {', '.join(sorted(known))}"
            )

    def _run_in_image(self, program: str, argument: str) -> bytes:
        """Runs a program of ours with the image's interpreter, in a container without network that holds nothing else."""
        with engine.removing(self._client) as token:
            try:
                container = engine.create(
                    self._client, token, self._images.package, [_PYTHON, "-I", "-S", "-B", "-c", program, argument],
                    network_mode="none", cap_drop=["ALL"], read_only=True,
                )  # fmt: skip
                container.start()
                # Reading the log of a container that still runs may end early, so its end is awaited first.
                status = container.wait(timeout=60)["StatusCode"]
                answer: bytes = container.logs(stdout=True, stderr=False)
            except ENGINE_ERRORS as error:
                raise SandboxError(
                    f"the image {self._images.package} cannot be run: {engine.one_line(error)}"
                ) from error
        if status != 0:
            raise SandboxError(
                f"the image {self._images.package} has no usable {_PYTHON}: remove the image to have it built again"
            )
        return answer

    def _run_containers(
        self, token: str, space: Workspace, uid: int, limits: Limits, progress: Progress
    ) -> tuple[Usage, list[str]]:
        sidecar = self._create_sidecar(token, space.record, uid)
        with engine.started(sidecar):
            if "ready" not in engine.follow(sidecar, _READY_SECONDS):
                said = " ".join(sidecar.logs(tail=3).decode(errors="replace").split())[-300:]
                raise SandboxError(f"the simulated internet did not start in its container ({said}): try again")
            container = self._create_package(token, space, sidecar, uid, limits)
            with engine.started(container):
                usage, reasons = _watch(container, limits, progress)
            (space.record / "supervisor.log").write_bytes(container.logs(stdout=False, tail=100))
            if not (space.record / "steps.jsonl").exists():
                raise SandboxError(
                    f"the docker sandbox does not start here ({'; '.join(reasons)}): try --sandbox embedded"
                )
            progress("network")
            return usage, reasons + _stop_sidecar(sidecar)

    def _create_sidecar(self, token: str, record: Path, uid: int) -> Container:
        return engine.create(
            self._client, token, self._images.internet,
            [_PYTHON, "-B", "-m", "hood.internet", "/record/internet", "/opt/probes", str(uid)],
            name=f"fumehood-{token}-internet", hostname=HOST_NAME, network_mode="none", read_only=True, stdin_open=True,
            cap_drop=["ALL"], cap_add=_SIDECAR_CAPABILITIES, security_opt=["no-new-privileges"], mem_limit=_SIDECAR_MEMORY,
            pids_limit=128, environment={"PYTHONPATH": "/opt/probes"}, sysctls={"net.ipv4.tcp_max_tw_buckets": "0"},
            tmpfs={"/tmp": "size=16m"},  # noqa: S108 the container's own
            volumes=[f"{probes_directory()}:/opt/probes:ro", f"{record / 'internet'}:/record/internet:rw"],
        )  # fmt: skip

    def _create_package(self, token: str, space: Workspace, sidecar: Container, uid: int, limits: Limits) -> Container:
        profile = (images_directory() / "seccomp.json").read_text(encoding="utf-8")
        return engine.create(
            self._client, token, self._images.package, [_PYTHON, "-B", "-m", "hood", "/record/plan.json"],
            name=f"fumehood-{token}-package", network_mode=f"container:{sidecar.id}", read_only=True, stdin_open=True,
            runtime=self._runtime, cgroupns="private", cap_drop=["ALL"], cap_add=_SUPERVISOR_CAPABILITIES,
            security_opt=["no-new-privileges", f"seccomp={profile}"],
            mem_limit=limits.hard_memory_bytes, memswap_limit=limits.hard_memory_bytes, pids_limit=limits.hard_processes,
            nano_cpus=int(min(limits.cpus, os.cpu_count() or 1) * 1e9), shm_size=64 * MIB,
            environment={"PYTHONPATH": "/record/probes", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
            tmpfs={
                HOME: f"rw,exec,nosuid,nodev,size={limits.disk_bytes * 3 // 4},uid={uid},gid={uid},mode=755",
                "/tmp": f"rw,exec,nosuid,nodev,size={limits.disk_bytes // 4},mode=1777",  # noqa: S108
                "/run": "rw,noexec,nosuid,nodev,size=1m,mode=755",
            },
            volumes=self._volumes(space, _trusting_bundle(space)),
        )  # fmt: skip

    def _volumes(self, space: Workspace, bundle: Path) -> list[str]:
        overlay = self._interpreter.overlay
        read_only = {
            space.served: SERVED,
            probes_directory(): "/record/probes",
            probes_directory() / "driver": "/srv/runner",
            uv_binary(): "/opt/uv/uv",
            bundle: BUNDLE,
            space.overlay / "source": overlay.encodings,
            space.overlay / "compiled": overlay.cached,
            **{file: f"/etc/{file.name}" for file in space.system.iterdir()},
        }
        return [f"{space.record}:/record:rw", *(f"{source}:{target}:ro" for source, target in read_only.items())]


def _specifics(uid: int) -> dict[str, Any]:
    return {
        "launcher": "user",
        "launcher_arguments": [],
        "owned": True,
        "internet": False,
        "python": _PYTHON,
        "installer": "/opt/uv/uv",
        "uid": uid,
        "drop_to": None,
        "seccomp": None,
    }


def _trusting_bundle(space: Workspace) -> Path:
    """The certificates that the package trusts: this machine's, and the run's own authority."""
    bundle = space.folder / "bundle.crt"
    own = Path(BUNDLE).read_bytes() if Path(BUNDLE).is_file() else b""
    bundle.write_bytes(own + (space.record / "internet" / "ca.pem").read_bytes())
    return bundle


def _watch(container: Container, limits: Limits, progress: Progress) -> tuple[Usage, list[str]]:
    """Follows the package's container to its end; gives what it used, and the reasons why something is missing."""
    container.reload()
    root = container.attrs["State"]["Pid"]
    with UsageSampler(root, limits.memory_bytes, lambda process: _is_package(process, root)) as sampler:
        for line in engine.follow(container, limits.total_seconds):
            progress(line)
    expired = container.status == "running"
    if expired:
        container.kill()
    status = container.wait(timeout=60)["StatusCode"]
    container.reload()
    reasons = sampler.reasons(1 if container.attrs["State"].get("OOMKilled") else 0)
    if expired:
        reasons.append(f"the run was ended after {limits.total_seconds:g} s")
    elif status != 0:
        last = container.logs(stdout=False, tail=1).decode(errors="replace").strip() or "it said nothing"
        reasons.append(f"the sandbox's supervisor ended with status {status}: {last}")
    return sampler.usage, reasons


def _is_package(process: psutil.Process, supervisor: int) -> bool:
    """In the container all is root's but the package's processes."""
    return process.uids().real != psutil.Process(supervisor).uids().real


def _stop_sidecar(sidecar: Container) -> list[str]:
    """Stops the simulated internet, which then dissects its capture; gives the reasons why something is missing."""
    sidecar.kill(signal="SIGTERM")
    try:
        sidecar.wait(timeout=_STOP_SECONDS)
    except ENGINE_ERRORS:
        return ["the simulated internet did not stop in time, its record may be cut"]
    said = sidecar.logs(stderr=False).decode(errors="replace").splitlines()
    reasons = [line.removeprefix("reason ") for line in said if line.startswith("reason ")]
    if "stopped" not in said:
        reasons.append("the simulated internet ended before it was told to")
    return reasons
