"""The Docker engine: reaching it, containers that end with the analyzer, and the removal of what was made whatever happens."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import docker
from docker.errors import APIError, NotFound
from docker.utils.socket import frames_iter

from analyzer.errors import SandboxError
from analyzer.sandbox.docker.images import ENGINE_ERRORS
from analyzer.sandbox.farewell import note_engine
from analyzer.sandbox.signals import deferred_signals
from analyzer.sandbox.yielding import PERIOD
from analyzer.tokens import is_abandoned, new_token

if TYPE_CHECKING:
    from docker.models.containers import Container

LABEL = "fumehood.run"
"""The label that every container of ours has; its value is the token of the run."""

_ALTERNATIVE = "start it, or use --sandbox embedded"
_POLL_SECONDS = 0.03
_MOST_SAID = 300
LOST = 255
"""The exit status of a command of which the engine knows none."""
_MAX_WRAPPED = 50
"""How much of an error's inside is looked at."""


def connect() -> docker.DockerClient:
    """A client of the engine that the environment names. Raises SandboxError when none answers."""
    try:
        client = docker.from_env(timeout=120)
    except ENGINE_ERRORS as error:
        raise SandboxError(_unanswered(error)) from error
    try:
        client.ping()
    except ENGINE_ERRORS as error:
        client.close()
        raise SandboxError(_unanswered(error)) from error
    note_engine(engine_address())
    return client


def engine_answers() -> bool:
    """Whether a Docker engine answers, for `--sandbox auto`."""
    try:
        client = docker.from_env(timeout=5)
    except ENGINE_ERRORS:
        return False
    try:
        return bool(client.ping())
    except ENGINE_ERRORS:
        return False
    finally:
        client.close()


@contextmanager
def removing(client: docker.DockerClient) -> Iterator[str]:
    """Gives the token with which containers and volumes are labelled, and removes each that has it, however the block is left."""
    token = new_token()
    try:
        yield token
    finally:
        try:
            for container in _labelled(client, f"{LABEL}={token}"):
                _remove(partial(container.remove, force=True))
            for volume in client.volumes.list(filters={"label": f"{LABEL}={token}"}):
                _remove(volume.remove)
        except ENGINE_ERRORS as error:
            raise SandboxError(
                f"containers or volumes with the label {LABEL}={token} may be left in the Docker engine ({one_line(error)}): "
                "the next analysis removes them"
            ) from error


def sweep(client: docker.DockerClient) -> None:
    """Removes containers and volumes whose analyzer was killed. They ended by themselves, but nobody was left to remove them."""
    for container in _labelled(client, LABEL):
        made = datetime.fromisoformat(container.attrs["Created"][:19]).replace(tzinfo=UTC).timestamp()
        if is_abandoned(container.labels.get(LABEL, ""), made):
            _remove(partial(container.remove, force=True))
    for volume in client.volumes.list(filters={"label": LABEL}):
        made = datetime.fromisoformat(volume.attrs["CreatedAt"][:19]).replace(tzinfo=UTC).timestamp()
        if is_abandoned((volume.attrs["Labels"] or {}).get(LABEL, ""), made):
            _remove(volume.remove)


def sweep_again() -> None:
    """Removes what is abandoned, by a connection of its own. Raises SandboxError where the engine does not do it."""
    with closing(connect()) as client:
        try:
            sweep(client)
        except ENGINE_ERRORS as error:
            raise SandboxError(failed(error)) from error


def create(client: docker.DockerClient, token: str, image: str, command: list[str], **options: Any) -> Container:
    """A labelled container, not started yet. No signal comes between the engine's making it and our knowing it."""
    with deferred_signals():
        return client.containers.create(image, command, labels={LABEL: token}, **options)


def create_memory(client: docker.DockerClient, token: str, name: str, options: str) -> str:
    """A labelled volume in memory, which containers can share; gives its name. `options` are tmpfs(5)'s.

    It holds memory only while a container that has it runs.
    """
    settings = {"type": "tmpfs", "device": "tmpfs", "o": options}
    with deferred_signals():
        client.volumes.create(name, driver="local", driver_opts=settings, labels={LABEL: token})
    return name


@contextmanager
def started(container: Container) -> Iterator[None]:
    """Starts a container (made with `stdin_open`) and holds its standard input open for the block.

    The engine closes it when this process is gone, which is how our programs in the container know.
    """
    held = container.attach_socket(params={"stdin": 1, "stream": 1})
    try:
        container.start()
        yield
    finally:
        let_go(held)


