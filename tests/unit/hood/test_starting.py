"""What is started of what a phase left behind, with a runner that only notes it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from hood import starting
from hood.execution import Step
from hood.session import Session
from hood.step import StepRunner

from tests.unit.hood.plans import plan

SITE = "lib/python3.11/site-packages"
USER_SITE = f".local/{SITE}"
NEW_INTERPRETER = ("start", "python")
SHELL = ("shell", "bash -lic 'exit 0'")
OUTSIDE = ("start", "python outside of the environment")


class Home:
    """A home with an environment and a session whose steps are noted; `during` is what a step does to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps: list[Step] = []
        self.during: Callable[[], object] = lambda: None
        environment = folder / "project/.venv"
        (environment / SITE).mkdir(parents=True)
        (environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
        self.write(".bashrc", "alias ll='ls -l'\n")
        self.session = Session(plan(folder, home=str(folder)), cast("StepRunner", self), environment)
        starting.note(self.session)

    def run(self, step: Step) -> None:
        self.steps.append(step)
        self.during()

    def write(self, name: str, text: str = "x") -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def started(self, phase: str = "import") -> list[tuple[str, str]]:
        """The kinds and subjects of what an earlier phase's leftovers start in a phase."""
        self.steps.clear()
        starting.leftovers(self.session, phase)
        assert {step.phase for step in self.steps} <= {phase}
        return [(step.kind, step.subject) for step in self.steps]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_nothing_left_starts_nothing(home: Home) -> None:
    (home.folder / ".bashrc").read_text()
    home.write("project/.venv/" + SITE + "/ordinary.py")
    home.write("notes.pth")
    assert home.started() == []


def test_the_startup_phase_starts_an_interpreter_in_any_case(home: Home) -> None:
    starting.run(home.session)
    assert [(step.phase, step.kind, step.argv[1:]) for step in home.steps] == [("startup", "start", ["-c", "pass"])]


@pytest.mark.parametrize(
    ("name", "begun"),
    [
        (".bashrc", [SHELL]),
        (".profile", [SHELL]),
        (".bash_logout", [SHELL]),
        (".zshrc", [("shell", ". ~/.zshrc")]),
        (f"project/.venv/{SITE}/later.pth", [NEW_INTERPRETER]),
        (f"project/.venv/{SITE}/sitecustomize.py", [NEW_INTERPRETER]),
        (f"project/.venv/{SITE}/usercustomize/__init__.py", [NEW_INTERPRETER]),
        ("project/.venv/pyvenv.cfg", [NEW_INTERPRETER]),
        (f"{USER_SITE}/usercustomize.py", [OUTSIDE]),
        (f"{USER_SITE}/x.pth", [OUTSIDE]),
    ],
)
def test_what_is_left_is_started_once(name: str, begun: list[tuple[str, str]], home: Home) -> None:
    home.write(name)
    assert home.started() == begun
    assert home.started("execute") == []


def test_a_change_is_seen_whatever_its_times_and_size_say(home: Home) -> None:
    path = home.folder / ".bashrc"
    before = path.stat()
    path.write_text("alias ll='rm -r'\n"[: before.st_size])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert home.started() == [SHELL]


def test_what_a_started_program_leaves_is_the_next_phases_matter(home: Home) -> None:
    home.write(".bashrc", "touch ~/.profile\n")
    home.during = lambda: home.write(".profile")
    assert home.started() == [SHELL]
    home.during = lambda: None
    assert home.started("execute") == [SHELL]


def test_everything_is_started_in_a_fixed_order(home: Home) -> None:
    for name in (".zshrc", ".bashrc", ".xprofile", f"{USER_SITE}/a.pth", f"project/.venv/{SITE}/a.pth"):
        home.write(name)
    zsh, session = ("shell", ". ~/.zshrc"), ("shell", ". ~/.xprofile")
    assert home.started() == [SHELL, session, zsh, NEW_INTERPRETER, OUTSIDE]


@pytest.mark.parametrize("place", [".local/lib", "project/.venv/lib", f"project/.venv/{SITE}"])
def test_a_place_that_was_replaced_by_something_else_is_empty(place: str, home: Home) -> None:
    if (home.folder / place).exists():
        shutil.rmtree(home.folder / place)
    home.write(place)
    assert home.started() == []


def test_bash_reads_all_of_its_files_even_at_its_end(home: Home) -> None:
    for name in (".bash_profile", ".bash_logout"):
        home.write(name, f"echo {name}; false\n")
    home.started()
    (step,) = home.steps
    done = subprocess.run(step.argv, env={"HOME": str(home.folder), "PATH": "/usr/bin:/bin"}, capture_output=True, start_new_session=True, stdin=subprocess.DEVNULL)  # fmt: skip
    assert done.stdout.split() == [b".bash_profile", b".bash_logout"]
    assert done.returncode == 0
