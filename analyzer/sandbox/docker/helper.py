"""The recorder in a container of the Docker engine, for its user who is not root.

The container has the host's pid namespace, no network, a read-only file system, and of the rights of root those alone that loading programs
and looking at namespaces needs. Nothing of a package reaches it but records, which it moves from the kernel to logs without a look inside.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docker.errors import APIError

import analyzer
from analyzer.errors import SandboxError
from analyzer.sandbox.docker import engine
from analyzer.sandbox.docker.images import ENGINE_ERRORS
from analyzer.sandbox.kernel.client import RemoteTracer
from analyzer.sandbox.leftovers import owned_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docker import DockerClient
    from docker.models.containers import Container

_CAPABILITIES: Final = (["BPF", "PERFMON", "SYS_PTRACE"], ["SYS_ADMIN", "SYS_PTRACE"])
"""What the kernel asks for: to load programs, to attach them, to read namespaces of others. An engine that does not know the first two
(Docker 20.10 of Debian 12) gives the one that held them before Linux 5.8."""

_REFUSED: Final = (
    "add_key chroot delete_module finit_module fsconfig fsmount fsopen fspick init_module io_uring_setup ioperm iopl kcmp kexec_file_load "
    "kexec_load keyctl mount mount_setattr move_mount open_by_handle_at open_tree pidfd_getfd pivot_root process_madvise "
    "process_vm_readv process_vm_writev ptrace quotactl reboot request_key setns swapoff swapon umount2 unshare userfaultfd"
)
"""What these rights would allow besides. The engine's own profile is of no use here: whether it lets `bpf` pass depends on its version."""

_MEMORY: Final = 512 * 1024 * 1024
_READY_SECONDS: Final = 60.0
_LOOK: Final = 0.1


class ContainerTracer(RemoteTracer):
    """A recorder in a container, which ends with this process, however that ends.

    Args:
        client: a connected engine on this machine.
        image: the simulated internet's image, which holds libbpf.
        program: the object file that `make kernel-probe` builds.
        table: what is recorded, as `calls.entries` gives it.

    Raises:
        SandboxError: the container does not start, or cannot load the programs; the message says why.
    """

    def __init__(self, client: DockerClient, image: str, program: Path, table: Mapping[int, bytes]) -> None:
        with ExitStack() as stack:
            super().__init__(_started(stack, client, image, program), table)
            self._stack = stack.pop_all()

    def close(self) -> None:
        """End the container and remove it. May be called again."""
        super().close()
        self._stack.close()


def _started(stack: ExitStack, client: DockerClient, image: str, program: Path) -> socket.socket:
    try:
        # A folder inside that of this user alone: what is in the container may pass, others come not so far.
        folder = stack.enter_context(owned_folder()) / "tracer"
        folder.mkdir(mode=0o711)
        listener = stack.enter_context(_listening(folder))
        token = stack.enter_context(engine.removing(client))
        container = _create(client, token, image, program, folder)
        container.start()
        return stack.enter_context(_accept(listener, container))
    except (OSError, *ENGINE_ERRORS) as error:
        raise SandboxError(_not_started(engine.one_line(error))) from error


def _listening(folder: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    through = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # An address has room for 107 bytes, which the folder's own name may exceed.
        listener.bind(f"/proc/self/fd/{through}/socket")
    except OSError:
        listener.close()
        raise
    finally:
        os.close(through)
    (folder / "socket").chmod(0o666)
    listener.listen(1)
    listener.settimeout(_LOOK)
    return listener


def _create(client: DockerClient, token: str, image: str, program: Path, folder: Path) -> Container:
    for capabilities in _CAPABILITIES:
        try:
            return engine.create(
                client, token, image,
                ["/usr/bin/python3", "-S", "-B", "-m", "analyzer.sandbox.kernel.remote", "/run/tracer/socket", "/opt/tracer.bpf.o"],
                name=f"fumehood-{token}-tracer", network_mode="none", pid_mode="host", userns_mode="host", read_only=True,
                cap_drop=["ALL"], cap_add=capabilities, security_opt=["no-new-privileges", f"seccomp={_profile()}"],
                mem_limit=_MEMORY, pids_limit=512, environment={"PYTHONPATH": "/opt/fumehood"},
                volumes=[
                    f"{Path(analyzer.__file__).parent}:/opt/fumehood/analyzer:ro",
                    f"{program}:/opt/tracer.bpf.o:ro",
                    f"{folder}:/run/tracer:ro",
                ],
            )  # fmt: skip
        except APIError as error:
            if "unknown capability" not in str(error):
                raise
    raise SandboxError(_not_started(f"the engine knows none of the capabilities {_CAPABILITIES}"))


def _profile() -> str:
    refusal: dict[str, Any] = {"names": _REFUSED.split(), "action": "SCMP_ACT_ERRNO", "errnoRet": 1}
    return json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [refusal]})


def _accept(listener: socket.socket, container: Container) -> socket.socket:
    """The connection that the container makes. Raises SandboxError when it ends before, or does not come."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            return listener.accept()[0]
        except TimeoutError:
            container.reload()
            if container.status != "running":
                break
    said = " ".join(container.logs(tail=3).decode(errors="replace").split())[-300:]
    raise SandboxError(_not_started(said or f"it is {container.status}, and said nothing"))


def _not_started(reason: str) -> str:
    return f"the kernel tracer's container does not start ({reason}): run as root, or use --tracer strace"
