"""Which policy holds: the command line's, else the configuration's, else fumehood's own alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer import issues
from analyzer.cli.configuration import configuration
from analyzer.policy import Known, Policy, Source, load_policy
from analyzer.policy.loader import source_of
from analyzer.rules.loader import Ruleset

PolicyOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Your own policy, a TOML file; replaces the one of the configuration."),
]
"""`--policy`, the same for every command that has it."""


def policy_of(given: Path | None, rules: Ruleset, folder: Path | None = None) -> Policy:
    """The policy that holds, with the ids of these rules.

    Args:
        given: What the command line says.
        rules: The rules of the run, the user's own too: a policy may name their behaviors.
        folder: Where the configuration is looked for; the current folder where it is None.

    Raises:
        UsageError: The policy, or the configuration, cannot be read, or something in it is wrong.
    """
    known = Known.of((one.id for one in rules.taxonomy), (one.id for one in issues.load()))
    return load_policy(given, _configured(folder or Path.cwd()) if given is None else None, known)


def _configured(folder: Path) -> Source | None:
    found = configuration(folder)
    if found is None or found[1].policy is None:
        return None
    path, policy = found[0], found[1].policy
    if isinstance(policy, str):
        return source_of(folder / policy)
    return Source(path.name, policy)
