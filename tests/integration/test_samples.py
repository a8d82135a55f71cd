"""Every active behavior is shown by a sample and not by its near miss, on both sandboxes, and by the right line of code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from analyzer.model.report import Report
from analyzer.policy import default_policy, evaluate
from analyzer.taxonomy import load
from tests.integration.analysing import everywhere
from tests.integration.samples import FILES, WITHOUT_LINE, Place, Sample, Seen, build, run, run_programs, samples

Run = Callable[[str, str, str], Seen]
_RIGHT = 0.95
"""How many of all behaviors have to carry the right file and line."""

_KNOWN = {"anomaly.console.print", "file.stdout.write", "settings.priority.change"}
"""Those that do not, at most: what is printed leaves the interpreter when its buffer is full, long after the line; Python announces no change
of a priority."""

_NOT_ON_THE_WIRE = {
    "network.icmp.echo", "network.shell.reverse", "network.socket.bind", "network.socket.bpf-filter", "network.socket.raw",
    "network.tcp.accept", "network.tls.listen", "network.udp.connect", "network.unix.connect",
}  # fmt: skip
"""Acts on the network of which no packet tells: sockets that are only made, what is refused, what the kernel does anyway, and what a program does with a connection."""

_VERDICTS = {
    "anomaly": "APPROVE", "autostart": "REJECT", "code": "APPROVE", "evasion": "REJECT", "execution": "REJECT", "file": "REJECT",
    "memory": "REVIEW", "monitor": "REVIEW", "network": "REJECT", "permissions": "REJECT", "search": "APPROVE", "settings": "REVIEW",
    "steal": "REJECT", "stealth": "REVIEW",
}  # fmt: skip
"""What fumehood's own policy says of each file's programs together: whether any of them does what no, or hardly any, honest package does."""

_DOUBTFUL = {"execution.install-time.run", "file.other-package.modify"}
"""The same of packages of their own: what these show has to be looked at."""

PROGRAMS = [
    pytest.param(name, sample, id=f"{sample.behavior}-{'shows' if sample.shows else 'nearly'}")
    for name in FILES
    for sample in samples(name)
    if sample.is_program
]
PACKAGES = [
    pytest.param(sample, id=f"{sample.behavior}-{'shows' if sample.shows else 'nearly'}")
    for name in FILES
    for sample in samples(name)
    if not sample.is_program
]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> Run:
    """Runs a file's programs once for each sandbox and tracer."""
    return cache(
        lambda name, sandbox, tracer: run_programs(
            name, sandbox, tracer, tmp_path_factory.mktemp(name), cache_directory
        )
    )


def test_every_active_behavior_has_a_pair_of_samples() -> None:
    covered = {sample.behavior for name in FILES for sample in samples(name)}
    assert covered == {behavior.id for behavior in load() if behavior.status == "active"}


@pytest.mark.timeout(900)
@everywhere
@pytest.mark.parametrize(("name", "sample"), PROGRAMS)
def test_a_program(name: str, sample: Sample, sandbox: str, tracer: str, programs: Run) -> None:
    seen = programs(name, sandbox, tracer)
    assert seen.report.completeness.status == "complete", seen.report.completeness.reasons
    found = seen.by_command.get(sample.name, {})
    assert (sample.behavior in found) is sample.shows, found


@pytest.mark.timeout(900)
@everywhere
def test_behaviors_carry_the_right_line(sandbox: str, tracer: str, programs: Run) -> None:
    """Each of a sample's evidences has to name a line that is marked: one without a location, or with another, is wrong."""
    wrong: dict[str, set[Place]] = {}
    count = 0
    for name in FILES:
        seen = programs(name, sandbox, tracer)
        for sample in samples(name):
            if sample.is_program and sample.shows and sample.behavior not in WITHOUT_LINE:
                count += 1
                places = seen.places(sample)
                if not places or not places <= sample.lines:
                    wrong[sample.behavior] = places
    assert count - len(wrong) >= _RIGHT * count, wrong
    assert set(wrong) <= _KNOWN, wrong


@pytest.mark.timeout(900)
@everywhere
def test_what_goes_over_the_wire_is_seen_there(sandbox: str, tracer: str, programs: Run) -> None:
    """A package cannot keep a packet from being seen: each of these behaviors has a witness among them."""
    seen = programs("network", sandbox, tracer)
    shown = [sample for sample in samples("network") if sample.is_program and sample.shows]
    unseen = {one.behavior for one in shown if "packet" not in seen.witnesses.get((one.name, one.behavior), set())}
    assert unseen == _NOT_ON_THE_WIRE


def _decision(report: Report) -> str:
    """By what was observed alone: nobody knows these packages, so they are rarely used as well."""
    observed = report.model_copy(update={"issues": [one for one in report.issues if one.evidence]})
    return evaluate(observed, default_policy(), date(2026, 1, 1)).decision


@pytest.mark.timeout(900)
@everywhere
def test_the_default_policy_judges_by_what_was_seen(sandbox: str, tracer: str, programs: Run) -> None:
    assert {name: _decision(programs(name, sandbox, tracer).report) for name in FILES} == _VERDICTS


def test_every_program_says_which_line_is_right() -> None:
    """But for those that no line does."""
    unmarked = {s.behavior for name in FILES for s in samples(name) if s.is_program and s.shows and not s.lines}
    assert unmarked <= set(WITHOUT_LINE)
    marked = {s.behavior for name in FILES for s in samples(name) if s.is_program and s.shows and s.lines}
    assert not marked & set(WITHOUT_LINE)


@pytest.mark.timeout(120)
@everywhere
@pytest.mark.parametrize("sample", PACKAGES)
def test_a_package(sample: Sample, sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    report = run(build(tmp_path, sample), sandbox, tracer, cache_directory)
    found = {behavior.id for behavior in report.behaviors}
    assert (sample.behavior in found) is sample.shows, found
    assert (_decision(report) != "APPROVE") is (sample.shows and sample.behavior in _DOUBTFUL)