def execute(
    client: docker.DockerClient, container: Container, command: list[str], user: str
) -> Callable[[], tuple[int, str]]:
    """Starts a command in a running container; gives what waits for its end and tells its exit status.

    And the beginning of what came to its standard streams, for as long as they were the engine's.
    """
    number = client.api.exec_create(container.id, command, user=user)["Id"]
    held = client.api.exec_start(number, socket=True)

    def wait() -> tuple[int, str]:
        said = b""
        try:
            for _, piece in frames_iter(held, tty=False):  # type: ignore[no-untyped-call]
                said = (said + piece)[:_MOST_SAID]
        finally:
            let_go(held)
        status = client.api.exec_inspect(number)["ExitCode"]
        return (LOST if status is None else status), " ".join(said.decode(errors="replace").split())

    return wait


def kill(container: Container, signal: str = "SIGKILL") -> None:
    """Sends a container a signal; one that has ended by itself, or is gone, needs none."""
    try:
        container.kill(signal=signal)
    except APIError as error:
        if error.status_code not in {404, 409}:
            raise


def give_way(container: Container, shares: int, quota: int) -> None:
    """Gives a running container another share and quota of the processors, where the engine and its runtime can.

    The quota is in microseconds of each `PERIOD`.
    """
    with suppress(*ENGINE_ERRORS):  # it has ended, or keeps what it has
        container.update(cpu_shares=shares, cpu_period=PERIOD, cpu_quota=quota)


def let_go(held: Any) -> None:
    """Closes a connection that carries streams: the SDK leaves the answer on it, and has no other way to let go of that."""
    vars(held)["_response"].close()
    held.close()


def follow(container: Container, seconds: float) -> Iterator[str]:
    """The lines that a container prints, as they come, until it ends or the time is over.

    Polled, because the SDK's streams leave their connection open when they are not read to their end.
    """
    deadline = time.monotonic() + seconds
    told = 0
    while True:
        container.reload()
        lines = container.logs(stderr=False).decode(errors="replace").splitlines()
        yield from lines[told:]
        told = len(lines)
        if container.status != "running" or time.monotonic() > deadline:
            return
        time.sleep(_POLL_SECONDS)


def _unanswered(error: Exception) -> str:
    """The message for an engine that cannot be reached: where it was looked for, and what the system said of that."""
    return f"no Docker engine answers at {engine_address()} ({one_line(error)}): {_ALTERNATIVE}"


def engine_address() -> str:
    """Where the client looks for the engine."""
    return os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"


def one_line(error: BaseException) -> str:
    """An engine's error for a message of ours: what the system said, where the client's own words only wrap that."""
    said = error.explanation if isinstance(error, APIError) else None
    return " ".join((_reason(error) or str(said or error)).split())[:_MOST_SAID]


def failed(error: Exception) -> str:
    """What to say when the engine, which answered before, does not do what it is asked for."""
    return f"the Docker engine failed in mid-run ({one_line(error)})"


def _reason(error: BaseException) -> str:
    """The reason that the operating system gave, somewhere inside an error."""
    left: list[object] = [error]
    for _ in range(_MAX_WRAPPED):
        if not left:
            break
        one = left.pop(0)
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
        if isinstance(one, BaseException):
            left += [*one.args, one.__cause__, one.__context__]
    return ""


def _labelled(client: docker.DockerClient, label: str) -> list[Container]:
    found: list[Container] = client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
    return found


def _remove(remove: Callable[[], None]) -> None:
    try:
        remove()
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409:  # somebody else, or the engine itself, removes it at this moment
            raise


def run_python(client: docker.DockerClient, image: str, python: str, program: str, argument: str) -> bytes:
    """What a program of ours prints with an image's interpreter, in a container without network that holds nothing else."""
    with removing(client) as token:
        try:
            container = create(
                client, token, image, [python, "-I", "-S", "-B", "-c", program, argument],
                network_mode="none", cap_drop=["ALL"], read_only=True,
            )  # fmt: skip
            container.start()
            # Reading the log of a container that still runs may end early, so its end is awaited first.
            status = container.wait(timeout=60)["StatusCode"]
            answer: bytes = container.logs(stdout=True, stderr=False)
        except ENGINE_ERRORS as error:
            raise SandboxError(f"the image {image} cannot be run: {one_line(error)}") from error
    if status != 0:
        raise SandboxError(f"the image {image} has no usable {python}: remove the image to have it built again")
    return answer
