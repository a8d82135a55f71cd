"""The containers of a run in Docker: what each is given, and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docker.types import LogConfig, Mount, Ulimit

from analyzer.resources import clock_library, probes_directory
from analyzer.sandbox import clock, control, seccomp
from analyzer.sandbox.docker import cell, engine, trust
from analyzer.sandbox.docker.images import SYSTEM_PYTHON, Images
from analyzer.sandbox.interface import MIB, SHARED_MEMORY_BYTES, Installer, Limits
from analyzer.sandbox.interpreter import Interpreter
from analyzer.sandbox.layout import PIP_FOLDER, pip_package
from analyzer.sandbox.tools import find_tool
from analyzer.sandbox.tracer import Tracer
from analyzer.sandbox.workspace import HOME, HOST_NAME, OWNER, SCRIPTS, SERVED, Workspace
from analyzer.sandbox.yielding import PERIOD, quota

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

_SIDECAR_CAPABILITIES = ["NET_ADMIN", "NET_RAW", "SETUID", "SETGID", "KILL"]
_SIDECAR_MEMORY = 1024 * MIB
_SUPERVISOR_CAPABILITIES = ["SETUID", "SETGID", "DAC_OVERRIDE"]
_TRACING_CAPABILITIES = ["SYS_PTRACE", "KILL", "SETPCAP"]
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SESSION = "/run/session"
_IPV6 = Path("/proc/sys/net/ipv6")
"""There where the kernel, which the engine shares, has IPv6."""


@dataclass(frozen=True)
class Containers:
    """Makes the containers of one run beside the simulated internet. `token` labels and names them; `uid` is the package's user.

    `outermost` says that their control groups can stand beside everything else on the machine: the engine makes groups itself then
    (its driver is cgroupfs), and does not ask systemd for them.
    """

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
    fast_clock: bool
    outermost: bool

    def with_tracer(self, sidecar: Container) -> Container:
        """Supervisor, tracer and package in one container."""
        tmpfs = {place: f"rw,exec,{options}" for place, options in self._places.items()}
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
        memory = [self._memory(place.rpartition("/")[2], options, place) for place, options in self._places.items()]
        if self.fast_clock:
            memory.append(
                self._memory("clock", f"nosuid,nodev,noexec,size={clock.FOLDER_BYTES},mode=755", clock.FOLDER)
            )
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
            cgroup_parent="/" if self.outermost else None,
            cpu_period=PERIOD, cpu_quota=quota(limits.cpus), sysctls=_SHARED_BY_PROCESSES, ulimits=[_NO_CORE], **options,
        )  # fmt: skip

    @property
    def _places(self) -> dict[str, str]:
        """Where the package may write, each as tmpfs(5) takes it."""
        disk, files = self.limits.disk_bytes, self.limits.files
        few = f"nosuid,nodev,nr_inodes={files // 4},mode=1777"
        return {
            HOME: f"nosuid,nodev,size={disk * 3 // 4},nr_inodes={files * 3 // 4},uid={self.uid},gid={self.uid},mode=755",
            "/tmp": f"{few},size={disk // 4}",  # noqa: S108 the container's own
            "/dev/shm": f"{few},size={SHARED_MEMORY_BYTES}",  # noqa: S108
        }

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
            self.space.owner: OWNER,
            **trust.mounts(self.space),
            **{self.space.overlay / one.name: one.place for one in self.interpreter.overlays},
            **({clock_library(): clock.LIBRARY, self.space.preload: clock.PRELOAD} if self.fast_clock else {}),
            **({pip_package(): PIP_FOLDER} if self.installer == "pip" else {}),
            **{file: f"/etc/{file.name}" for file in self.space.system.iterdir()},
        }
        return [f"{source}:{target}:ro" for source, target in read_only.items()]

    def _supervisors(self) -> list[str]:
        """With a session, its sockets too, where the package's user can go as little as into the rest of the record."""
        session = [f"{self.space.terminal}:/record/terminal:ro"] if self.space.terminal.is_dir() else []
        return [f"{self.space.record}:/record:rw", f"{probes_directory()}:/record/probes:ro", *session]


_NO_CORE: Final = Ulimit(name="core", soft=1, hard=1)
"""As `hood.command.limited`, which comes too late here: the profile keeps it as it is."""

_SHARED_BY_PROCESSES: Final = {
    "kernel.shmall": str(SHARED_MEMORY_BYTES // 4096),
    "kernel.msgmni": "256",
    "kernel.sem": "250 32000 100 128",
}
"""Pages of shared memory, message queues and semaphores (sysvipc(7)), which outlive the processes that made them."""

_SUPERVISE: Final = [SYSTEM_PYTHON, "-B", "-m", "hood", "/record/plan.json"]
_SUPERVISOR: Final = {"PYTHONPATH": "/record/probes", "PATH": _PATH}


def create_sidecar(client: DockerClient, token: str, image: str, space: Workspace, uid: int) -> Container:
    """The simulated internet, which owns the network. `uid` is what it gives up root for."""
    return engine.create(
        client, token, image, [SYSTEM_PYTHON, "-B", "-m", "hood.internet", "/record/internet", "/opt/probes", str(uid)],
        name=f"fumehood-{token}-internet", hostname=HOST_NAME, network_mode="none", read_only=True, stdin_open=True,
        cgroupns="private", cap_drop=["ALL"], cap_add=_SIDECAR_CAPABILITIES, security_opt=["no-new-privileges"], mem_limit=_SIDECAR_MEMORY,
        pids_limit=128, environment={"PYTHONPATH": "/opt/probes"}, sysctls=_network_settings(),
        tmpfs={"/tmp": "size=16m"},  # noqa: S108 the container's own
        volumes=[f"{probes_directory()}:/opt/probes:ro", f"{space.record / 'internet'}:/record/internet:rw", f"{space.owner}:{OWNER}:ro"],
    )  # fmt: skip


def _network_settings() -> dict[str, str]:
    """Lets a server of the package take its port again in a later phase; and IPv6 in, which engines keep out where there is no network."""
    settings = {"net.ipv4.tcp_max_tw_buckets": "0"}
    return settings | {"net.ipv6.conf.all.disable_ipv6": "0"} if _IPV6.is_dir() else settings
