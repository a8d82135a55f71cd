"""What runs by itself when somebody starts to work: a bare interpreter, and a shell whose start-up files were changed.

The startup phase always starts an interpreter of the environment, which runs what lies where each looks for something to run
(`.pth` files, sitecustomize, usercustomize; site.py). What a phase leaves behind in such a place is run at the beginning of the
next one, and what the last leaves at its own end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hood.execution import Step
from hood.session import Session

_SHELL = "/bin/bash"
_OF_BASH = frozenset({".profile", ".bash_profile", ".bash_login", ".bashrc", ".bash_aliases", ".bash_logout"})
"""What a login shell reads (bash(1), FILES), and what Debian's `.bashrc` reads."""
_OF_OTHERS = frozenset({
    ".zshenv", ".zprofile", ".zshrc", ".zlogin", ".zlogout", ".kshrc", ".shrc", ".xprofile", ".xsessionrc", ".xinitrc",
})  # fmt: skip
"""What other shells and sessions read, in a language that bash understands too."""
_HOOKS = ("sitecustomize", "usercustomize")
_MAX_ENTRIES = 20_000

_USER_SITES = ".local/lib"


def note(session: Session) -> None:
    """Remembers what lies in all such places now, so that changes are seen."""
    session.hooks.clear()
    session.hooks.update(_look(session))


def run(session: Session) -> None:
    """Starts what the installation left, and in any case an interpreter that has nothing to do."""
    _start_changed(session, "startup", always=True)


def leftovers(session: Session, phase: str) -> None:
    """Starts what an earlier phase left behind, as steps of this one; nothing where it left nothing."""
    _start_changed(session, phase, always=False)


def _start_changed(session: Session, phase: str, *, always: bool) -> None:
    now = _look(session)
    changed = {path for path, state in now.items() if session.hooks.get(path) != state}
    # Before the steps, whose own changes are the next phase's matter.
    session.hooks.clear()
    session.hooks.update(now)
    for step in _steps(session, phase, changed, always=always):
        session.runner.run(step)


def _steps(session: Session, phase: str, changed: set[str], *, always: bool) -> Iterator[Step]:
    home, seconds = session.plan.home, session.plan.limits.phase_seconds["startup"]
    names = {os.path.relpath(path, home) for path in changed}
    if names & _OF_BASH:
        # Interactive and a login shell; `exit`, as it does not read what runs at a logout when its command just ends.
        yield Step(phase, "bash -lic 'exit 0'", [_SHELL, "-lic", "exit 0"], seconds, kind="shell")
    for name in sorted(names & _OF_OTHERS):
        yield Step(phase, f". ~/{name}", [_SHELL, "-c", '. "$0"', f"{home}/{name}"], seconds, kind="shell")
    if always or any(path.startswith(f"{session.environment}/") for path in changed):
        yield Step(phase, "python", [session.python, "-c", "pass"], seconds, kind="start")
    if any(name.startswith(f"{_USER_SITES}/") for name in names):
        # The environment's interpreter does not look there; the one that it was made with does.
        yield Step(
            phase, "python outside of the environment", [session.plan.python, "-c", "pass"], seconds, kind="start"
        )


def _look(session: Session) -> dict[str, tuple[int, int]]:
    """Everything that is started by itself, by its path. No program can set the time of a change of status."""
    found = {}
    for path in _places(session):
        try:
            status = os.lstat(path)
        except OSError:
            continue
        found[path] = (status.st_ino, status.st_ctime_ns)
    return found


def _places(session: Session) -> Iterator[str]:
    home = Path(session.plan.home)
    yield from (str(home / name) for name in (*_OF_BASH, *_OF_OTHERS))
    yield str(session.environment / "pyvenv.cfg")
    for libraries in (session.environment / "lib", home / _USER_SITES):
        for version in _entries(libraries):
            if version.startswith("python3"):
                folder = libraries / version / "site-packages"
                yield from (
                    str(folder / name) for name in _entries(folder) if name.endswith(".pth") or name.startswith(_HOOKS)
                )


def _entries(folder: Path) -> list[str]:
    """The names in a folder, which may be missing or replaced by something else."""
    try:
        with os.scandir(folder) as scanned:
            return [child.name for child, _ in zip(scanned, range(_MAX_ENTRIES), strict=False)]
    except OSError:
        return []
