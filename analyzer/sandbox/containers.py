"""The containers of a run in Docker: what each is given, and nothing else."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docker.types import LogConfig, Mount

from analyzer.resources import probes_directory
from analyzer.sandbox import cell, control, engine, seccomp, trust
from analyzer.sandbox.images import SYSTEM_PYTHON, Images
from analyzer.sandbox.interface import MIB, Installer, Limits
from analyzer.sandbox.interpreter import Interpreter
from analyzer.sandbox.layout import PIP_FOLDER, pip_package
from analyzer.sandbox.tools import find_tool
from analyzer.sandbox.tracer import Tracer
from analyzer.sandbox.workspace import HOME, HOST_NAME, SCRIPTS, SERVED, Workspace

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

_SIDECAR_CAPABILITIES = ["NET_ADMIN", "NET_RAW", "SETUID", "SETGID", "SETPCAP", "KILL"]
_SIDECAR_MEMORY = 1024 * MIB
_SUPERVISOR_CAPABILITIES = ["SETUID", "SETGID", "DAC_OVERRIDE", "CHOWN", "FOWNER"]
_TRACING_CAPABILITIES = ["SYS_PTRACE", "KILL", "SETPCAP"]
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SESSION = "/run/session"
_IPV6 = Path("/proc/sys/net/ipv6")
"""There where the kernel, which the engine shares, has IPv6."""


@dataclass(frozen=True)
class Containers:
    """Makes the containers of one run beside the simulated internet. `token` labels and names them; `uid` is the package's user."""

    client: DockerClient
    images: Images
    runtime: str | None
    interpreter: Interpreter
    token: str
    space: Workspace
    limits: Limits
    tracer: Tracer
    uid: int
    installer: Installer

    def with_tracer(self, sidecar: Container) -> Container:
        """Supervisor, tracer and package in one container."""
        tmpfs = {HOME: f"rw,exec,{self._home}", "/tmp": f"rw,exec,{self._temporary}"}  # noqa: S108 the container's own
        return self._create(
            "supervisor", sidecar, _SUPERVISE, cap_add=[*_SUPERVISOR_CAPABILITIES, *_TRACING_CAPABILITIES],
            stdin_open=True, environment=_SUPERVISOR, tmpfs={**tmpfs, "/run": "rw,noexec,nosuid,nodev,size=1m,mode=755"},
            volumes=[*self._shared(), *self._supervisors()],
        )  # fmt: skip

    def apart(self, sidecar: Container) -> tuple[Container, Container]:
        """The supervisor's container, and the package's, which has an ordinary user, no capability, and nothing of ours."""
        # The supervisor makes its pipes there; the package may use those that it knows, and see no others.
        self.space.session.mkdir()
        self.space.session.chmod(0o711)
        shared = [*self._shared(), f"{self.space.session}:{_SESSION}:rw"]
        memory = [self._memory("home", self._home, HOME), self._memory("tmp", self._temporary, "/tmp")]  # noqa: S108
        supervisor = self._create(
            "supervisor", sidecar, _SUPERVISE, cap_add=_SUPERVISOR_CAPABILITIES, stdin_open=True, environment=_SUPERVISOR,
            volumes=[*shared, *self._supervisors(), f"{self.space.control}:{control.FOLDER}:ro"], mounts=memory,
        )  # fmt: skip
        package = self._create(
            "package",
            sidecar,
            cell.WAITING,
            user=cell.USER,
            stdin_open=True,
            environment={"PATH": _PATH},
            volumes=shared,
            mounts=memory,
            log_config=LogConfig(type=LogConfig.types.NONE),  # no file of the engine's grows with what is said there
        )
        return supervisor, package

    @property
    def user(self) -> str:
        """The package's user, as the engine takes it."""
        return f"{self.uid}:{self.uid}"

    def _create(self, name: str, sidecar: Container, command: list[str], **options: Any) -> Container:
        limits = self.limits
        refused = seccomp.profile(self.tracer.refusals(in_container=True))
        return engine.create(
            self.client, self.token, self.images.package, command, name=f"fumehood-{self.token}-{name}",
            network_mode=f"container:{sidecar.id}", read_only=True, runtime=self.runtime, cgroupns="private", cap_drop=["ALL"],
            security_opt=["no-new-privileges", f"seccomp={json.dumps(refused)}"], mem_limit=limits.hard_memory_bytes,
            memswap_limit=limits.hard_memory_bytes, pids_limit=limits.hard_processes,
            nano_cpus=int(min(limits.cpus, os.cpu_count() or 1) * 1e9), shm_size=64 * MIB, **options,
        )  # fmt: skip

    @property
    def _home(self) -> str:
        return f"nosuid,nodev,size={self.limits.disk_bytes * 3 // 4},uid={self.uid},gid={self.uid},mode=755"

    @property
    def _temporary(self) -> str:
        return f"nosuid,nodev,size={self.limits.disk_bytes // 4},mode=1777"

    def _memory(self, name: str, options: str, target: str) -> Mount:
        """A volume in memory for both containers, empty whatever the image has at that place."""
        source = engine.create_memory(self.client, self.token, f"fumehood-{self.token}-{name}", options)
        return Mount(target, source, type="volume", no_copy=True)

    def _shared(self) -> list[str]:
        """What supervisor and package both see."""
        read_only = {
            self.space.served: SERVED,
            self.space.scripts: SCRIPTS,
            probes_directory() / "driver": "/srv/runner",
            find_tool("uv"): "/opt/uv/uv",
            **trust.mounts(self.space),
            **{self.space.overlay / one.name: one.place for one in self.interpreter.overlays},
            **({pip_package(): PIP_FOLDER} if self.installer == "pip" else {}),
            **{file: f"/etc/{file.name}" for file in self.space.system.iterdir()},
        }
        return [f"{source}:{target}:ro" for source, target in read_only.items()]

    def _supervisors(self) -> list[str]:
        return [f"{self.space.record}:/record:rw", f"{probes_directory()}:/record/probes:ro"]


_SUPERVISE: Final = [SYSTEM_PYTHON, "-B", "-m", "hood", "/record/plan.json"]
_SUPERVISOR: Final = {"PYTHONPATH": "/record/probes", "PATH": _PATH}


def create_sidecar(client: DockerClient, token: str, image: str, record: Path, uid: int) -> Container:
    """The simulated internet, which owns the network. `uid` is what it gives up root for."""
    return engine.create(
        client, token, image, [SYSTEM_PYTHON, "-B", "-m", "hood.internet", "/record/internet", "/opt/probes", str(uid)],
        name=f"fumehood-{token}-internet", hostname=HOST_NAME, network_mode="none", read_only=True, stdin_open=True,
        cap_drop=["ALL"], cap_add=_SIDECAR_CAPABILITIES, security_opt=["no-new-privileges"], mem_limit=_SIDECAR_MEMORY,
        pids_limit=128, environment={"PYTHONPATH": "/opt/probes"}, sysctls=_network_settings(),
        tmpfs={"/tmp": "size=16m"},  # noqa: S108 the container's own
        volumes=[f"{probes_directory()}:/opt/probes:ro", f"{record / 'internet'}:/record/internet:rw"],
    )  # fmt: skip


def _network_settings() -> dict[str, str]:
    """Lets a server of the package take its port again in a later phase; and IPv6 in, which engines keep out where there is no network."""
    settings = {"net.ipv4.tcp_max_tw_buckets": "0"}
    return settings | {"net.ipv6.conf.all.disable_ipv6": "0"} if _IPV6.is_dir() else settings
