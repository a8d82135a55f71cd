"""The report in the form of package-analysis's results."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from analyzer.model.report import Connection, DnsQuery, Files, Network, PhaseResult, Report
from analyzer.render.package_analysis import render_package_analysis
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import hostile_report
from tests.unit.render.sample import START, behavior, change, evidence, process, quiet_report
from tests.unit.render.strategies import reports

SUMMARY = {"Status": str, "Stdout": type(None), "Stderr": type(None), "Files": list, "Sockets": list, "Commands": list, "DNS": list}  # fmt: skip
PARTS: dict[str, dict[str, type]] = {
    "Files": {"Path": str, "Read": bool, "Write": bool, "Delete": bool},
    "Sockets": {"Address": str, "Port": int, "Hostnames": list},
    "Commands": {"Command": list, "Environment": list},
    "DNS": {"Class": str, "Queries": list},
}
"""The Go structs FileResult, SocketResult, CommandResult and DNSResult."""
STATUSES = {"completed", "error_timeout", "error_analysis", "error_other"}


def checked(report: Report) -> dict[str, Any]:
    """What Go's decoder would take: these keys and types, and no others."""
    document: dict[str, Any] = json.loads(render_package_analysis(report))
    assert set(document) == {"Package", "CreatedTimestamp", "Analysis"}
    assert set(document["Package"]) == {"Ecosystem", "Name", "Version"}
    assert isinstance(document["CreatedTimestamp"], int)
    assert set(document["Analysis"]) <= {"install", "import", "execute"}
    for summary in document["Analysis"].values():
        assert {key: type(value) for key, value in summary.items()} == SUMMARY
        assert summary["Status"] in STATUSES
        for name, keys in PARTS.items():
            for row in summary[name]:
                assert {key: type(value) for key, value in row.items()} == keys
        for row in summary["DNS"]:
            assert all(set(one) == {"Hostname", "Types"} for one in row["Queries"])
    return document


def act(**fields: object) -> dict[str, object]:
    return {"phase": "import", "time": START} | fields


def connection(**fields: object) -> Connection:
    given = {"transport": "tcp", "address": "192.0.2.1", "port": 443, "direction": "outgoing", "established": True}
    return Connection.model_validate(act(**given) | {"sent_bytes": 1, "received_bytes": 1} | fields)


def query(name: str, kind: str, **fields: object) -> DnsQuery:
    return DnsQuery.model_validate(act(name=name, type=kind, server="192.0.2.53", answers=[]) | fields)


def test_the_package_and_when() -> None:
    document = checked(quiet_report())
    assert document["Package"] == {"Ecosystem": "pypi", "Name": "six", "Version": "1.17.0"}
    assert document["CreatedTimestamp"] == 1_760_000_005
    assert set(document["Analysis"]) == {"install", "import", "execute"}
    assert checked(quiet_report(created="soon"))["CreatedTimestamp"] == 0


@pytest.mark.parametrize(
    ("startup", "imported", "told"),
    [
        ("ok", "ok", "completed"), ("ok", "failed", "error_analysis"), ("timeout", "ok", "error_timeout"), ("ok", "skipped", "completed"),
        ("skipped", "skipped", None),
    ],
)  # fmt: skip
def test_the_start_of_an_interpreter_is_told_with_the_import(startup: str, imported: str, told: str | None) -> None:
    phases = [
        PhaseResult.model_validate({"name": name, "status": status, "duration_seconds": 1})
        for name, status in (("startup", startup), ("import", imported))
    ]
    assert checked(quiet_report(phases=phases))["Analysis"].get("import", {}).get("Status") == told


def test_files_by_what_was_done_to_them() -> None:
    shown = [
        evidence("/home/alex/.ssh/id", 1, target="~/.ssh/id"),
        evidence("open('~/.ssh/id')", 2, target="~/.ssh/id"),
        evidence("/etc/shadow", 3, outcome="attempted"),
        evidence("GET x", 4, event="network.http", target="/x"),
    ]
    files = Files(
        created=[change("/tmp/a")], deleted=[change("/tmp/b")], renamed=[change("/tmp/c", target="/tmp/d")], modified=[change("/tmp/a")]
    )  # fmt: skip
    report = quiet_report(behaviors=[behavior("steal.ssh-key.read", "Reads", "high", shown)], files=files)
    rows = checked(report)["Analysis"]["import"]["Files"]
    assert [(row["Path"], row["Read"], row["Write"], row["Delete"]) for row in rows] == [
        ("/home/alex/.ssh/id", True, False, False),
        ("/tmp/a", False, True, False),
        ("/tmp/b", False, False, True),
        ("/tmp/c", False, False, True),
        ("/tmp/d", False, True, False),
    ]


def test_sockets_commands_and_names_of_the_package() -> None:
    network = Network(
        connections=[
            connection(names=["a.example"]),
            connection(names=["b.example", "a.example"]),
            connection(port=80, attribution="installer"),
            connection(port=81, direction="incoming"),
        ],
        dns=[query("a.example", "A"), query("a.example", "AAAA"), query("a.example", "A"), query("x", "A", attribution="interpreter")],
    )  # fmt: skip
    tree = [process(1, ["uv", "pip"], 1, [process(2, ["sh", "-c", "id"], 2)], attribution="installer")]
    summary = checked(quiet_report(network=network, processes=tree))["Analysis"]["import"]
    assert summary["Sockets"] == [{"Address": "192.0.2.1", "Port": 443, "Hostnames": ["a.example", "b.example"]}]
    assert summary["DNS"] == [{"Class": "IN", "Queries": [{"Hostname": "a.example", "Types": ["A", "AAAA"]}]}]
    assert summary["Commands"] == [{"Command": ["sh", "-c", "id"], "Environment": []}]


@pytest.mark.parametrize("make", [rich_report, hostile_report])
def test_documents_have_the_form(make: object) -> None:
    checked(make())  # type: ignore[operator]


@settings(deadline=None, max_examples=40)
@given(reports())
def test_any_report_has_the_form(report: Report) -> None:
    checked(report)
