"""From hand-made records to reports: phases, completeness, behaviors and what is left out of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.model.report import Report
from tests.unit.pipeline.recording import PYTHON, SITE, Recording
from tests.unit.trace.kernel_logs import SOMEWHERE, Log, inet, sockaddr

IMPORTED = '{"begin": "sample"}\n{"end": "sample", "error": ""}\n{"done": true}\n'


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


def phases(report: Report) -> dict[str, tuple[str, str]]:
    return {phase.name: (phase.status, phase.detail) for phase in report.phases}


def ids(report: Report) -> set[str]:
    return {behavior.id for behavior in report.behaviors}


def test_a_quiet_run_is_complete_and_shows_nothing(recording: Recording) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.step("startup")
    recording.step("import", driver=IMPORTED)
    report = recording.report()
    assert report.completeness.status == "complete"
    assert report.completeness.reasons == []
    assert report.behaviors == []
    assert phases(report) == {
        "install": ("ok", ""),
        "startup": ("ok", ""),
        "import": ("ok", "1 of 1 modules imported"),
        "execute": ("skipped", "the package has no entry points"),
    }
    assert report.created == "2026-01-02T00:00:00Z"


def test_a_record_without_its_end_is_incomplete(recording: Recording) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    (recording.folder / "end.json").unlink()
    completeness = recording.report().completeness
    assert completeness.status == "incomplete"
    assert completeness.reasons == ["the run was cut short before its end"]


def test_a_run_without_any_step_has_failed(recording: Recording) -> None:
    report = recording.report("the engine went away")
    assert report.completeness.status == "failed"
    assert "the engine went away" in report.completeness.reasons
    assert {status for status, _ in phases(report).values()} == {"skipped"}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("steps/01-install.strace", "nonsense\n", "1 lines of the system call log could not be read"),
        ("steps/01-install.probe", "nonsense\n", "1 lines of the interpreter probe could not be read"),
        ("internet/packets.jsonl", "", "the packet capture was not dissected to its end"),
        (
            "internet/exchanges.jsonl",
            '{"kind":"capture","time":1,"packets":9,"dropped":2,"cut":false}\n{"kind":"end","time":1}\n',
            "2 packets were dropped by the capture",
        ),
    ],
)
def test_whatever_is_missing_makes_it_incomplete(recording: Recording, name: str, text: str, reason: str) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    kept = "" if name.startswith("internet") else (recording.folder / name).read_text()
    recording.write(name, kept + text)
    completeness = recording.report().completeness
    assert completeness.status == "incomplete"
    assert any(reason in one for one in completeness.reasons), completeness.reasons


def test_a_timeout_is_incomplete_and_names_what_was_cut(recording: Recording) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.step("import", status="timeout", reasons=["sample was cut after 20 s"], driver='{"begin": "sample"}\n')
    report = recording.report()
    assert report.completeness.status == "incomplete"
    assert report.completeness.reasons == ["import: sample was cut after 20 s"]
    assert phases(report)["import"] == ("timeout", "sample was cut after 20 s")


def test_a_failing_installation_tells_its_last_words(recording: Recording) -> None:
    recording.step("install", argv=["/opt/uv/uv"], status="failed", out="building\n  error: no such compiler  \n\n")
    report = recording.report()
    assert report.completeness.status == "complete"
    assert phases(report)["install"] == ("failed", "ended with status 1: error: no such compiler")
    assert phases(report)["import"] == ("skipped", "the package is not installed")
    assert ids(report) == {"anomaly.run.fail"}


def test_a_submodule_may_fail_but_a_top_level_module_may_not(recording: Recording) -> None:
    recording.installed(("sample", "sample.extra"))
    recording.step("install", argv=["/opt/uv/uv"])
    failing = '{"begin": "sample.extra"}\n{"end": "sample.extra", "error": "ImportError: no extra"}\n{"done": true}\n'
    recording.step("import", driver=IMPORTED.replace('{"done": true}\n', "") + failing)
    report = recording.report()
    assert phases(report)["import"] == ("ok", "1 of 2 modules imported; failed: sample.extra (ImportError: no extra)")
    assert ids(report) == set()


def test_a_module_that_ends_the_interpreter_has_failed(recording: Recording) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.step("import", status="failed", driver='{"begin": "sample"}\n')
    report = recording.report()
    assert phases(report)["import"] == (
        "failed",
        "0 of 1 modules imported; failed: sample (the interpreter ended with status 1)",
    )
    assert [evidence.detail for evidence in report.behaviors[0].evidence] == [
        "sample: the interpreter ended with status 1"
    ]


def test_attempts_do_not_count_beside_what_was_completed(recording: Recording) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    calls = """
execve("/usr/local/bin/git", ["git"], 0x1 /* 1 var */) = -1 ENOENT (No such file or directory)
execve("/usr/bin/git", ["git", "version"], 0x1 /* 1 var */) = 0
"""
    recording.step("import", calls, driver=IMPORTED)
    run = next(one for one in recording.report().behaviors if one.id == "execution.file.run")
    assert run.count == 1
    assert run.outcome == "completed"
    assert [evidence.outcome for evidence in run.evidence] == ["completed", "attempted"]
    assert run.evidence[0].source.file == "steps/02-import.strace"


def test_an_attempt_alone_is_told_as_one(recording: Recording) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    opening = 'openat(AT_FDCWD, "/home/alex/.ssh/id_rsa", O_RDONLY) = -1 ENOENT (No such file or directory)'
    recording.step("import", opening, driver=IMPORTED)
    (behavior,) = recording.report().behaviors
    assert (behavior.id, behavior.outcome, behavior.count) == ("steal.ssh-key.read", "attempted", 1)


def test_the_installers_own_work_is_not_the_packages(recording: Recording) -> None:
    recording.installed()
    recording.step("install", 'rename("/home/alex/a", "/home/alex/b") = 0', argv=["/opt/uv/uv"])
    report = recording.report()
    assert report.behaviors == []
    assert report.files.renamed == []
    assert report.processes[0].attribution == "installer"


def test_witnesses_are_listed_and_not_added_up(recording: Recording) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.step("import", 'symlink("x", "/home/alex/link") = 0', driver=IMPORTED)
    link = {"path": "/home/alex/link", "type": "symlink", "mode": "777", "target": "x", "mtime": 1, "inode": 5}
    for name, entries in {"before": [], "install": [], "import": [link]}.items():
        recording.write(f"trees/{name}.jsonl", "".join(json.dumps(entry) + "\n" for entry in entries))
    report = recording.report()
    (behavior,) = report.behaviors
    assert behavior.witnesses == ["syscall", "filesystem"]
    assert behavior.count == 1
    (link_left,) = report.files.created
    assert (link_left.path, link_left.type, link_left.target, link_left.pid) == ("/home/alex/link", "symlink", "x", 100)


def test_the_code_that_did_it_is_named(recording: Recording) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    call = {
        "p": 100,
        "n": 2,
        "a": ["/home/alex/a", "/home/alex/b"],
        "f": f"{SITE}/sample.py",
        "l": 7,
        "m": "sample",
        "s": [],
    }
    recording.step(
        "import",
        'openat(AT_FDCWD, "/run/session/events/100", O_WRONLY) = -1 ENOTDIR (Not a directory)\n'
        'rename("/home/alex/a", "/home/alex/b") = 0',
        driver=IMPORTED,
        probe=json.dumps(call | {"t": 1_000_020.0199, "e": "os.rename"}) + "\n",
    )
    (behavior,) = recording.report().behaviors
    (evidence,) = behavior.evidence
    assert evidence.location is not None
    assert (evidence.location.distribution, evidence.location.line) == ("sample", 7)


def test_a_very_deep_process_chain_stays_readable(recording: Recording) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.step("import", driver=IMPORTED)
    begin = recording.steps[1]["begin"]
    log = recording.folder / "steps" / "02-import.strace"
    forks = [f"{pid} {begin + 1 + pid / 1000:.6f} fork() = {pid + 1}" for pid in range(100, 600)]
    start, end = log.read_text().splitlines()
    log.write_text("\n".join([start, *forks, f'600 {begin + 3:.6f} unlink("/home/alex/x") = 0', end, ""]))
    report = recording.report()
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert sum(1 for _ in walk(report)) == 502


def walk(report: Report):  # type: ignore[no-untyped-def] # a generator over nodes
    rest = list(report.processes)
    while rest:
        node = rest.pop()
        yield node
        rest += node.children


def connecting() -> Log:
    """The kernel tracer's log of a command that connects to an address."""
    log = Log().started(PYTHON.encode()).call("socket", 2, 1, 0, result=3)
    return log.call("connect", 3, SOMEWHERE, 16, chunks=(sockaddr(1, inet(443, "192.0.2.7")),)).end()


