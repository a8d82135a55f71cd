"""What a CycloneDX document has to be: valid by the schema of version 1.6, with references that lead somewhere."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL


@cache
def validator() -> JsonStrictValidator:
    return JsonStrictValidator(SchemaVersion.V1_6)


def checked(text: str) -> dict[str, Any]:
    """A document, after everything that can be said of any."""
    problem = validator().validate_str(text)
    assert problem is None, str(problem)[:500]
    document: dict[str, Any] = json.loads(text)
    components = [document["metadata"]["component"], *document["components"]]
    refs = [one["bom-ref"] for one in (*components, *document["vulnerabilities"])]
    assert len(set(refs)) == len(refs)
    for one in components:
        if "purl" in one:
            assert PackageURL.from_string(one["purl"]).to_string() == one["purl"]
    for one in document["dependencies"]:
        assert {one["ref"], *one["dependsOn"]} <= set(refs)
    for one in document["vulnerabilities"]:
        assert {each["ref"] for each in one["affects"]} <= set(refs)
    for one in document["annotations"]:
        assert set(one["subjects"]) <= set(refs)
        assert one["text"].isprintable()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one["timestamp"])
    for one in components:
        assert all(each["value"].isprintable() for each in one.get("properties", []))
    return document
