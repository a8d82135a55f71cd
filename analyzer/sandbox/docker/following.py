"""The containers of a run in Docker while it goes on: until the simulated internet is ready, until the supervisor ends, and to the end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from analyzer.errors import SandboxError
from analyzer.sandbox.docker import engine
from analyzer.sandbox.docker.containers import Containers
from analyzer.sandbox.docker.crowding import Crowding
from analyzer.sandbox.docker.images import ENGINE_ERRORS
from analyzer.sandbox.interface import Progress
from analyzer.sandbox.usage import UsageSampler, beside, refused_beside, used_beside
from analyzer.sandbox.yielding import SHARES, Yielding, heavy_quota, quota

if TYPE_CHECKING:
    from docker.models.containers import Container

_READY_SECONDS = 60.0
_STOP_SECONDS = 150


def await_internet(sidecar: Container) -> None:
    """Waits until the simulated internet answers. Raises SandboxError where it does not."""
    if "ready" not in engine.follow(sidecar, _READY_SECONDS):
        said = " ".join(sidecar.logs(tail=3).decode(errors="replace").split())[-300:]
        raise SandboxError(f"the simulated internet did not start in its container ({said}): try again")


def watch(
    supervisor: Container,
    package: Container,
    containers: Containers,
    progress: Progress,
    end: Callable[[], None] | None = None,
) -> tuple[UsageSampler, list[str]]:
    """Follows the supervisor to its end; gives what looked at the package's usage, and the reasons why something is missing.

    `end` ends what runs in the package's container, where that is not the supervisor's. Where it is, so is strace, under which few
    processes can ask for others at a time.
    """
    limits = containers.limits
    package.reload()
    first = package.attrs["State"]["Pid"]
    uid = containers.uid
    allowed = quota(limits.cpus) if containers.outermost else heavy_quota(limits.cpus)
    yielding = Yielding(used_beside(first), partial(engine.give_way, package, SHARES, allowed))
    crowding = Crowding(refused_beside(first), end, limits.processes) if end is not None else None
    looks = [yielding.look, crowding.look] if crowding is not None else [yielding.look]
    with UsageSampler(
        beside(first),
        limits.memory_bytes,
        lambda one: one.pid != first and one.uids().real == uid,
        looks,
    ) as sampler:
        for line in engine.follow(supervisor, limits.total_seconds):
            progress(line)
    expired = supervisor.status == "running"
    if expired:
        engine.kill(supervisor)
    status = supervisor.wait(timeout=60)["StatusCode"]
    said = supervisor.logs(stdout=False, tail=100)
    with suppress(OSError):  # a full disk, which is told
        (containers.space.record / "supervisor.log").write_bytes(said)
    reasons = crowding.reasons if crowding is not None else []
    if expired:
        reasons.append(f"the run was ended after {limits.total_seconds:g} s")
    elif status != 0:
        last = supervisor.logs(stdout=False, tail=1).decode(errors="replace").strip() or "it said nothing"
        reasons.append(f"the sandbox's supervisor ended with status {status}: {last}")
    return sampler, reasons


def stop_internet(sidecar: Container) -> list[str]:
    """Stops the simulated internet, which then dissects its capture; gives the reasons why something is missing."""
    engine.kill(sidecar, "SIGTERM")
    try:
        sidecar.wait(timeout=_STOP_SECONDS)
    except ENGINE_ERRORS:
        return ["the simulated internet did not stop in time, its record may be cut"]
    said = sidecar.logs(stderr=False).decode(errors="replace").splitlines()
    reasons = [line.removeprefix("reason ") for line in said if line.startswith("reason ")]
    if "stopped" not in said:
        reasons.append("the simulated internet ended before it was told to")
    return reasons
