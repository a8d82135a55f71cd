"""The Docker engine: reaching it, containers that end with the analyzer, and the removal of containers whatever happens."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import docker
from docker.errors import APIError, NotFound

from analyzer.errors import SandboxError
from analyzer.sandbox.images import ENGINE_ERRORS
from analyzer.sandbox.leftovers import is_abandoned, new_token
from analyzer.sandbox.signals import deferred_signals

if TYPE_CHECKING:
    from docker.models.containers import Container

LABEL = "fumehood.run"
"""The label that every container of ours has; its value is the token of the run."""

_ALTERNATIVE = "start it, or use --sandbox embedded"
_POLL_SECONDS = 0.03
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
    """Gives the token with which containers are labelled, and removes each that has it, however the block is left."""
    token = new_token()
    try:
        yield token
    finally:
        try:
            for container in _labelled(client, f"{LABEL}={token}"):
                _remove(container)
        except ENGINE_ERRORS as error:
            raise SandboxError(
                f"containers with the label {LABEL}={token} may be left in the Docker engine ({one_line(error)}): "
                "the next analysis removes them"
            ) from error


def sweep_containers(client: docker.DockerClient) -> None:
    """Removes containers whose analyzer was killed. They ended by themselves, but nobody was left to remove them."""
    for container in _labelled(client, LABEL):
        made = datetime.fromisoformat(container.attrs["Created"][:19]).replace(tzinfo=UTC).timestamp()
        if is_abandoned(container.labels.get(LABEL, ""), made):
            _remove(container)


def create(client: docker.DockerClient, token: str, image: str, command: list[str], **options: Any) -> Container:
    """A labelled container, not started yet. No signal comes between the engine's making it and our knowing it."""
    with deferred_signals():
        return client.containers.create(image, command, labels={LABEL: token}, **options)


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
        # The SDK leaves the answer on the socket, where its types do not know it, and has no other way to let go of it.
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
    return " ".join((_reason(error) or str(error)).split())[:200]


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


def _remove(container: Container) -> None:
    try:
        container.remove(force=True)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409:  # somebody else, or the engine itself, removes it at this moment
            raise
