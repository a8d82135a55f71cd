"""Lists of capabilities as google/capslock writes them (`capslock -output json`), and lists of such entries alone.

An entry has `capability`, `packageName`, and the way to it: `path`, functions of which each has the `site` where it is called, or
`depPath`, their names with spaces between. The last site is where the capability is used, in the function before the last one. Keys may
also be written in snake case, as in capslock's proto/capability.proto.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, Field

from analyzer.confirm.readers.text import Line, Nullable, Part, Words, message, name, split_function, tags
from analyzer.model.confirmation import Finding


class _Site(Part):
    filename: Words = ""
    line: Line = 0


class _Function(Part):
    name: Words = ""
    site: _Site | None = None


class _Capability(Part):
    capability: Words
    package: Words = Field("", validation_alias=AliasChoices("packageName", "package_name", "package"))
    folder: Words = Field("", validation_alias=AliasChoices("packageDir", "package_dir"))
    way: Words = Field("", validation_alias=AliasChoices("depPath", "dep_path"))
    path: Annotated[list[_Function], Nullable] = Field(default_factory=list)
    kind: Words = Field("", validation_alias=AliasChoices("capabilityType", "capability_type"))
    function: Words = ""
    file: Words = Field("", validation_alias=AliasChoices("file", "filename"))
    line: Line = 0


class _Document(Part):
    entries: Annotated[list[_Capability], Nullable] = Field(
        validation_alias=AliasChoices("capabilityInfo", "capability_info")
    )


def is_format(content: Any) -> bool:
    """Whether a JSON document is a list of capabilities."""
    if isinstance(content, list):
        return bool(content) and isinstance(content[0], dict) and "capability" in content[0]
    return isinstance(content, dict) and ("capabilityInfo" in content or "capability_info" in content)


def read(content: Any) -> tuple[list[Finding], list[str]]:
    """The findings. Raises pydantic's ValidationError for what is not of the format."""
    is_list = isinstance(content, list)
    document = _Document.model_validate({"capabilityInfo": content} if is_list else content)
    key = next((key for key in ("capabilityInfo", "capability_info") if not is_list and key in content), "")
    prefix = f"/{key}" if key else ""
    return [_finding(one, f"{prefix}/{number}") for number, one in enumerate(document.entries)], []


def _finding(one: _Capability, pointer: str) -> Finding:
    names = [each.name for each in one.path if each.name] or one.way.split()
    sites = [each.site for each in one.path if each.site is not None and each.site.filename]
    file, line = (sites[-1].filename, sites[-1].line) if sites else (one.file, one.line)
    inside = names[-2] if len(names) > 1 else names[0] if names else ""
    module, function = split_function(one.function or inside, file)
    if not module and one.package and function.startswith(f"{one.package}."):
        module, function = one.package, function[len(one.package) + 1 :]
    return Finding(
        tool="capslock",
        rule=name(one.capability),
        message=message(" → ".join(names) or one.package),
        file=name(file),
        line=line,
        end_line=line,
        module=name(module or ("" if file else one.package)),
        function=function,
        tags=tags([one.kind]),
        pointer=pointer,
    )
