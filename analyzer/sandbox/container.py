"""The Docker sandbox: two containers of one engine, by the docker SDK.

```
sidecar container     no network but its own loopback; the simulated internet, with NET_ADMIN and NET_RAW in that network only
package container     joins the sidecar's network; supervisor → strace → package (an ordinary user without capabilities)
```

The engine has to see this machine's files (a local engine): the record and what is served are bind mounts.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, DockerException, NotFound
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

import docker
from analyzer.errors import SandboxError
from analyzer.model.package import Acquisition
from analyzer.model.report import Usage
from analyzer.resources import images_directory, probes_directory
from analyzer.sandbox import interpreter
from analyzer.sandbox.embedded import uv_binary
from analyzer.sandbox.images import Images, ensure_images
from analyzer.sandbox.interface import MIB, Limits, Progress, RunFacts, Sandbox
from analyzer.sandbox.tracer import Tracer
from analyzer.sandbox.usage import UsageSampler
from analyzer.sandbox.workspace import BUNDLE, HOME, HOST_NAME, NAME_SERVER, SERVED, USER, Workspace, workspace, write_plan

if TYPE_CHECKING:
    from docker.models.containers import Container

_ENGINE_ERRORS = (DockerException, RequestException, HTTPError)
_PYTHON = "/usr/bin/python3"
_SUPERVISOR_CAPABILITIES = ["SYS_PTRACE", "SETUID", "SETGID", "KILL", "DAC_OVERRIDE", "CHOWN", "FOWNER"]
_SIDECAR_CAPABILITIES = ["NET_ADMIN", "NET_RAW", "SETUID", "SETGID", "SETPCAP", "KILL"]
_LABEL = "fumehood.run"
_READY_SECONDS = 60.0
_STOP_SECONDS = 150
_SIDECAR_MEMORY = 512 * MIB


class Docker(Sandbox):
    """Runs packages in containers."""

    def __init__(self, tracer: Tracer, python: str | None, runtime: str | None, cache_folder: Path, progress: Progress) -> None:
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
        try:
            client = docker.from_env(timeout=120)
            client.ping()
        except _ENGINE_ERRORS as error:
            raise SandboxError(f"no Docker engine answers ({_one_line(error)}): start it, or use --sandbox embedded") from error
        return client

    @cached_property
    def _images(self) -> Images:
        return ensure_images(self._client, self._progress)

    @cached_property
    def _interpreter(self) -> interpreter.Interpreter:
        image = self._client.images.get(self._images.package)
        found = interpreter.describe(f"image {image.id}", self._run_in_image, self._cache)
        short = ".".join(found.version.split(".")[:2])
        if self._python not in {None, short, found.version}:
            raise SandboxError(f"--python {self._python}: the sandbox image has Python {short}; use that, or --sandbox embedded")
        return found

    def description(self) -> str:
        """The image's interpreter, described by itself."""
        self._check_runtime()
        return self._interpreter.description

    def run(self, acquisition: Acquisition, record: Path, limits: Limits, progress: Progress) -> RunFacts:
        """Runs the phases in two fresh containers."""
        # The package's user must not own the record on the host, which it would with the same number.
        uid = 1001 if os.getuid() == 1000 else 1000
        reasons: list[str] = []
        with workspace(acquisition, record, self._interpreter, uid) as space, self._removing(secrets.token_hex(4)) as run:
            (record / "internet").chmod(0o777)
            write_plan(space, acquisition, limits, self._tracer, _specifics(uid))
            try:
                sidecar = self._start_sidecar(run, record, uid)
                usage = self._run_package(run, space, sidecar, uid, limits, progress, reasons)
                progress("network")
                reasons += _stop_sidecar(sidecar)
            except _ENGINE_ERRORS as error:
                raise SandboxError(f"the Docker engine failed in mid-run ({_one_line(error)}): try again") from error
        return RunFacts(
            backend=self.name,
            runtime=self._runtime or "runc",
            tracer=self._tracer.name,
            python=self._interpreter.version,
            network="simulated",
            usage=usage,
            reasons=tuple(reasons),
        )

    def _check_runtime(self) -> None:
        if self._runtime is None:
            return
        known = self._client.info().get("Runtimes") or {}
        if self._runtime not in known:
            raise SandboxError(f"--runtime {self._runtime}: the engine has no such runtime; it has {', '.join(sorted(known))}")

    def _run_in_image(self, program: str, argument: str) -> bytes:
        """Runs a program of ours with the image's interpreter, in a container without network that holds nothing else."""
        with self._removing("describe-" + secrets.token_hex(4)) as run:
            try:
                container = self._client.containers.create(
                    self._images.package, [_PYTHON, "-I", "-S", "-B", "-c", program, argument],
                    network_mode="none", cap_drop=["ALL"], read_only=True, labels={_LABEL: run},
                )  # fmt: skip
                container.start()
                # Reading the log of a container that still runs may end early, so its end is awaited first.
                status = container.wait(timeout=60)["StatusCode"]
                answer: bytes = container.logs(stdout=True, stderr=False)
            except _ENGINE_ERRORS as error:
                raise SandboxError(f"the image {self._images.package} cannot be run: {_one_line(error)}") from error
        if status != 0:
            raise SandboxError(f"the image {self._images.package} has no usable {_PYTHON}: remove the image to have it built again")
        return answer

    @contextmanager
    def _removing(self, run: str) -> Iterator[str]:
        """Removes every container of the run, also those of which a failure left only the label."""
        try:
            yield run
        finally:
            for container in self._client.containers.list(all=True, filters={"label": f"{_LABEL}={run}"}, ignore_removed=True):
                try:
                    container.remove(force=True)
                except NotFound:
                    continue

    def _start_sidecar(self, run: str, record: Path, uid: int) -> Container:
        probes = probes_directory()
        sidecar = self._client.containers.create(
            self._images.internet,
            [_PYTHON, "-B", "-m", "hood.internet", "/record/internet", "/opt/probes", str(uid)],
            name=f"fumehood-{run}-internet", hostname=HOST_NAME, labels={_LABEL: run}, network_mode="none", read_only=True,
            cap_drop=["ALL"], cap_add=_SIDECAR_CAPABILITIES, security_opt=["no-new-privileges"], mem_limit=_SIDECAR_MEMORY,
            pids_limit=128, environment={"PYTHONPATH": "/opt/probes"}, sysctls={"net.ipv4.tcp_max_tw_buckets": "0"}, tmpfs={"/tmp": "size=16m"},  # noqa: S108
            volumes=[f"{probes}:/opt/probes:ro", f"{record / 'internet'}:/record/internet:rw"],
        )  # fmt: skip
        sidecar.start()
        stream = sidecar.logs(stream=True, follow=True)
        watchdog = threading.Timer(_READY_SECONDS, sidecar.kill)
        watchdog.start()
        said = b""
        try:
            for piece in stream:
                said += piece
                if b"ready\n" in said:
                    return sidecar
        finally:
            watchdog.cancel()
        raise SandboxError(f"the simulated internet did not start in its container: {said.decode(errors='replace')[-300:]!r}")

    def _run_package(
        self, run: str, space: Workspace, sidecar: Container, uid: int, limits: Limits, progress: Progress, reasons: list[str]
    ) -> Usage:
        bundle = _trusting_bundle(space)
        container = self._client.containers.create(
            self._images.package,
            [_PYTHON, "-B", "-m", "hood", "/record/plan.json"],
            name=f"fumehood-{run}-package", labels={_LABEL: run}, network_mode=f"container:{sidecar.id}", read_only=True,
            runtime=self._runtime, cap_drop=["ALL"], cap_add=_SUPERVISOR_CAPABILITIES,
            security_opt=["no-new-privileges", f"seccomp={(images_directory() / 'seccomp.json').read_text(encoding='utf-8')}"],
            mem_limit=limits.memory_bytes, memswap_limit=limits.memory_bytes, pids_limit=limits.processes,
            nano_cpus=int(min(limits.cpus, os.cpu_count() or 1) * 1e9), shm_size=64 * MIB,
            environment={"PYTHONPATH": "/record/probes", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
            tmpfs={
                HOME: f"rw,exec,nosuid,nodev,size={limits.disk_bytes * 3 // 4},uid={uid},gid={uid},mode=755",
                "/tmp": f"rw,exec,nosuid,nodev,size={limits.disk_bytes // 4},mode=1777",  # noqa: S108
                "/run": "rw,noexec,nosuid,nodev,size=1m,mode=755",
            },
            volumes=self._volumes(space, bundle),
        )  # fmt: skip
        container.start()
        stream = container.logs(stream=True, follow=True, stderr=False)
        container.reload()
        overdue = threading.Timer(limits.total_seconds, container.kill)
        overdue.start()
        try:
            with UsageSampler(container.attrs["State"]["Pid"]) as sampler:
                for piece in stream:
                    for line in piece.decode(errors="replace").splitlines():
                        progress(line)
                status = container.wait(timeout=60)["StatusCode"]
        finally:
            overdue.cancel()
        container.reload()
        if container.attrs["State"].get("OOMKilled"):
            reasons.append(f"the memory limit of {limits.memory_bytes} bytes was passed, and processes were ended")
        said = container.logs(stdout=False, tail=100)
        (space.record / "supervisor.log").write_bytes(said)
        if status != 0:
            last = said.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            reasons.append(f"the sandbox's supervisor ended with status {status}: {last[0]}")
        return sampler.usage

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


def _stop_sidecar(sidecar: Container) -> list[str]:
    """Stops the simulated internet, which then dissects its capture; gives the reasons why something is missing."""
    sidecar.kill(signal="SIGTERM")
    try:
        sidecar.wait(timeout=_STOP_SECONDS)
    except _ENGINE_ERRORS:
        return ["the simulated internet did not stop in time, its record may be cut"]
    said = sidecar.logs(stderr=False).decode(errors="replace").splitlines()
    reasons = [line.removeprefix("reason ") for line in said if line.startswith("reason ")]
    if "stopped" not in said:
        reasons.append("the simulated internet ended before it was told to")
    return reasons


def engine_answers() -> bool:
    """Whether a Docker engine answers, for `--sandbox auto`."""
    try:
        client = docker.from_env(timeout=5)
    except _ENGINE_ERRORS:
        return False
    try:
        return bool(client.ping())
    except (*_ENGINE_ERRORS, APIError):
        return False
    finally:
        client.close()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