def test_the_same_report_comes_of_the_kernel_tracers_log(
    recording: Recording, tmp_path_factory: pytest.TempPathFactory
) -> None:
    told = 'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3\nconnect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16) = 0'
    other = Recording(tmp_path_factory.mktemp("other"))
    for one, material in ((recording, {"kernel": connecting().data}), (other, {"strace": told})):
        one.installed()
        one.step("install", argv=["/opt/uv/uv"])
        one.step("import", driver=IMPORTED, **material)
    kernel, strace = recording.report(), other.report()
    assert ids(kernel) == ids(strace)
    assert "network.tcp.connect" in ids(kernel)
    assert (kernel.completeness.status, kernel.completeness.reasons) == ("complete", [])
    (found,) = [one for one in kernel.behaviors if one.id == "network.tcp.connect"]
    source = found.evidence[0].source
    assert (source.file, source.line) == ("steps/02-import.kernel", 6)
    assert source.text == (
        '10 1000.500000 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16) = 0 <0.100000>'
    )


def test_what_the_kernel_tracer_lost_makes_it_incomplete(recording: Recording) -> None:
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.step("import", driver=IMPORTED, kernel=connecting().lost(7).record(99, b"").data)
    completeness = recording.report().completeness
    assert (completeness.status, completeness.dropped) == ("incomplete", 8)
    assert completeness.reasons == [
        "import: 1 records of the system call log could not be read",
        "import: 7 records of the kernel tracer were lost",
    ]


@pytest.mark.parametrize(
    "material",
    [
        {"strace": "clone(flags=SIGCHLD) = -1 EAGAIN (x)"},
        {"kernel": Log().started(PYTHON.encode()).call("clone", 17, 0, result=-11).end().data},
    ],
    ids=["strace", "kernel"],
)
@pytest.mark.parametrize(
    ("limits", "told"), [({"processes": 64}, "64 processes"), ({}, "processes")], ids=["limit", "no limit"]
)
def test_the_limit_of_processes_is_told(
    recording: Recording, material: dict[str, str], limits: dict[str, int], told: str
) -> None:
    recording.write("plan.json", json.dumps({"format": 1, "environment": {"PWD": "/"}, "limits": limits}))
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.step("import", driver=IMPORTED, **material)
    completeness = recording.report().completeness
    assert completeness.reasons == [f"import: the limit of {told} was reached, and more were refused"]
    assert (completeness.status, completeness.dropped) == ("incomplete", 0)
