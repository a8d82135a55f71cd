"""Reads rule packs, this version's and the user's own. A broken rule is one clear error that names file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from analyzer.datafile import DataFile, yaml_files
from analyzer.errors import UsageError
from analyzer.rules import lists as reference
from analyzer.rules.engine import Engine
from analyzer.rules.examples import failures
from analyzer.rules.lists import Lists, ReferenceList
from analyzer.rules.schema import Pack, Rule
from analyzer.taxonomy import Behavior, Taxonomy, load

PACKS = files("analyzer.rules").joinpath("packs")

_MAX_FILES = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule stands."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Rules with all that they refer to. `origins` says where each stands, in the same order."""

    taxonomy: Taxonomy
    lists: Lists
    rules: tuple[Rule, ...]
    origins: tuple[Origin, ...]

    def engine(self) -> Engine:
        """An engine for one run."""
        return Engine(self.rules, self.lists)


@cache
def builtin() -> Ruleset:
    """The rules of this version. Raises UsageError, naming file and line, when a file is broken."""
    return _with(Ruleset(load(), reference.load(), (), ()), {path.name: path for path in _files(PACKS)}, shipped=True)


def ruleset(folders: Iterable[Path] = ()) -> Ruleset:
    """The rules of this version with those of the user's folders.

    Raises:
        UsageError: A folder cannot be read or has no rule file, or a file in it is broken: the message names file and
            line. The rules' examples are tried too.
    """
    found = builtin()
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"--rules {folder}: not a folder; name one that holds rule files (*.yaml)")
        paths = _files(folder)
        if not paths:
            raise UsageError(f"--rules {folder}: there is no rule file (*.yaml) in it")
        known = len(found.rules)
        found = _with(found, {str(path): path for path in paths}, shipped=False)
        for rule, origin in zip(found.rules[known:], found.origins[known:], strict=True):
            for problem in failures(rule, found.lists):
                raise UsageError(f"rule file {origin.file}, line {origin.line}: {problem}")
    return found


def _files(folder: Traversable | Path) -> list[Traversable | Path]:
    paths = yaml_files(folder)
    if len(paths) > _MAX_FILES:
        raise UsageError(f"{folder} has {len(paths)} rule files; at most {_MAX_FILES} are read")
    return paths


def _with(base: Ruleset, paths: Mapping[str, Traversable | Path], *, shipped: bool) -> Ruleset:
    """A ruleset with the packs of some files added, each by the name that messages call it."""
    rules, origins = list(base.rules), list(base.origins)
    taxonomy, lists = base.taxonomy, dict(base.lists)
    for name, path in paths.items():
        file = DataFile(path, "rule file", name, shipped=shipped)
        # Lists first, since the conditions of the same file may name them.
        if isinstance(file.content, dict) and file.content.get("lists"):
            own = file.read(_ListsOnly)
            reference.add(lists, own.lists, file.name)
        pack = file.read(Pack, context={"lists": lists})
        taxonomy = _more(taxonomy, pack.behaviors, file)
        for number, rule in enumerate(pack.rules):
            if rule.behavior not in taxonomy:
                raise file.error(("rules", number, "behavior"), f"the taxonomy has no behavior {rule.behavior!r}")
            rules.append(rule)
            origins.append(Origin(name, file.line(("rules", number))))
    return Ruleset(taxonomy, lists, tuple(rules), tuple(origins))


def _more(taxonomy: Taxonomy, behaviors: tuple[Behavior, ...], file: DataFile) -> Taxonomy:
    for number, behavior in enumerate(behaviors):
        if behavior.id in taxonomy:
            raise file.error(("behaviors", number, "id"), f"the taxonomy has {behavior.id!r} already")
    return taxonomy.with_more(behaviors) if behaviors else taxonomy


class _ListsOnly(BaseModel):
    """The lists of a pack, whatever else it holds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    lists: tuple[ReferenceList, ...]
