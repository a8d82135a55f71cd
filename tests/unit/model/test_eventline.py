from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from analyzer.model import event
from analyzer.model.eventline import EventLine, content, schema

SOURCE = event.Source("steps/03-import.strace", 7)


def line(detail: event.Detail, **changes: Any) -> dict[str, Any]:
    header: dict[str, Any] = {
        "time": 1.5, "phase": "import", "layer": "syscall", "pid": 9, "process": "python", "outcome": "completed",
        "attribution": "dependency", "source": SOURCE, "location": None, "step": 3,
    }  # fmt: skip
    return content(event.Event(detail=detail, **header | changes), "import of sample")


def test_a_line_has_the_keys_of_its_model_in_their_order() -> None:
    made = line(event.FileOpen("/etc/passwd", "read", ("O_RDONLY",), ""))
    assert [*made, "shortened"] == list(EventLine.model_fields)
    assert EventLine.model_validate(made).detail == {
        "path": "/etc/passwd",
        "access": "read",
        "flags": ("O_RDONLY",),
        "error": "",
        "asked": "",
    }
    assert (made["kind"], made["during"], made["step"]) == ("file.open", "import of sample", 3)


def test_a_location_is_told_whole() -> None:
    made = line(event.ProcessExit(0, ""), location=event.Location("requests", "requests.api", "/x/requests/api.py", 4))
    assert made["location"] == {
        "distribution": "requests",
        "module": "requests.api",
        "file": "/x/requests/api.py",
        "line": 4,
    }


@pytest.mark.parametrize("kind", sorted(event.DETAILS))
def test_the_schema_has_each_kind_with_its_fields(kind: str) -> None:
    whole, detail = schema(), event.DETAILS[kind]
    (condition,) = [
        one for one in whole["$defs"]["EventLine"]["allOf"] if one["if"]["properties"]["kind"]["const"] == kind
    ]
    name = condition["then"]["properties"]["detail"]["$ref"].rpartition("/")[2]
    assert list(whole["$defs"][name]["properties"]) == [field.name for field in fields(detail)]
    assert whole["$defs"][name]["additionalProperties"] is False
    assert kind in whole["$defs"]["EventLine"]["properties"]["kind"]["enum"]


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    text = json.dumps(schema())
    names = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert names <= set(schema()["$defs"])
    assert {"EventHeader", "EventLine", "FileOpen", "StepEnd"} <= names


def test_details_of_lines_are_details_again() -> None:
    made = line(event.NetworkDns("a.example", "A", "192.0.2.1", 53, ("192.0.2.7",), "udp"))
    again = TypeAdapter(event.NetworkDns).validate_python(json.loads(json.dumps(made["detail"])))
    assert again == event.NetworkDns("a.example", "A", "192.0.2.1", 53, ("192.0.2.7",), "udp")


def test_the_document_tells_every_kind() -> None:
    text = (Path(__file__).parents[3] / "docs" / "events.md").read_text(encoding="utf-8")
    assert [kind for kind in event.DETAILS if f"`{kind}`" not in text] == []
