"""SARIF 2.1.0 (OASIS) as far as findings are read from it. Keys have the names of the standard; numbers are of its sections."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from analyzer.confirm.readers.text import Line, Nullable, Part, Words


class Properties(Part):
    """A property bag, 3.8; `tags` as 3.8.2 has them, `cwe` and `security-severity` as tools write them beside."""

    tags: Annotated[list[Words], Nullable] = Field(default_factory=list)
    cwe: Annotated[list[Words] | Words, Nullable] = Field(default_factory=list)


class Multiformat(Part):
    """A message for several formats, 3.12, or a message, 3.11."""

    text: Words = ""
    markdown: Words = ""
    id: Words = ""
    arguments: Annotated[list[Words], Nullable] = Field(default_factory=list)


class ComponentReference(Part):
    """A reference to a tool component, 3.54."""

    name: Words = ""
    index: int = -1


class Reference(Part):
    """A reference to a rule or to an entry of a taxonomy, 3.52."""

    id: Words = ""
    index: int = -1
    component: ComponentReference | None = Field(None, alias="toolComponent")


class Relationship(Part):
    """What a rule has to do with an entry of a taxonomy, 3.53."""

    target: Reference


class Configuration(Part):
    """A rule's configuration, 3.50."""

    level: Words = ""


class Rule(Part):
    """A reporting descriptor, 3.49."""

    id: Words = ""
    name: Words = ""
    short: Multiformat | None = Field(None, alias="shortDescription")
    strings: Annotated[dict[str, Multiformat], BeforeValidator(lambda value: value or {})] = Field(
        default={}, alias="messageStrings"
    )
    configuration: Configuration | None = Field(None, alias="defaultConfiguration")
    relationships: Annotated[list[Relationship], Nullable] = Field(default_factory=list)
    properties: Properties | None = None


class Component(Part):
    """A tool component, 3.19: the scanner itself, or a plug-in."""

    name: Words = ""
    rules: Annotated[list[Rule], Nullable] = Field(default_factory=list)


class Tool(Part):
    """A tool, 3.18."""

    driver: Component
    extensions: Annotated[list[Component], Nullable] = Field(default_factory=list)


class ArtifactLocation(Part):
    """Where a file is, 3.4."""

    uri: Words = ""
    base: Words = Field("", alias="uriBaseId")
    index: int = -1


class Region(Part):
    """Lines of a file, 3.30."""

    start: Line = Field(0, alias="startLine")
    end: Line = Field(0, alias="endLine")


class Physical(Part):
    """A place in a file, 3.29."""

    artifact: ArtifactLocation | None = Field(None, alias="artifactLocation")
    region: Region | None = None


class Logical(Part):
    """A place by its names, 3.33."""

    name: Words = ""
    full: Words = Field("", alias="fullyQualifiedName")
    kind: Words = ""
    index: int = -1


class Location(Part):
    """A location, 3.28."""

    physical: Physical | None = Field(None, alias="physicalLocation")
    logical: Annotated[list[Logical], Nullable] = Field(default=[], alias="logicalLocations")


class FlowLocation(Part):
    """A step of a way through the code, 3.38."""

    location: Location | None = None


class ThreadFlow(Part):
    """A way through the code, 3.37."""

    locations: Annotated[list[FlowLocation], Nullable] = Field(default_factory=list)


class CodeFlow(Part):
    """Ways through the code, 3.36."""

    threads: Annotated[list[ThreadFlow], Nullable] = Field(default=[], alias="threadFlows")


class Result(Part):
    """A result, 3.27."""

    rule_id: Words = Field("", alias="ruleId")
    rule_index: int = Field(-1, alias="ruleIndex")
    rule: Reference | None = None
    kind: Words = ""
    level: Words = ""
    baseline: Words = Field("", alias="baselineState")
    message: Multiformat = Multiformat()
    locations: Annotated[list[Location], Nullable] = Field(default_factory=list)
    flows: Annotated[list[CodeFlow], Nullable] = Field(default=[], alias="codeFlows")
    taxa: Annotated[list[Reference], Nullable] = Field(default_factory=list)
    properties: Properties | None = None


class Artifact(Part):
    """A file of the run, 3.24."""

    location: ArtifactLocation | None = None


class Run(Part):
    """A run, 3.14."""

    tool: Tool
    results: Annotated[list[Result], Nullable] = Field(default_factory=list)
    artifacts: Annotated[list[Artifact], Nullable] = Field(default_factory=list)
    logical: Annotated[list[Logical], Nullable] = Field(default=[], alias="logicalLocations")
    bases: Annotated[dict[str, ArtifactLocation], BeforeValidator(lambda value: value or {})] = Field(
        default={}, alias="originalUriBaseIds"
    )
    outside: Any = Field(None, alias="externalPropertyFileReferences")


class Log(Part):
    """A log, 3.13."""

    version: Words
    runs: list[Run]
