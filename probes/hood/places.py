"""Where files of a session are copied to and from: folders that are reached step by step, through no link, and only below a few."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

from hood.plan import Plan

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class CopyError(Exception):
    """Why something cannot be copied, in words for the user."""


def located(plan: Plan, name: str) -> str:
    """The path that a name means, without links in it. Raises CopyError where it is not below the home or /tmp."""
    if "\0" in name or not name:
        raise CopyError("a file in the sandbox needs a name")
    home = plan.home
    path = home + name[1:] if name == "~" or name.startswith("~/") else os.path.join(plan.environment["PWD"], name)  # noqa: PTH118
    folder, last = os.path.split(path.rstrip("/") or "/")
    # What the name itself is a link to is not followed, as little as `docker cp` does.
    real = os.path.normpath(os.path.join(os.path.realpath(folder), last))  # noqa: PTH118
    if not any(real == root or real.startswith(f"{root}/") for root in (home, "/tmp")):  # noqa: S108 the sandbox's own
        raise CopyError(f"{name}: only files below {home} and /tmp can be copied")
    return real


def folder_of(path: str) -> int:
    """A descriptor of a folder, by a path without links. Raises OSError where a link is in it by now."""
    descriptor = os.open("/", _FOLDER)
    for part in path.strip("/").split("/"):
        if part:
            descriptor = _into(descriptor, part)
    return descriptor


def below(root: int, parts: Sequence[str]) -> int:
    """A descriptor of a folder below another one, made where it is missing. Raises OSError where something else is in its place."""
    descriptor = os.dup(root)
    for part in parts:
        try:
            os.mkdir(part, 0o755, dir_fd=descriptor)
        except FileExistsError:
            pass
        except OSError:
            os.close(descriptor)
            raise
        descriptor = _into(descriptor, part)
    return descriptor


def is_folder(path: str) -> bool:
    """Whether a folder is there, not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _into(folder: int, name: str) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    finally:
        os.close(folder)
