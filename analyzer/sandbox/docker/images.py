"""The Docker images of a sandbox: built from `sandbox-images/` when missing, and named by the hash of their recipe.

There is one image of the simulated internet, and one of the package for each version of Python that was asked for. The
base comes from a registry where the engine can pull it, and is made with mmdebstrap on this machine where it cannot.
Nothing is ever removed: an image of an older recipe stays until its owner removes it.
"""

from __future__ import annotations

import hashlib
import sys
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import docker
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
DEFAULT_PYTHON: Final = "3.11"
"""What Debian 12 has, whose packages the simulated internet is made of too."""
SUITES: Final = {"3.11": "bookworm", "3.13": "trixie", "3.14": "sid"}
"""Debian's suites by their Python (https://packages.debian.org/python3): what can be made without a registry."""
SYSTEM_PYTHON: Final = "/usr/bin/python3"
"""Debian's interpreter, which every image has: it runs our own programs."""

_STABLE: Final = {"bookworm", "trixie"}
"""Suites whose Python stays the same."""
_BUILT_PYTHON: Final = "/usr/local/bin/python3"
_BUILT_VARIABLE: Final = "PYTHON_VERSION="
"""The interpreter of an image of Python's own, and the variable that such images have."""
ENGINE_ERRORS: Final = (DockerException, RequestException, HTTPError)
"""What the docker SDK raises; streams raise urllib3's errors as they are."""

_BUILD_SILENCE_SECONDS: Final = 300
_TAIL_LINES: Final = 5
_BOOKKEEPING: Final = ("Step ", "--->", "Removing intermediate container")
"""How the engine's own lines begin, which tell nothing about what failed."""


@dataclass(frozen=True, slots=True)
class Images:
    """The names of the images, all present in the engine; `python` is the interpreter that the package meets, as a path."""

    package: str
    """In which the unknown package is installed and run."""
    internet: str
    """In which the simulated internet, the capture and the dissector run."""
    python: str = SYSTEM_PYTHON


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an image is made: `name` is the folder of its recipe, `python` the version of the interpreter in it."""

    name: str
    python: str = DEFAULT_PYTHON

    @property
    def tag(self) -> str:
        """The name of the image, with the hash of its recipe: the same recipe is never built twice."""
        return f"fumehood-{self.name}:{_digest(recipe_files(self.name))}{self._suffix}"

    @property
    def suite(self) -> str:
        """Debian's suite with that Python, or nothing."""
        return SUITES.get(self.python, "")

    @property
    def registry_base(self) -> str:
        """The base's name in a registry: Debian, or where its Python may change or is another one, an image of Python's."""
        return f"debian:{self.suite}-slim" if self.suite in _STABLE else f"python:{self.python}-slim"

    @property
    def base_tag(self) -> str:
        """The name of the base where this machine makes it with mmdebstrap."""
        directory = images_directory()
        digest = _digest((directory / "base.sh", directory / self.name / "packages.txt"))
        return f"fumehood-base:{self.name}-{digest}{self._suffix}"

    @property
    def _suffix(self) -> str:
        return "" if self.python == DEFAULT_PYTHON else f"-python{self.python}"


def recipe_files(name: str) -> tuple[Path, ...]:
    """The files of one image's build context, in a fixed order."""
    return tuple(sorted(path for path in (images_directory() / name).iterdir() if path.is_file()))


def image_tag(name: str) -> str:
    """The name of an image with the default Python."""
    return Recipe(name).tag


def ensure_images(client: DockerClient, progress: Progress, python: str = DEFAULT_PYTHON) -> Images:
    """Build the images that the engine does not have yet.

    Args:
        client: a connected engine. Its own timeout bounds the wait for a registry that does not answer.
        progress: gets one line for each step that takes longer than a moment.
        python: the version that the package meets, such as "3.13".

    Raises:
        SandboxError: an image cannot be had; the message ends with the remedy.
    """
    package, internet = recipes = (Recipe("package", python), Recipe("internet"))
    try:
        missing = [recipe for recipe in recipes if not exists(client, recipe.tag)]
        if missing:
            names = ", ".join(recipe.name for recipe in missing)
            progress(f"building the sandbox images ({names}): about a minute, the first time only")
            _build_missing(client, missing, progress)
        return Images(package.tag, internet.tag, _python(client, package.tag))
    except ENGINE_ERRORS as error:
        raise SandboxError(
            f"the Docker engine failed while its images were prepared ({one_line([str(error)])}): "
            "see that `docker version` answers, then try again"
        ) from error


def _python(client: DockerClient, tag: str) -> str:
    """The interpreter of an image: Python's own image has it beside Debian's."""
    variables = client.images.get(tag).attrs["Config"].get("Env") or []
    return _BUILT_PYTHON if any(one.startswith(_BUILT_VARIABLE) for one in variables) else SYSTEM_PYTHON


def _build_missing(client: DockerClient, missing: list[Recipe], progress: Progress) -> None:
    bases = dict.fromkeys(recipe.registry_base for recipe in missing if not exists(client, recipe.base_tag))
    pulled = [base for base in bases if _registry_base(client, base)]
    for base in pulled:
        progress(f"base image: {base} from the registry")
    left = [recipe for recipe in missing if not _built_on_registry(client, recipe, pulled, progress)]
    to_make = [recipe for recipe in left if not exists(client, recipe.base_tag)]
    for recipe in to_make:
        if not recipe.suite:
            raise SandboxError(
                f"--python {recipe.python}: no image can be had: no registry has {recipe.registry_base}, and Debian's own "
                f"packages give {', '.join(SUITES)} only; use one of these, or --sandbox embedded"
            )
    if to_make and not pulled:
        progress("base image: made on this machine with mmdebstrap, as no registry answers")
    if to_make:
        _make_bases(client, to_make)
    for recipe in left:
        _build(client, recipe, recipe.base_tag, network="none")


def _built_on_registry(client: DockerClient, recipe: Recipe, pulled: list[str], progress: Progress) -> bool:
    if recipe.registry_base not in pulled:
        return False
    try:
        _build(client, recipe, recipe.registry_base, network="default")
    except SandboxError as error:
        progress(f"{error}; making the base on this machine instead")
        return False
    return True


def _registry_base(client: DockerClient, base: str) -> bool:
    if exists(client, base):
        return True
    repository, tag = base.split(":")
    try:
        for _ in client.api.pull(repository, tag=tag, stream=True, decode=True):
            pass
    except ENGINE_ERRORS:
        return False
    return exists(client, base)


def _build(client: DockerClient, recipe: Recipe, base: str, network: str) -> None:
    stream = client.api.build(
        path=str(images_directory() / recipe.name),
        tag=recipe.tag,
        buildargs={"BASE": base},
        network_mode=network,
        rm=True,
        forcerm=True,
        decode=True,
        timeout=_BUILD_SILENCE_SECONDS,
    )
    tail, failed = _read_stream(stream)
    if failed or not exists(client, recipe.tag):
        raise SandboxError(
            f"the image {recipe.tag} cannot be built ({one_line(tail)}): see that the engine has disk space, "
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


def _make_bases(client: DockerClient, recipes: list[Recipe]) -> None:
    by_name = {recipe.name: recipe for recipe in recipes}
    with bootstrapped({name: recipe.suite for name, recipe in by_name.items()}, images_directory()) as archives:
        for name, archive in archives:
            repository, tag = by_name[name].base_tag.split(":")
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


if __name__ == "__main__":  # `make images`
    for version in sys.argv[1:] or [DEFAULT_PYTHON]:
        print(ensure_images(docker.from_env(), print, version))  # noqa: T201
