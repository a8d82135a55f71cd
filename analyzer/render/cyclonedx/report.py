"""The report as a CycloneDX 1.6 bill of materials (ECMA-424): what was installed, and what is known and was found of it.

Published vulnerabilities stand as such. What was observed is no weakness that a database has a name for: issues and the verdict are
annotations of this tool's on the component, behaviors are its properties, in the namespace `fumehood`.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from typing import TYPE_CHECKING, Any, Final

from analyzer.render.cyclonedx.parts import annotation_text, component, licenses, properties, reference, vulnerability
from analyzer.render.naming import canonical_name, release_of, timestamp
from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from analyzer.model.report import PackageFile, Report

_SCHEMA: Final = "http://cyclonedx.org/schema/bom-1.6.schema.json"
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://fumehood.example/cyclonedx")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NO_TIME: Final = "1970-01-01T00:00:00Z"
_SCOPES: Final = {"dependency": "required", "build": "excluded"}


def render_cyclonedx(report: Report) -> str:
    """The bill of materials of one analysed package: the package, and what its installation needed."""
    bom = Bom(report.generator, report.created)
    target = bom.add(report)
    return bom.document(bom.take(target))


class Bom:
    """Collects components, each once, with what is told of them."""

    def __init__(self, generator: str, created: str) -> None:
        name, _, version = safe_text(generator, 80).partition(" ")
        self._tool: dict[str, Any] = {"type": "application", "name": name or "fumehood", "version": version or "0"}
        self._created = timestamp(created) or _NO_TIME
        self._components: dict[str, dict[str, Any]] = {}
        self._vulnerabilities: dict[str, dict[str, Any]] = {}
        self._annotations: list[dict[str, Any]] = []
        self._depends: dict[str, list[str]] = {}

    def add(self, report: Report, places: list[tuple[str, int]] | None = None) -> str:
        """Adds a package with what was installed for it; gives its reference. `places` are lines of lists that ask for it."""
        package = report.package
        target = next((one for one in package.files if one.role == "target"), None)
        ref = self._component(report, package.name, package.version, target, properties(report))
        if places:
            occurrences = [{"location": safe_text(file, 500), "line": max(line, 0)} for file, line in places[:100]]
            self._components[ref]["evidence"] = {"occurrences": occurrences}
        needed = {canonical_name(name) for name in report.content.requires} if report.content is not None else set()
        direct = []
        for file in package.files:
            if file.role == "target":
                continue
            name, version = release_of(file.filename)
            other = self._component(report, name, version, file, [])
            if canonical_name(name) in needed and other != ref:
                direct.append(other)
        if report.content is not None:
            known = self._depends.setdefault(ref, [])
            known += [one for one in dict.fromkeys(direct) if one not in known]
        self._tell(report, ref)
        return ref

    def take(self, ref: str) -> dict[str, Any]:
        """Takes a component out, which is then what the whole is about."""
        return self._components.pop(ref)

    def depend(self, ref: str, others: list[str]) -> None:
        """Says what something consists of."""
        self._depends[ref] = list(dict.fromkeys(others))

    def note(self, ref: str, text: str) -> None:
        """Adds a remark of this tool's on a component."""
        annotator = {"component": self._tool}
        remark = {"subjects": [ref], "annotator": annotator, "timestamp": self._created, "text": text}
        if remark not in self._annotations[-50:]:
            self._annotations.append(remark)

    def document(self, about: dict[str, Any]) -> str:
        """The document. Its serial number is made of its content: the same for the same report."""
        content: dict[str, Any] = {
            "$schema": _SCHEMA,
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "timestamp": self._created,
                "tools": {"components": [self._tool]},
                "component": about,
            },
            "components": list(self._components.values()),
            "dependencies": [{"ref": ref, "dependsOn": others} for ref, others in self._depends.items()],
            "vulnerabilities": list(self._vulnerabilities.values()),
            "annotations": self._annotations,
        }
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        serial = f"urn:uuid:{uuid.uuid5(_NAMESPACE, digest)}"
        first = ("$schema", "bomFormat", "specVersion")
        ordered = {key: content[key] for key in first} | {"serialNumber": serial} | content
        return json.dumps(ordered, indent=2) + "\n"

    def _component(
        self, report: Report, name: str, version: str, file: PackageFile | None, told: list[dict[str, str]]
    ) -> str:
        digest = file.sha256 if file is not None and _SHA256.fullmatch(file.sha256) else ""
        ref = reference(name, version)
        known = self._components.get(ref)
        if known is not None and digest and known.get("hashes", [{}])[0].get("content", "") not in {"", digest}:
            ref = f"{ref}#{digest[:12]}"
            known = self._components.get(ref)
        scope = _SCOPES.get(file.role, "") if file is not None else ""
        made = component(ref, name, version, digest, licenses(report, name))
        if told:
            self._components[ref] = (known or {}) | made | {"scope": "required", "properties": told}
        elif known is None:
            self._components[ref] = made | ({"scope": scope} if scope else {})
        elif scope == "required":
            known["scope"] = scope
        return ref

    def _tell(self, report: Report, ref: str) -> None:
        for text in annotation_text(report):
            self.note(ref, text)
        for one in (report.project.vulnerabilities or []) if report.project is not None else []:
            made = vulnerability(one, ref, report.package.version)
            known = self._vulnerabilities.setdefault(made["bom-ref"], made)
            if known is not made and made["affects"][0] not in known["affects"]:
                known["affects"] += made["affects"]
