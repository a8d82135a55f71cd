"""The same package twice gives the same behaviors, whatever its threads, children and servers do at one time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from analyzer.model.report import Report
from tests.integration.analysing import report_of
from tests.packages import make_wheel

_TIMES = 3

# Whoever calls the server first, this package or the sandbox: both are answered before the module ends.
_MODULE = """\
import os, socket, subprocess, threading, urllib.request

def serve():
    for _ in range(2):
        line, _ = server.accept()
        with line:
            line.recv(100)
            line.sendall(b"hello")

def work(name):
    with open(os.path.expanduser("~/" + name), "w") as file:
        file.write(name)
    subprocess.run(["cat", os.devnull])

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
threads = [threading.Thread(target=serve), *(threading.Thread(target=work, args=(f"note-{n}",)) for n in range(4))]
for one in threads:
    one.start()
client = socket.create_connection(server.getsockname())
client.sendall(b"hello")
client.recv(100)
urllib.request.urlopen("http://a.example/").read()
child = os.fork()
if not child:
    os.mkdir(os.path.expanduser("~/made-by-a-child"))
    os._exit(0)
os.waitpid(child, 0)
for one in threads:
    one.join()
"""


@pytest.mark.parametrize(
    ("sandbox", "tracer"),
    [
        pytest.param("embedded", "kernel", marks=pytest.mark.embedded),
        pytest.param("docker", "strace", marks=pytest.mark.docker),
    ],
)
def test_the_same_package_gives_the_same_behaviors(
    sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path
) -> None:
    wheel = make_wheel(tmp_path, "sample-busy", modules={"sample_busy.py": _MODULE})
    first, *others = (summary(report_of(wheel, sandbox, tracer, cache_directory)) for _ in range(_TIMES))
    assert len(first) > 10
    for other in others:
        assert other == first


def summary(report: Report) -> dict[str, Any]:
    """What has to be the same: of each behavior how often, when, by whom, seen by which layer, and done by which line."""
    assert report.completeness.status == "complete", report.completeness.reasons
    return {
        one.id: (one.count, one.outcome, one.phases, one.attribution, one.witnesses, places(one.evidence))
        for one in report.behaviors
    }


def places(evidence: Any) -> Counter[tuple[str, ...]]:
    return Counter(
        (
            one.layer,
            one.outcome,
            one.event,
            one.phase,
            f"{one.location.file}:{one.location.line}" if one.location else "",
        )
        for one in evidence
    )
