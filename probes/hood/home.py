"""The home that the package finds: an ordinary user's folders, decoys, and the environment that it is installed into."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from hood import installing, scratch
from hood.plan import Plan

_PROFILE = (
    '# ~/.profile: executed by the command interpreter for login shells.\n[ -f "$HOME/.bashrc" ] && . "$HOME/.bashrc"\n'
)
_BASHRC = (
    "# ~/.bashrc: executed by bash(1) for non-login shells.\nexport PATH=\"$HOME/.local/bin:$PATH\"\nalias ll='ls -l'\n"
    "[ -f ~/.bash_aliases ] && . ~/.bash_aliases\n"
)


def furnish(plan: Plan) -> None:
    """Fills the empty home and makes the environment, as the package's user. Raises CalledProcessError or OSError."""
    child = os.fork()
    if child == 0:
        # A child does it as the package's user, so that everything belongs to the user and no privilege touches the home later.
        status = 1
        try:
            if os.getuid() == 0 and plan.launcher != "bubblewrap":
                os.setgroups([])
                os.setresgid(plan.uid, plan.uid, plan.uid)
                os.setresuid(plan.uid, plan.uid, plan.uid)
            _furnish(plan)
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    if ended != 0:
        raise OSError(f"the sandbox's home {plan.home} could not be prepared (see the messages above)")


def _furnish(plan: Plan) -> None:
    home = Path(plan.home)
    for folder in ("project", ".config", ".cache", ".local/bin", ".local/share"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / ".profile").write_text(_PROFILE)
    (home / ".bashrc").write_text(_BASHRC)
    for decoy in plan.decoys:
        path = home / decoy["path"]
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(decoy["text"])
        path.chmod(int(decoy["mode"], 8))
    scratch.furnish(plan.home)
    if plan.project:
        _unpack(plan.target, Path(plan.project))
    if plan.installer == "pip":
        (home / installing.BUILDS).mkdir(parents=True)
    environment = f"{home}/project/.venv"
    _install(plan, "venv", "--python", plan.python, environment)
    # The installer asks each new interpreter about itself once, and remembers the answer: here, before anything is traced.
    _install(plan, "pip", "list", "--python", f"{environment}/bin/python")


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
