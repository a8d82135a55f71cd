"""The two Docker images of a sandbox: built from `sandbox-images/` when missing, and named by the hash of their recipe.

The base comes from a registry where the engine can pull it, and is made with mmdebstrap on this machine where it
cannot. Nothing is ever removed: an image of an older recipe stays until its owner removes it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from analyzer.errors import SandboxError
from analyzer.resources import images_directory
from analyzer.sandbox.bases import bootstrapped, one_line

if TYPE_CHECKING:
    from pathlib import Path

    from docker import DockerClient

Progress = Callable[[str], None]

NAMES: Final = ("package", "internet")
REGISTRY_BASE: Final = "debian:bookworm-slim"
ENGINE_ERRORS: Final = (DockerException, RequestException, HTTPError)
"""What the docker SDK raises; streams raise urllib3's errors as they are."""

_BUILD_SILENCE_SECONDS: Final = 300
_TAIL_LINES: Final = 5
_BOOKKEEPING: Final = ("Step ", "--->", "Removing intermediate container")
"""How the engine's own lines begin, which tell nothing about what failed."""


@dataclass(frozen=True, slots=True)
class Images:
    """The names of the images, each `fumehood-NAME:HASH`, all present in the engine."""

    package: str
    """In which the unknown package is installed and run."""
    internet: str
    """In which the simulated internet, the capture and the dissector run."""


def recipe_files(name: str) -> tuple[Path, ...]:
    """The files of one image's build context, in a fixed order."""
    return tuple(sorted(path for path in (images_directory() / name).iterdir() if path.is_file()))


def image_tag(name: str) -> str:
    """The name of an image, with the hash of its recipe: the same recipe is never built twice."""
    return f"fumehood-{name}:{_digest(recipe_files(name))}"


def base_tag(name: str) -> str:
    """The name of an image's base where this machine makes it with mmdebstrap."""
    directory = images_directory()
    return f"fumehood-base:{name}-{_digest((directory / 'base.sh', directory / name / 'packages.txt'))}"


def ensure_images(client: DockerClient, progress: Progress) -> Images:
    """Build the images that the engine does not have yet.

    Args:
        client: a connected engine. Its own timeout bounds the wait for a registry that does not answer.
        progress: gets one line for each step that takes longer than a moment.

    Raises:
        SandboxError: an image cannot be had; the message ends with the remedy.
    """
    try:
        missing = [name for name in NAMES if not exists(client, image_tag(name))]
        if missing:
            progress(f"building the sandbox images ({', '.join(missing)}): about a minute, the first time only")
            _build_missing(client, missing, progress)
    except ENGINE_ERRORS as error:
        raise SandboxError(
            f"the Docker engine failed while its images were prepared ({one_line([str(error)])}): "
            "see that `docker version` answers, then try again"
        ) from error
    return Images(*(image_tag(name) for name in NAMES))


def _build_missing(client: DockerClient, missing: list[str], progress: Progress) -> None:
    to_make = [name for name in missing if not exists(client, base_tag(name))]
    if to_make and _registry_base(client):
        progress(f"base image: {REGISTRY_BASE} from the registry")
        try:
            for name in missing:
                _build(client, name, REGISTRY_BASE, network="default")
        except SandboxError as error:
            progress(f"{error}; making the base on this machine instead")
        else:
            return
    elif to_make:
        progress("base image: made on this machine with mmdebstrap, as no registry answers")
    _make_bases(client, to_make)
    for name in missing:
        _build(client, name, base_tag(name), network="none")


def _registry_base(client: DockerClient) -> bool:
    if exists(client, REGISTRY_BASE):
        return True
    repository, tag = REGISTRY_BASE.split(":")
    try:
        for _ in client.api.pull(repository, tag=tag, stream=True, decode=True):
            pass
    except ENGINE_ERRORS:
        return False
    return exists(client, REGISTRY_BASE)


def _build(client: DockerClient, name: str, base: str, network: str) -> None:
    stream = client.api.build(
        path=str(images_directory() / name),
        tag=image_tag(name),
        buildargs={"BASE": base},
        network_mode=network,
        rm=True,
        forcerm=True,
        decode=True,
        timeout=_BUILD_SILENCE_SECONDS,
    )
    tail, failed = _read_stream(stream)
    if failed or not exists(client, image_tag(name)):
        raise SandboxError(
            f"the image {image_tag(name)} cannot be built ({one_line(tail)}): see that the engine has disk space, "
            "and that a Debian mirror can be reached"
        )


def _read_stream(stream: Iterable[dict[str, Any]]) -> tuple[list[str], bool]:
    """The last lines of an engine's progress stream, and whether it reports an error."""
    tail: deque[str] = deque(maxlen=_TAIL_LINES)
    failed = False
    for item in stream:
        failed = failed or "error" in item
        text = str(item.get("error") or item.get("stream") or "")
        tail.extend(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(_BOOKKEEPING))
    return list(tail), failed


def _make_bases(client: DockerClient, names: list[str]) -> None:
    if names:
        with bootstrapped(names, images_directory()) as archives:
            for name, archive in archives:
                repository, tag = base_tag(name).split(":")
                client.api.import_image(src=str(archive), repository=repository, tag=tag)


def exists(client: DockerClient, tag: str) -> bool:
    """Whether the engine has an image of that name."""
    try:
        client.images.get(tag)
    except ImageNotFound:
        return False
    return True


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()[:12]
