"""From what the searcher found to the behavior and the issue, with the path from read to send."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.pipeline.recording import START, Recording

HOSTS = "/home/alex/.config/gh/hosts.yml"
READ = f'openat(AT_FDCWD, "{HOSTS}", O_RDONLY|O_CLOEXEC) = 3\nclose(3) = 0'


def found(secret: str, **fields: Any) -> str:
    shape = {
        "kind": "found", "time": START + 15.0, "secret": secret, "path": HOSTS, "encodings": ["base64"], "part": "body", "share": 100,
        "url": "http://a.example/", "transport": "tcp", "address": "192.0.2.1", "port": 80, "client": ["192.168.1.23", 40000], "stream": 1,
        "file": "exchanges", "line": 9, "excerpt": "",
    }  # fmt: skip
    return json.dumps(shape | fields)


def write(recording: Recording, *lines: str) -> None:
    recording.write("internet/secrets.json", "[]")
    recording.write(
        "internet/secrets.jsonl", "\n".join(['{"kind":"begin","format":1}', *lines, '{"kind":"end"}']) + "\n"
    )


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


def test_each_hit_counts_once_and_has_the_read_before_it(recording: Recording) -> None:
    recording.step("install")
    recording.step("import", READ)
    write(recording, found("a token"), found("another token", time=START + 29.0), found("a token", time=START + 29.5))
    report = recording.report()
    (behavior,) = (one for one in report.behaviors if one.id == "steal.secret.exfiltrate")
    assert (behavior.count, behavior.severity) == (3, "critical")
    issue = next(one for one in report.issues if one.id == "secret.left-sandbox")
    later = [one for one in issue.evidence if one.time > START + 20]
    assert [one.detail for one in later] == [
        f"another token from {HOSTS} sent to http://a.example/ in the body as base64",
        f"a token from {HOSTS} sent to http://a.example/ in the body as base64",
    ]
    assert [[(step.event, HOSTS in step.detail) for step in one.before] for one in later] == [[("file.open", True)]] * 2
    assert [one.before for one in issue.evidence if one.time < START + 20] == [[]]  # nobody had read it by then
    assert report.completeness.reasons == []


def test_the_record_of_a_run_without_a_search_is_judged_without(recording: Recording) -> None:
    recording.step("install")
    report = recording.report()
    assert (report.completeness.status, report.issues) == ("complete", [])


def test_a_search_that_did_not_end_makes_it_incomplete(recording: Recording) -> None:
    recording.step("install")
    recording.write("internet/secrets.json", "[]")
    report = recording.report()
    assert report.completeness.reasons == ["what was sent was not searched for planted secrets to its end"]


def test_facts_of_the_machine_are_another_behavior(recording: Recording) -> None:
    recording.step("install")
    write(recording, found("host name, user name", path=""))
    report = recording.report()
    assert {one.id for one in report.behaviors} == {"steal.system-info.exfiltrate"}
    assert [one.id for one in report.issues] == ["theft.machine-facts"]


def test_a_value_in_a_name_is_data_in_dns(recording: Recording) -> None:
    recording.step("install")
    write(recording, found("a token", part="name", encodings=["split", "base32"], url="dns://192.168.1.1/x.a.example"))
    ids = {one.id for one in recording.report().behaviors}
    assert ids == {"steal.secret.exfiltrate", "network.dns.exfiltrate"}
