from __future__ import annotations

from analyzer.model.event import Source, StepEnd
from analyzer.trace.authors.installed import Installed, normal
from analyzer.trace.calls.calllog import KernelLog
from analyzer.trace.timeline import StepTexts, Timeline, add_step, add_step_end
from tests.unit.trace.kernel_logs import SOMEWHERE, Log, text
from tests.unit.trace.making import COMMAND, INSTALLED, SITE, lines, one, probe_line, step, text_log


def test_events_carry_their_evidence() -> None:
    (_, event) = step(lines('unlink("a") = -1 ENOENT (x)')).events
    assert (event.layer, event.outcome, event.phase, event.pid, event.process) == (
        "syscall",
        "attempted",
        "import",
        10,
        "python",
    )
    assert event.source == Source("steps/01-step.strace", 3)


def test_sorted_by_time() -> None:
    timeline = step(lines('unlink("a") = 0'), probe_line(0.05, "time.time"))
    timeline.sort()
    assert [event.kind for event in timeline.events] == ["process.exec", "python.call", "file.delete"]


def test_processes_with_their_authors() -> None:
    log = lines(
        "clone(flags=SIGCHLD) = 2 /* 11 in strace's PID NS */",
        '@11 execve("/bin/sh", ["sh"], 0x7) = 0',
        '@11 unlink("a") = 0',
    )
    timeline = step(log, probe_line(0.19, "os.system", "x", file=f"{SITE}/helper.py"))
    assert [(one.process.pid, one.attribution) for one in timeline.processes][1:] == [(11, "dependency")]


def test_what_is_missing_is_told() -> None:
    timeline = step([*lines('@55 unlink("a") = 0'), "garbage\n"], "{", probe_line(0.3, "time.time"))
    assert timeline.dropped == 2
    assert timeline.reasons == [
        "import: 1 lines of the system call log could not be read",
        "import: 1 processes ran whose start is not in the system call log",
        "import: 1 lines of the interpreter probe could not be read",
    ]


def test_a_log_without_the_command_is_told() -> None:
    assert step([]).reasons == ["import: the system call log of 01-step does not show the command"]


def test_calls_at_impossible_times_are_not_believed() -> None:
    timeline = step(lines(), probe_line(-500, "time.time"), probe_line(5000, "time.time"))
    assert timeline.dropped == 2
    assert not [event for event in timeline.events if event.kind == "python.call"]


def test_ends_of_steps() -> None:
    timeline = Timeline()
    end = StepEnd("m", "failed", "ValueError", fatal=True)
    add_step_end(timeline, "import", 5.0, end, Source("steps.jsonl", 1))
    assert [(event.detail, event.phase, event.time) for event in timeline.events] == [(end, "import", 5.0)]


def test_events_tell_their_step() -> None:
    timeline = Timeline()
    texts = StepTexts(
        "import",
        "04-import",
        COMMAND,
        "/home/u",
        999,
        2000,
        text_log(lines('unlink("a") = 0')),
        (probe_line(0.3, "time.time"),),
        step=4,
    )
    add_step(timeline, texts, INSTALLED)
    add_step_end(timeline, "import", 5.0, StepEnd("m", "ok", "", fatal=False), Source("steps.jsonl", 1), 4)
    assert len(timeline.events) == 4
    assert {event.step for event in timeline.events} == {4}


def test_what_outlived_the_command_is_told() -> None:
    log = lines("clone(flags=SIGCHLD) = 11", "+++ exited with 0 +++", "@11 +5 +++ killed by SIGKILL +++")
    timeline = Timeline()
    add_step(
        timeline,
        StepTexts("import", "04-import", COMMAND, "/home/u", 999, 2000, text_log(log), (), cut=1004.0),
        INSTALLED,
    )
    assert one(timeline, "process.outlive").time == 1005


def test_owners() -> None:
    assert INSTALLED.owner(f"{SITE}/helper.py") == "helper"
    assert INSTALLED.owner(f"{SITE}/other.py") == ""
    assert INSTALLED.is_target("target")
    assert not INSTALLED.is_target("helper")
    assert not Installed(()).is_target("target")
    assert normal("A_b..C-d") == "a-b-c-d"


def test_events_of_the_kernel_tracers_log_name_its_records() -> None:
    log = Log().started(COMMAND.encode()).call("chdir", SOMEWHERE, chunks=(text(0, b"/tmp"),))
    timeline = Timeline()
    material = KernelLog("steps/01-step.kernel", lambda: [log.data])
    add_step(timeline, StepTexts("import", "01-step", COMMAND, "/home/u", 999, 2000, material, ()), INSTALLED)
    assert [(event.kind, event.source) for event in timeline.events] == [
        ("process.exec", Source("steps/01-step.kernel", 1)),
        ("process.control", Source("steps/01-step.kernel", 4)),
    ]
    assert (timeline.dropped, timeline.reasons) == (0, [])


def test_the_installers_first_line_tells_its_number_where_its_log_of_few_calls_does_not() -> None:
    log = [line for line in lines() if "/run/session/events" not in line]
    pip = "/opt/pip/pip/_internal/cache.py"
    told = probe_line(0.3, "json.dumps", file=pip)
    for start, author in ((("python",), "installer"), (("sh",), "package"), ((), "package")):
        timeline = step(log, probe_line(0.2, "start", *start, file=""), told, phase="install")
        (call,) = [event for event in timeline.events if event.kind == "python.call"]
        assert call.attribution == author


def test_what_pip_does_through_the_environments_patch_of_distutils_is_pips() -> None:
    patch = f"{SITE}/_virtualenv.py"
    for caller, author in (
        ("/opt/pip/pip/_internal/locations/_distutils.py", "installer"),
        (f"{SITE}/target.py", "package"),
    ):
        told = probe_line(0.3, "os.putenv", "PLAT", "linux-x86_64", file=patch, stack=((caller, 58),))
        (call,) = [event for event in step(lines(), told, phase="install").events if event.kind == "python.call"]
        assert call.attribution == author
