"""Reads policies. A mistake in one is a single line that names the file, the place in it and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from analyzer.errors import UsageError
from analyzer.policy.known import Known, unknown
from analyzer.policy.licences import spdx_ids
from analyzer.policy.mistakes import mistake, shown
from analyzer.policy.schema import PolicyTable, RuleTable, SuppressionTable
from analyzer.tomlfile import read_toml

_DEFAULT_NAME = "fumehood's default policy"


@dataclass(frozen=True, slots=True)
class Source:
    """A policy as it was written: its table, and what messages call the place where it stands."""

    name: str
    table: Any


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a policy. `origin` says where it stands: "policy.toml, rule 2"."""

    table: RuleTable
    origin: str

    @property
    def words(self) -> str:
        """Its reason in its own words, or what it is about where it gives none, and where it stands."""
        keys = self.table.model_dump(exclude_none=True, exclude={"do", "because"}).items()
        told = "; ".join(f"{key} {_in_words(key, value)}" for key, value in keys)
        return f"{self.table.because or told or 'whatever it is'} ({self.origin})"


def _in_words(key: str, value: str | bool | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"at least {value}" if key == "severity" else str(value).lower()


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in the order in which they are tried, and suppressions. `name` says where they came from."""

    name: str
    rules: tuple[Rule, ...]
    suppressions: tuple[SuppressionTable, ...] = ()
    fail_on: Literal["review", "reject"] = "reject"
    incomplete: Literal["review", "reject"] = "review"


def load_policy(path: Path | None, configured: Source | None, known: Known) -> Policy:
    """The policy of a file, else the configured one, else fumehood's own alone.

    Args:
        path: A file with a table `[policy]`, or a pyproject.toml; None for none.
        configured: What the configuration says, which a file replaces.
        known: The ids that it may name.

    Raises:
        UsageError: The file cannot be read, or something in it is wrong.
    """
    source = source_of(path) if path is not None else configured
    if source is None:
        return default_policy()
    own = _policy(source)
    for place, problem in problems(own, known):
        raise UsageError(f"policy in {source.name}, {place}: {problem}")
    last = default_policy().rules if own.defaults else ()
    return Policy(
        name=f"{source.name}, then {_DEFAULT_NAME}" if own.defaults else source.name,
        rules=(*_rules(own, source.name), *last),
        suppressions=own.suppress,
        fail_on=own.fail_on,
        incomplete=own.incomplete,
    )


def source_of(path: Path) -> Source:
    """What a file says of a policy. Raises UsageError for one that cannot be read, or that says nothing of it."""
    name = f"policy file {path}"
    content: Any = read_toml(path, name)
    if path.name == "pyproject.toml":
        for key in ("tool", "fumehood"):
            content = content.get(key, {}) if isinstance(content, dict) else {}
    if not isinstance(content, dict) or "policy" not in content:
        raise UsageError(f"{name}: there is no table [policy] in it")
    others = [key for key in content if key != "policy"]
    if others and path.name not in {"pyproject.toml", "fumehood.toml"}:
        raise UsageError(f"{name}, key {shown(others[0])}: everything of a policy stands below [policy]")
    if isinstance(content["policy"], str):
        raise UsageError(f"{name}: its policy is another file, {shown(content['policy'])}; name that one")
    return Source(str(path), content["policy"])


@cache
def default_policy() -> Policy:
    """Fumehood's own policy, which comes after a user's unless that says otherwise."""
    own = default_table()
    return Policy(_DEFAULT_NAME, tuple(_rules(own, _DEFAULT_NAME)), fail_on=own.fail_on, incomplete=own.incomplete)


@cache
def default_table() -> PolicyTable:
    """The same as it is written (`data/default.toml`)."""
    with as_file(files("analyzer.policy").joinpath("data", "default.toml")) as path:
        return _policy(Source(_DEFAULT_NAME, read_toml(path, path.name)["policy"]))


def problems(policy: PolicyTable, known: Known) -> Iterator[tuple[str, str]]:
    """Every id and category in a policy that does not exist: place and what is wrong."""
    kinds = {"behavior": known.behaviors, "issue": known.issues, "category": known.categories}
    for number, rule in enumerate(policy.rules, 1):
        for key, ids in kinds.items():
            yield from _unknown(f"rule {number}, key {key!r}", key, getattr(rule, key) or (), ids)
        if rule.licence is not None:
            yield from _unknown(f"rule {number}, key 'licence'", "licence", rule.licence, spdx_ids())
    for number, one in enumerate(policy.suppress, 1):
        for key in ("behavior", "issue"):
            yield from _unknown(
                f"suppression {number}, key {key!r}", key, filter(None, [getattr(one, key)]), kinds[key]
            )


def _unknown(place: str, what: str, patterns: Iterable[str], known: Iterable[str]) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        if what == "licence" and pattern.startswith("LicenseRef-"):
            continue
        if problem := unknown(what, pattern.split(" WITH ")[0], known, ignore_case=what == "licence"):
            yield place, problem


def _rules(policy: PolicyTable, name: str) -> Iterator[Rule]:
    for number, rule in enumerate(policy.rules, 1):
        yield Rule(rule, f"{name}, rule {number}")


def _policy(source: Source) -> PolicyTable:
    try:
        return PolicyTable.model_validate(source.table)
    except ValidationError as error:
        raise UsageError(f"policy in {source.name}{mistake(error)}") from error
