"""The description of an interpreter, from which packages are chosen for it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from packaging.markers import default_environment

from tests.unit.interpreter.prefix import PROBES

if TYPE_CHECKING:
    from tests.unit.interpreter.prefix import Prefix

_OF_THE_MACHINE = (
    "os_name",
    "platform_machine",
    "platform_release",
    "platform_system",
    "platform_version",
    "sys_platform",
)


@pytest.fixture
def described(plain: Prefix) -> dict[str, Any]:
    """What the program prints: one line."""
    ended = plain.run("-I", "-S", PROBES / "describe.py")
    assert (ended.status, ended.errors, ended.output.count(b"\n")) == (0, b"", 1)
    description: dict[str, Any] = json.loads(ended.output)
    return description


def test_every_marker_of_the_packaging_library(described: dict[str, Any]) -> None:
    ours: dict[str, str] = dict(default_environment())  # type: ignore[arg-type]
    assert set(described["markers"]) == set(ours)
    assert [described["markers"][name] for name in _OF_THE_MACHINE] == [ours[name] for name in _OF_THE_MACHINE]


def test_the_version(plain: Prefix, described: dict[str, Any]) -> None:
    short = "{}.{}".format(*plain.version)
    assert described["version_info"] == list(plain.version)
    assert described["python_version"].startswith(short + ".")
    assert described["markers"]["python_version"] == short
    assert described["markers"]["python_full_version"] == described["python_version"]
    assert described["markers"]["implementation_version"] == described["python_version"]


def test_the_machine(described: dict[str, Any]) -> None:
    assert described["platform"].startswith("linux-")
    assert described["bits"] in {32, 64}
    name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    assert described["glibc"] == ([int(part) for part in version.split(".")[:2]] if name == "glibc" else [])
    assert (described["implementation"], described["free_threaded"], described["debug"]) == ("cpython", False, False)
