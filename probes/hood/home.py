"""The home that the package finds: an ordinary user's folders, decoys, and the environment that it is installed into."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path
from typing import Any

from hood import installing, scratch
from hood.identity import as_package_user
from hood.plan import Plan

_PROFILE = (
    '# ~/.profile: executed by the command interpreter for login shells.\n[ -f "$HOME/.bashrc" ] && . "$HOME/.bashrc"\n'
)
_BASHRC = (
    "# ~/.bashrc: executed by bash(1) for non-login shells.\nexport PATH=\"$HOME/.local/bin:$PATH\"\nalias ll='ls -l'\n"
    "[ -f ~/.bash_aliases ] && . ~/.bash_aliases\n"
)
_INSTALLED = 1_692_614_100
"""When somebody set up this machine: in 2023."""


def furnish(plan: Plan) -> None:
    """Fills the empty home and makes the environment, as the package's user. Raises CalledProcessError or OSError."""
    if not as_package_user(plan, lambda: _furnish(plan)):
        raise OSError(f"the sandbox's home {plan.home} could not be prepared (see the messages above)")


def _furnish(plan: Plan) -> None:
    home = Path(plan.home)
    for folder in ("project", ".config", ".cache", ".local/bin", ".local/share"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    for name, text in ((".profile", _PROFILE), (".bashrc", _BASHRC)):
        (home / name).write_text(text)
        os.utime(home / name, (_INSTALLED, _INSTALLED))
    _plant(home, plan.decoys)
    scratch.furnish(plan.home)
    if plan.project:
        _unpack(plan.target, Path(plan.project))
    if plan.installer == "pip":
        (home / installing.BUILDS).mkdir(parents=True)
    environment = f"{home}/project/.venv"
    _install(plan, "venv", "--python", plan.python, environment)
    # The installer asks each new interpreter about itself once, and remembers the answer: here, before anything is traced.
    _install(plan, "pip", "list", "--python", f"{environment}/bin/python")


def _plant(home: Path, decoys: list[dict[str, Any]]) -> None:
    """Writes the files with their times; each folder's is that of the newest thing in it."""
    times: dict[str, int] = {}
    for decoy in decoys:
        path, changed = f"{home}/{decoy['path']}", decoy["changed"]
        folder = os.path.dirname(path)  # noqa: PTH120 hundreds of files: `pathlib` takes twice as long as all the rest
        if folder not in times:
            os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
        with open(path, "xb", buffering=0) as file:
            file.write(base64.b64decode(decoy["base64"]) if "base64" in decoy else decoy["text"].encode())
            os.fchmod(file.fileno(), int(decoy["mode"], 8))
            os.utime(file.fileno(), (changed, changed))
        while len(folder) >= len(str(home)) and times.get(folder, 0) < changed:
            times[folder] = changed
            folder = os.path.dirname(folder)  # noqa: PTH120
    for folder, changed in times.items():
        os.utime(folder, (changed, changed))


def _unpack(archive: str, folder: Path) -> None:
    """The project directory as the analyzer packed it: files, folders, and links that stay inside, below one top folder."""
    folder.mkdir(parents=True)
    subprocess.run(
        ["tar", "--extract", "--gzip", f"--file={archive}", f"--directory={folder}", "--strip-components=1", "--no-same-owner"],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )  # fmt: skip


def _install(plan: Plan, *words: str) -> None:
    subprocess.run(
        [plan.uv, *words, "--quiet", "--no-config"],
        env={**plan.environment, "UV_PYTHON_DOWNLOADS": "never"},
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )
