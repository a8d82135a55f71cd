"""The interpreter inside the sandbox: how it is asked about itself, and which wheels it can install."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from packaging.tags import compatible_tags, cpython_tags
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analyzer.errors import AcquireError
from analyzer.model.package import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LEGACY: Final = {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"}
"""Older names of platform tags (PEP 600)."""

_OLDEST_X86_MINOR: Final = 5
_OLDEST_OTHER_MINOR: Final = 17
"""The oldest glibc 2.x that has platform tags: manylinux1 on x86 (PEP 513), manylinux2014 elsewhere (PEP 599)."""

_Word = Annotated[str, Field(max_length=256)]


class Description(BaseModel):
    """What an interpreter says about itself; `glibc` is empty or (major, minor), `platform` as sysconfig names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    python_version: _Word
    version_info: tuple[int, int]
    implementation: _Word
    platform: _Word
    bits: int
    glibc: tuple[int, int] | tuple[()]
    free_threaded: bool
    debug: bool
    markers: dict[_Word, _Word]


def environment_from(description: Mapping[str, Any] | str | bytes) -> Environment:
    """The environment from what `probes/interpreter/describe.py` printed, as JSON text or already decoded.

    Raises:
        AcquireError: The description is not understood, or the interpreter is not CPython on Linux.
    """
    try:
        if isinstance(description, str | bytes):
            facts = Description.model_validate_json(description)
        else:
            facts = Description.model_validate(description)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "all of it"
        raise AcquireError(
            f"the sandbox's interpreter describes itself in a way that is not understood ({where}): "
            "choose another --python"
        ) from error
    if facts.implementation != "cpython" or not facts.platform.startswith("linux-"):
        raise AcquireError(
            f"the sandbox's interpreter is {facts.implementation} on {facts.platform}: "
            "choose a CPython for Linux with --python"
        )
    return Environment(
        python_version=facts.python_version,
        markers=tuple(sorted(facts.markers.items())),
        tags=tuple(dict.fromkeys(_tags(facts))),
    )


def _tags(facts: Description) -> Iterator[str]:
    platforms = list(_platforms(facts))
    major, minor = facts.version_info
    version = f"{major}{minor}"
    suffix = ("t" if facts.free_threaded else "") + ("d" if facts.debug else "")
    abis = [f"cp{version}{suffix}"]
    if facts.debug:
        abis.append(
            f"cp{version}{'t' if facts.free_threaded else ''}"
        )  # a debug build loads release extensions since 3.8
    for tag in cpython_tags(facts.version_info, abis, platforms):
        yield str(tag)
    for tag in compatible_tags(facts.version_info, f"cp{version}", platforms):
        yield str(tag)


def _platforms(facts: Description) -> Iterator[str]:
    """Platform tags, newest glibc first; packaging computes them only for the interpreter that runs it."""
    machine = facts.platform.removeprefix("linux-").replace("-", "_").replace(".", "_").lower()
    if facts.bits == 32:
        # A 32-bit interpreter on a 64-bit kernel reports the kernel's machine.
        machine = {"x86_64": "i686", "aarch64": "armv8l"}.get(machine, machine)
    if facts.glibc and facts.glibc[0] == 2:
        oldest = _OLDEST_X86_MINOR if machine in ("x86_64", "i686") else _OLDEST_OTHER_MINOR
        for minor in range(facts.glibc[1], oldest - 1, -1):
            yield f"manylinux_2_{minor}_{machine}"
            if (2, minor) in _LEGACY:
                yield f"{_LEGACY[2, minor]}_{machine}"
    yield f"linux_{machine}"
