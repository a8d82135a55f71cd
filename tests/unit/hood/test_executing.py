"""The execute phase's commands and their order, with a runner that only notes them, and an honest or hostile driver's messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from hood import calling, executing
from hood.distributions import Distribution
from hood.execution import Step
from hood.session import Session
from hood.step import StepRunner

from tests.unit.hood.plans import limits, plan

SITE = "lib/python3.11/site-packages"


@dataclass
class Notes:
    """Takes steps, and answers for the driver with what `says` gives for its orders."""

    says: Callable[[dict[str, Any]], list[dict[str, Any]]] = lambda orders: [{"done": True}]
    steps: list[Step] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)

    def run(self, step: Step) -> None:
        self.steps.append(step)
        if step.driving is not None:
            self.orders.append(step.driving.orders)
            step.driving.messages.feed(
                b"".join(json.dumps(message).encode() + b"\n" for message in self.says(step.driving.orders))
            )


def session(folder: Path, notes: Notes, imported: dict[str, int] | None = None, **changes: Any) -> Session:
    environment = folder / ".venv"
    (environment / SITE).mkdir(parents=True, exist_ok=True)
    found = Session(plan(folder, **changes), cast("StepRunner", notes), environment)
    found.imported.update(imported or {})
    return found


def thing(folder: Path, *files: str, modules: tuple[str, ...] = (), scripts: tuple[str, ...] = ()) -> Distribution:
    return Distribution(
        name="thing",
        version="1",
        requested=True,
        files=[f"{folder}/.venv/{file}" for file in files],
        modules=list(modules),
        scripts=list(scripts),
        license="",
        urls=[],
    )


def test_scripts_then_programs_then_the_users_driver_then_calls(tmp_path: Path) -> None:
    notes = Notes()
    target = thing(
        tmp_path,
        "bin/thing", "bin/brought", f"{SITE}/thing/__init__.py", f"{SITE}/thing/__main__.py", f"{SITE}/thing/part/__main__.py",
        f"{SITE}/single.py", f"{SITE}/library/__init__.py",
        modules=("library", "single", "thing", "thing.part"), scripts=("thing",),
    )  # fmt: skip
    executing.run(session(tmp_path, notes, {"thing": 2}, driver="/srv/scripts/mine.py"), target)
    assert [(step.kind, step.subject) for step in notes.steps] == [
        ("script", "thing"), ("script", "thing --help"), ("script", "brought"), ("script", "brought --help"),
        ("module", "python -m single"), ("module", "python -m single --help"),
        ("module", "python -m thing"), ("module", "python -m thing --help"),
        ("driver", "mine.py"), ("callables", "calls of thing"),
    ]  # fmt: skip
    python = str(tmp_path / ".venv/bin/python")
    assert notes.steps[5].argv == [python, "-m", "single", "--help"]
    assert notes.steps[8].argv == [python, "/srv/scripts/mine.py"]


@pytest.mark.parametrize(("callables", "imported"), [(False, {"thing": 2}), (True, {"thing": 0}), (True, {})])
def test_without_anything_to_call(callables: bool, imported: dict[str, int], tmp_path: Path) -> None:
    notes = Notes()
    executing.run(session(tmp_path, notes, imported, callables=callables), thing(tmp_path, modules=("thing",)))
    assert notes.steps == []


def test_when_time_is_over_what_is_left_is_told(tmp_path: Path) -> None:
    notes = Notes()
    over = session(
        tmp_path,
        notes,
        {"thing": 2},
        driver="/srv/scripts/mine.py",
        limits=limits(phase_seconds={"execute": 0.0, "import": 60.0}),
    )
    executing.run(over, thing(tmp_path, modules=("thing",), scripts=("one", "two")))
    assert notes.steps == []
    assert over.reasons == [
        "4 of 4 runs of entry points were not made: the phase's time was over",
        "the user's driver was not run: the phase's time was over",
        "2 of 2 callables were not called: the phase's time was over",
    ]


def begin(subject: str) -> dict[str, str]:
    return {"begin": subject}


def end(subject: str, error: str = "") -> dict[str, str]:
    return {"end": subject, "error": error}


def called(folder: Path, notes: Notes, **imported: int) -> list[str]:
    one = session(folder, notes, imported)
    calling.run(one, thing(folder, modules=tuple(imported)), deadline=1e12)
    return one.reasons


def test_a_call_that_ends_the_interpreter_is_followed_by_the_others(tmp_path: Path) -> None:
    def says(orders: dict[str, Any]) -> list[dict[str, Any]]:
        if orders["passed"]:
            return [begin("a"), end("a"), begin("a:g"), end("a:g"), begin("b"), end("b"), {"done": True}]
        return [begin("a"), end("a"), begin("a:f")]

    notes = Notes(says)
    assert called(tmp_path, notes, a=2, b=1) == []  # one of b's is not there any more, which nobody can help
    assert [(one["call"], one["passed"], one["lost"], one["found"]) for one in notes.orders] == [
        (["a", "b"], [], [], 3),
        (["a", "b"], ["a:f"], ["a:f"], 3),
    ]


def test_an_interpreter_that_always_ends_is_given_up(tmp_path: Path) -> None:
    notes = Notes(lambda orders: [])
    assert called(tmp_path, notes, a=2) == ["2 of 2 callables were not called: the interpreter ended too often"]
    assert len(notes.steps) == 2


def test_modules_that_cannot_be_imported_again_are_told(tmp_path: Path) -> None:
    notes = Notes(
        lambda orders: [
            begin("a"),
            end("a", "ValueError: "),
            begin("b"),
            end("b"),
            begin("b:f"),
            end("b:f"),
            {"done": True},
        ]
    )
    assert called(tmp_path, notes, a=2, b=1) == [
        "2 of 3 callables were not called: their modules could not be imported again"
    ]


def test_the_packages_own_tests_come_last(tmp_path: Path) -> None:
    notes = Notes()
    called(tmp_path, notes, **{"thing": 1, "thing.tests.all": 1, "thing.zoo": 1, "thing.none": 0})
    assert notes.orders[0]["call"] == ["thing", "thing.zoo", "thing.tests.all"]


def test_an_editable_projects_modules_are_programs_too(tmp_path: Path) -> None:
    notes = Notes()
    project = f"{tmp_path}/src/thing"
    target = thing(tmp_path, modules=("single", "thing", "thing.part", "other"))
    target.files.extend(
        f"{project}/{file}"
        for file in ("lib/single.py", "lib/thing/__main__.py", "lib/thing/part.py", "lib/other/__init__.py")
    )
    executing.run(session(tmp_path, notes, project=project), target)
    assert [step.argv[1:] for step in notes.steps] == [
        ["-m", name, *arguments] for name in ("single", "thing") for arguments in ([], ["--help"])
    ]
