"""Dependency resolution with resolvelib: which version of every project, and which file of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from resolvelib import AbstractProvider, BaseReporter, ResolutionImpossible, ResolutionTooDeep, Resolver

from analyzer.acquire.explain import conflict, nothing_suits
from analyzer.acquire.limits import MAX_ROUNDS
from analyzer.acquire.metadata import applicable, requirements
from analyzer.acquire.text import shown
from analyzer.errors import AcquireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from packaging.requirements import Requirement
    from resolvelib.resolvers import RequirementInformation

    from analyzer.acquire.catalog import Catalog
    from analyzer.acquire.index import Candidate


@dataclass(frozen=True, slots=True)
class Need:
    """A project that somebody needs, by its normalised name; `by` names who for messages ("" for the user)."""

    name: str
    extras: frozenset[str]
    specifier: SpecifierSet
    by: str = ""


@dataclass(frozen=True, slots=True)
class Pin:
    """A candidate with the extras that were asked of it."""

    extras: frozenset[str]
    candidate: Candidate


def need(requirement: Requirement, by: str = "") -> Need:
    """A requirement as a node of the resolution."""
    extras = frozenset(canonicalize_name(extra) for extra in requirement.extras)
    return Need(canonicalize_name(requirement.name), extras, requirement.specifier, by)


def resolve(catalog: Catalog, needs: Sequence[Need], own: Candidate | None = None) -> list[Candidate]:
    """Choose one file for every project that is needed, sorted by project name.

    Args:
        catalog: Where candidates and their metadata come from.
        needs: What is needed.
        own: A file that the user gave: the only candidate of its project.

    Raises:
        AcquireError: There is no choice that fits, or none was found within the limits.
    """
    provider = _Provider(catalog, own)
    names = ", ".join(shown(each.name) for each in needs)
    try:
        result = Resolver(provider, BaseReporter()).resolve(needs, max_rounds=MAX_ROUNDS)
    except ResolutionImpossible as error:
        raise _impossible(catalog, list(error.causes)) from error
    except ResolutionTooDeep as error:
        raise AcquireError(
            f"no set of versions for {names} was found in {MAX_ROUNDS} rounds: pin its version"
        ) from error
    chosen = {pin.candidate.project: pin.candidate for pin in result.mapping.values()}
    return [chosen[name] for name in sorted(chosen)]


class _Provider(AbstractProvider[Need, Pin, str]):
    """Tells resolvelib about packages. A project with extras is a node of its own that needs the one without."""

    def __init__(self, catalog: Catalog, own: Candidate | None) -> None:
        self._catalog = catalog
        self._own = own

    def identify(self, requirement_or_candidate: Need | Pin) -> str:
        """The project's name, with the extras that are asked for."""
        node = requirement_or_candidate
        name = node.name if isinstance(node, Need) else node.candidate.project
        return f"{name}[{','.join(sorted(node.extras))}]" if node.extras else name

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Pin],  # noqa: ARG002 # resolvelib passes it by name
        candidates: Mapping[str, Iterator[Pin]],  # noqa: ARG002 # the same
        information: Mapping[str, Iterator[RequirementInformation[Need, Pin]]],
        backtrack_causes: Sequence[RequirementInformation[Need, Pin]],
    ) -> Any:
        """What caused a conflict first, then what is pinned, then what is bounded, then by name."""
        operators = {s.operator for info in information[identifier] for s in info.requirement.specifier}
        is_cause = any(identifier == self.identify(cause.requirement) for cause in backtrack_causes)
        return (not is_cause, not operators & {"==", "==="}, not operators, identifier)

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Need]],
        incompatibilities: Mapping[str, Iterator[Pin]],
    ) -> Callable[[], Iterator[Pin]]:
        """The candidates that every need of the project admits, whatever extras it asks for; made lazily."""
        needs = list(requirements[identifier])
        name, extras = needs[0].name, needs[0].extras
        excluded = {pin.candidate for pin in incompatibilities[identifier]}
        specifiers = SpecifierSet()
        for key in requirements:
            if key.partition("[")[0] == name:
                for each in requirements[key]:
                    specifiers &= each.specifier

        def matches() -> Iterator[Pin]:
            return (Pin(extras, c) for c in self._candidates(name, specifiers) if c not in excluded)

        return matches

    def is_satisfied_by(self, requirement: Need, candidate: Pin) -> bool:
        """Whether the version is admitted; pre-releases were decided upon when candidates were found."""
        return requirement.specifier.contains(Version(candidate.candidate.version), prereleases=True)

    def get_dependencies(self, candidate: Pin) -> Iterable[Need]:
        """The needs of the file whose markers are true in the sandbox."""
        file = candidate.candidate
        label = f"{file.project} {file.version}"
        lines = requirements(self._catalog.metadata(file).requires, label)
        chosen = applicable(lines, self._catalog.environment, label, sorted(candidate.extras))
        needs = [need(requirement, label) for requirement in chosen]
        if candidate.extras:
            needs.append(Need(file.project, frozenset(), SpecifierSet(f"==={file.version}"), label))
        return needs

    def _candidates(self, name: str, specifiers: SpecifierSet) -> Iterator[Candidate]:
        if self._own is None or name != self._own.project:
            yield from self._catalog.suitable(name, specifiers)
        elif specifiers.contains(Version(self._own.version), prereleases=True):
            yield self._own


def _impossible(catalog: Catalog, causes: Sequence[RequirementInformation[Need, Pin]]) -> AcquireError:
    """The error for needs that cannot be met: why nothing suits where that alone is the reason, else who disagrees."""
    by_name: dict[str, SpecifierSet] = {}
    for cause in causes:
        wanted = cause.requirement
        by_name[wanted.name] = by_name.get(wanted.name, SpecifierSet()) & wanted.specifier
        if next(catalog.suitable(wanted.name, wanted.specifier), None) is None:
            return nothing_suits(catalog, wanted.name, wanted.specifier, wanted.by)
    return conflict([(cause.requirement.name, cause.requirement.specifier, cause.requirement.by) for cause in causes])
