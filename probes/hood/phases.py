"""The phases of one package: install, startup, import, execute. A failure in one never stops the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from hood import bundles, distributions, executing, exploring, importing, installing, record, repeating, starting, trust
from hood.digests import Digests
from hood.distributions import Distribution
from hood.identity import as_package_user
from hood.link import Link
from hood.plan import Plan
from hood.session import Session
from hood.step import StepRunner
from hood.tree import write_tree


class Phases:
    """Runs all phases, one after the other."""

    def __init__(self, plan: Plan, runner: StepRunner, tell: Callable[[str], None], link: Link | None = None) -> None:
        self._session = Session(plan, runner, Path(plan.home, "project", ".venv"))
        self._plan = plan
        self._tell = tell
        self._link = link
        self._digests = Digests()
        self._roots = [plan.home, "/tmp"]  # noqa: S108 the sandbox's own

    @property
    def reasons(self) -> list[str]:
        """Why something is missing."""
        return self._session.reasons

    def run(self) -> None:
        """Runs the phases and keeps the tree after each."""
        session = self._session
        self._trust()  # what an unpacked project brings
        self._keep_tree("before")
        starting.note(session)
        self._phase("install", lambda: installing.run(session), self._trust)
        target = self._note_distributions()
        if self._link is not None:
            self._explore(self._link, is_installed=target is not None)
            return
        startup, imports, execute = (
            partial(starting.leftovers, session, name) for name in ("startup", "import", "execute")
        )
        self._phase("startup", lambda: starting.run(session))
        if target is None:
            self._phase("startup", startup)
            return
        self._phase("import", imports, lambda: importing.run(session, target))
        later = partial(repeating.run, session, target)
        self._phase("execute", execute, lambda: executing.run(session, target), later, execute)

    def _explore(self, link: Link, *, is_installed: bool) -> None:
        """Leaves the package to the user, who may also want to know why it could not be installed."""
        if not is_installed:
            self._tell("not installed")
        self._tell("session")
        exploring.run(self._session, link)
        self._keep_tree("execute")

    def _phase(self, name: str, *parts: Callable[[], None]) -> None:
        self._tell(name)
        for part in parts:
            part()
        self._keep_tree(name)

    def _trust(self) -> None:
        """Has the certificates of installed libraries extended. Before the tree is kept, since no package did it."""
        trusted = trust.authority(self._plan.record / "internet")
        if trusted is None:
            return
        project = [Path(self._plan.project)] if self._plan.project else []
        roots = [self._session.environment, *project]
        if not as_package_user(self._plan, lambda: bundles.extend(roots, trusted.certificate)):
            self.reasons.append(
                "libraries with certificates of their own were not made to trust the simulated internet"
            )

    def _keep_tree(self, name: str) -> None:
        folder = self._plan.record / "trees"
        folder.mkdir(exist_ok=True)
        limit = self._plan.limits.tree_entries
        missing = write_tree(self._roots, folder / f"{name}.jsonl", limit, self._digests)
        self.reasons.extend(f"the tree after {name}: {reason}" for reason in missing)

    def _note_distributions(self) -> Distribution | None:
        """Writes what is installed, and gives the target: the one that was asked for by path, not pulled in."""
        target = self._plan.project or self._plan.target.partition("[")[0]
        found = [
            distribution
            for site_packages in sorted(self._session.environment.glob("lib/python3.*/site-packages"))
            for distribution in distributions.installed(site_packages, target, self._plan.project)
        ]
        record.write(self._plan.record / "distributions.json", [one.as_json() for one in found])
        return next((one for one in found if one.requested), None)
