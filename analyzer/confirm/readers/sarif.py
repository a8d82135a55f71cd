"""SARIF 2.1.0, as Semgrep, Bandit, CodeQL and others write it: a finding a result, in the order of the log.

The place is a result's first location; a result without one is where its way through the code ends. GuardDog writes the places of its
findings into the message and the requirement's line into the location, and is read by the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from analyzer.confirm.readers.sarif_parts import (
    ArtifactLocation,
    Location,
    Log,
    Logical,
    Multiformat,
    Result,
    Rule,
    Run,
)
from analyzer.confirm.readers.text import MAX_MESSAGE, FormatError, cwes, message, name, place, split_function, tags
from analyzer.model.confirmation import Finding
from analyzer.paths import from_uri

VERSION: Final = "2.1.0"

_BASES: Final = 10
_NO_FINDING: Final = frozenset({"pass", "notApplicable", "informational"})
_FUNCTIONS: Final = frozenset({"function", "member", "method", "constructor", ""})
_ARGUMENT: Final = re.compile(r"\{([0-9]{1,3})\}")
_GUARDDOG_HEAD: Final = re.compile(r"^On package: (\S{1,300}) version: \S*$")
_GUARDDOG_LINE: Final = re.compile(r"^(.*) in file (\S.*)$")


def is_format(content: Any) -> bool:
    """Whether a JSON document is a SARIF log of any version."""
    return isinstance(content, dict) and "runs" in content and "version" in content


def read(content: Any) -> tuple[list[Finding], list[str]]:
    """The findings, and what was passed over.

    Raises:
        FormatError: It is of another version.
        ValidationError: It is not of the format.
    """
    version = content.get("version")
    if version != VERSION:
        raise FormatError(
            f"it is SARIF {name(str(version))}, and {VERSION} is read; have the scanner write that version"
        )
    log = Log.model_validate(content)
    findings: list[Finding] = []
    passed = outside = 0
    for number, run in enumerate(log.runs):
        reader = _Run(run, f"/runs/{number}/results")
        outside += bool(run.outside)
        for index, result in enumerate(run.results):
            if result.kind in _NO_FINDING or result.baseline == "absent":
                passed += 1
            else:
                findings += reader.findings(result, index)
    notes = [f"{passed} results say that nothing was found there, and are passed over"] if passed else []
    notes += ["parts of it are in other files, which are not read"] if outside else []
    return findings, notes


class _Run:
    """One run, and what its results refer to."""

    def __init__(self, run: Run, pointer: str) -> None:
        self.run = run
        self.pointer = pointer
        self.components = [run.tool.driver, *run.tool.extensions]
        self.rules = {rule.id: rule for component in reversed(self.components) for rule in component.rules if rule.id}

    def findings(self, result: Result, index: int) -> Iterator[Finding]:
        """What a result says: one finding, or several where GuardDog wrote it."""
        rule = self._rule(result)
        identifier = result.rule_id or (result.rule.id if result.rule is not None else "") or rule.id
        labels = [*_labels(rule), *(result.properties.tags if result.properties is not None else [])]
        cwe = [*labels, *_cwe(rule), *_cwe(result), *(one.id for one in result.taxa), rule.id, identifier]
        base = {
            "tool": name(self.run.tool.driver.name) or "SARIF",
            "rule": name(identifier),
            "message": message(_message(result.message, rule)),
            "severity": name(result.level or (rule.configuration.level if rule.configuration is not None else ""))
            or "warning",
            "tags": tags(labels),
            "cwes": cwes(cwe),
            "pointer": f"{self.pointer}/{index}",
        }
        if self.run.tool.driver.name.lower().startswith("guarddog"):
            yield from _guarddog(base, result.message.text)
            return
        yield Finding(**base, **self._place(result))

    def _rule(self, result: Result) -> Rule:
        """The rule of a result, by its reference, its index, its id, or the begin of its id (3.27.5); an empty one for none."""
        reference = result.rule
        component = self.run.tool.driver
        at = reference.component.index if reference is not None and reference.component is not None else -1
        if 0 <= at < len(self.run.tool.extensions):
            component = self.run.tool.extensions[at]
        index = reference.index if reference is not None and reference.index >= 0 else result.rule_index
        identifier = result.rule_id or (reference.id if reference is not None else "")
        if 0 <= index < len(component.rules):
            return component.rules[index]
        return self.rules.get(identifier) or self.rules.get(identifier.rpartition("/")[0]) or Rule()

    def _place(self, result: Result) -> dict[str, Any]:
        """File, lines, module and function."""
        ends = [
            flow.threads[-1].locations[-1].location
            for flow in result.flows
            if flow.threads and flow.threads[-1].locations
        ]
        location = next((one for one in [*result.locations, *ends] if one is not None and self._file(one)), None)
        location = location or next(iter(result.locations), None) or Location()
        file = self._file(location)
        region = location.physical.region if location.physical is not None else None
        line, end = (region.start, max(region.end, region.start)) if region is not None and file else (0, 0)
        module, function = self._names(location, file)
        return {"file": file, "line": line, "end_line": end if line else 0, "module": module, "function": function}

    def _file(self, location: Location) -> str:
        artifact = location.physical.artifact if location.physical is not None else None
        if artifact is None:
            return ""
        if not artifact.uri and 0 <= artifact.index < len(self.run.artifacts):
            artifact = self.run.artifacts[artifact.index].location or artifact
        return name(self._joined(artifact))

    def _joined(self, artifact: ArtifactLocation) -> str:
        """The path of a file, after those of its bases (3.4.4, 3.14.14) as far as the log tells them."""
        path, base = from_uri(artifact.uri), artifact.base
        for _ in range(_BASES):
            folder = self.run.bases.get(base) if base and not path.startswith("/") else None
            if folder is None:
                break
            path, base = from_uri(folder.uri).rstrip("/") + "/" + path if folder.uri else path, folder.base
        return path

    def _names(self, location: Location, file: str) -> tuple[str, str]:
        """Module and function of the logical locations; the innermost comes first (3.28.4)."""
        module = ""
        for one in location.logical:
            found = self.run.logical[one.index] if 0 <= one.index < len(self.run.logical) and not one.full else one
            if found.kind in _FUNCTIONS and _named(found):
                return split_function(_named(found), file)
            if found.kind == "module" and not module:
                module = name(_named(found))
        return module, ""


def _named(one: Logical) -> str:
    return one.full or one.name


def _labels(rule: Rule) -> list[str]:
    """What a rule is filed under: its tags, its name, and the entries of taxonomies that it is related to."""
    properties = rule.properties.tags if rule.properties is not None else []
    related = [
        f"{one.target.component.name if one.target.component is not None else ''} {one.target.id}".strip()
        for one in rule.relationships
    ]
    return [*properties, *([rule.name] if rule.name and rule.name != rule.id else []), *related]


def _cwe(one: Rule | Result) -> list[str]:
    found = one.properties.cwe if one.properties is not None else []
    return [found] if isinstance(found, str) else found


def _message(said: Multiformat, rule: Rule) -> str:
    """A result's message: its text, or the rule's by its id with the arguments put in (3.11.5)."""
    text = said.text or said.markdown
    if not text and said.id in rule.strings:
        text = rule.strings[said.id].text
    text = text[:MAX_MESSAGE]
    if said.arguments:
        arguments = [one[:MAX_MESSAGE] for one in said.arguments]
        text = _ARGUMENT.sub(lambda at: arguments[int(at[1])] if int(at[1]) < len(arguments) else at[0], text)
    return text or (rule.short.text if rule.short is not None else "")


def _guarddog(base: dict[str, Any], text: str) -> Iterator[Finding]:
    """The findings that one result of GuardDog's tells: a line for each place, else one of the package as a whole."""
    head, _, rest = text.partition("\n")
    about = _GUARDDOG_HEAD.match(head)
    package = name(about[1]) if about is not None else ""
    found = [match for one in rest.split("\n") if (match := _GUARDDOG_LINE.match(one[:MAX_MESSAGE])) is not None]
    for match in found:
        file, line = place(match[2])
        said = base | {"message": message(match[1]), "package": package}
        yield Finding(**said, file=file, line=line, end_line=line)
    if not found:
        yield Finding(**base, package=package)
