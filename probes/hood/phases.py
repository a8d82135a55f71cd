"""The phases of one package: install, startup, import, execute. A failure in one never stops the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from hood import distributions, record
from hood.distributions import Distribution
from hood.execution import Step
from hood.plan import Plan
from hood.step import StepRunner
from hood.tree import write_tree

DRIVER = "/srv/runner/driver.py"
"""Where the import driver is inside the sandbox; it is the only code of ours that runs beside the package."""

_MAX_RESTARTS = 50
_MAX_IN_VAIN = 2
"""How often an interpreter is started that ends before the first module, as a package's `.pth` file can make it."""


class Phases:
    """Runs all phases, one after the other."""

    def __init__(self, plan: Plan, runner: StepRunner, tell: Callable[[str], None]) -> None:
        self._plan = plan
        self._runner = runner
        self._tell = tell
        self._environment = Path(plan.home, "project", ".venv")
        self._roots = [plan.home, "/tmp"]  # noqa: S108 the sandbox's own
        self.reasons: list[str] = []

    def run(self) -> None:
        """Runs the phases and keeps the tree after each."""
        self._keep_tree("before")
        self._phase("install", self._install)
        target = self._note_distributions()
        self._phase("startup", self._startup)
        if target is not None:
            self._phase("import", lambda: self._import(target))
            self._phase("execute", lambda: self._execute(target))

    def _phase(self, name: str, run: Callable[[], None]) -> None:
        self._tell(name)
        run()
        self._keep_tree(name)

    def _keep_tree(self, name: str) -> None:
        folder = self._plan.record / "trees"
        folder.mkdir(exist_ok=True)
        missing = write_tree(self._roots, folder / f"{name}.jsonl", self._plan.limits.tree_entries)
        self.reasons += [f"the tree after {name}: {reason}" for reason in missing]

    def _install(self) -> None:
        argv = [
            # uv has no variable for --no-index; without it, it asks the index for every name that it finds in the folder.
            self._plan.installer, "pip", "install", "--no-config", "--no-index", "--python",
            str(self._environment / "bin/python"), self._plan.target,
        ]  # fmt: skip
        seconds = self._plan.limits.phase_seconds["install"]
        self._runner.run(Step("install", self._plan.name, argv, seconds, running_package_code=not self._plan.compiled))

    def _note_distributions(self) -> Distribution | None:
        """Writes what is installed, and gives the target: the one that was asked for by path, not pulled in."""
        found = [
            distribution
            for site_packages in sorted(self._environment.glob("lib/python3.*/site-packages"))
            for distribution in distributions.installed(site_packages, self._plan.target.partition("[")[0])
        ]
        record.write(self._plan.record / "distributions.json", [one.as_json() for one in found])
        return next((one for one in found if one.requested), None)

    def _startup(self) -> None:
        argv = [str(self._environment / "bin/python"), "-c", "pass"]
        self._runner.run(Step("startup", "python", argv, self._plan.limits.phase_seconds["startup"]))

    def _import(self, target: Distribution) -> None:
        """Imports every module; one that ends, crashes or hangs the interpreter costs only itself."""
        left = list(target.modules)
        argv = [str(self._environment / "bin/python"), DRIVER]
        deadline = time.monotonic() + self._plan.limits.phase_seconds["import"]
        in_vain = 0
        for _ in range(_MAX_RESTARTS):
            seconds = deadline - time.monotonic()
            if not left or seconds <= 0 or in_vain == _MAX_IN_VAIN:
                break
            result = self._runner.run(Step("import", target.name, argv, seconds, modules=left))
            left = left[result.reached :]
            in_vain = 0 if result.reached else in_vain + 1
        if left:
            why = (
                "the interpreter ended before it could" if in_vain else "the phase's time or its restarts were used up"
            )
            self.reasons.append(f"{len(left)} of {len(target.modules)} modules were not imported: {why}")

    def _execute(self, target: Distribution) -> None:
        """Runs each entry point without arguments and with --help."""
        deadline = time.monotonic() + self._plan.limits.phase_seconds["execute"]
        steps = list(self._entry_points(target))
        for number, step in enumerate(steps):
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                self.reasons.append(
                    f"{len(steps) - number} of {len(steps)} runs of entry points were not made: the phase's time was over"
                )
                return
            self._runner.run(replace(step, seconds=min(step.seconds, seconds)))

    def _entry_points(self, target: Distribution) -> Iterator[Step]:
        for script in target.scripts:
            path = self._environment / "bin" / script
            for arguments in ([], ["--help"]):
                subject = " ".join([script, *arguments])
                yield Step("execute", subject, [str(path), *arguments], self._plan.limits.subject_seconds)
