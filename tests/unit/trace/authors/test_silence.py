"""What is told of the interpreter probe's silence, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer.trace.authors.silence import silences
from analyzer.trace.calls.processes import DRIVER
from analyzer.trace.logs.probe import ProbeCall
from analyzer.trace.timeline import StepTexts, Timeline, add_step
from tests.unit.trace.authors.test_startup import END
from tests.unit.trace.making import COMMAND, INSTALLED, lines, run, text_log

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGAN = 1_000_150_000
LIBRARY = 'openat(AT_FDCWD, "{}/encodings/__pycache__/__init__.cpython-311.pyc", O_RDONLY|O_CLOEXEC) = 3'
LOADS = LIBRARY.format("/usr/lib/python3.11")
START = 'execve("{}", ["python"], 0x7 /* 3 vars */) = 0'


def said(number: int, name: str, *arguments: str, pid: int = 7, since: int = BEGAN) -> ProbeCall:
    return ProbeCall(
        t=since / 1e6 + min(number, 9) / 1000, p=pid, n=number, i=since, e=name, a=arguments, f="", l=0, m="", s=()
    )


WHOLE = (said(1, "start", COMMAND), said(2, "end", "0"))


def told(
    calls: Sequence[ProbeCall], *log: str, ends: Sequence[str] = ()
) -> tuple[list[tuple[str, str]], list[str], int]:
    found, lost = silences(run(*log), list(enumerate(calls, 1)), ends)
    return [(one.detail.how, one.detail.what) for one in found], [one.reason for one in found if one.reason], lost


def test_an_interpreter_that_starts_and_ends_in_order_is_not_silent() -> None:
    assert told(WHOLE, LOADS, *END) == ([], [], 0)


def test_numbers_that_are_missing_are_lines_that_are_lost() -> None:
    calls = (said(1, "start", COMMAND), said(4, "time.time"), said(6, "end", "0"))
    assert told(calls, LOADS, *END) == ([], [], 3)


def test_a_number_that_was_made_up_does_not_lose_more_lines_than_there_can_be() -> None:
    assert told((said(1, "start"), said(2**62, "time.time")))[2] == 1_000_000


def test_records_of_versions_that_did_not_tell_are_left_alone() -> None:
    assert told([said(5, "time.time", since=0)], LOADS, *END) == ([], [], 0)


def test_an_orderly_end_without_a_word_is_told() -> None:
    why = "the interpreter probe fell silent in python"
    assert told(WHOLE[:1], LOADS, *END) == ([("ended", "start")], [why], 0)


@pytest.mark.parametrize(
    "end",
    [
        ("+++ exited with 0 +++",),  # os._exit
        ('unlink("a") = 0', "+++ exited with 1 +++"),
        ("+++ killed by SIGSEGV +++",),
        (END[0], "+++ killed by SIGKILL +++"),
        (START.format("/bin/true"), "+++ exited with 0 +++"),
        (),  # it still ran when the log ended
    ],
    ids=" ".join,
)
def test_other_ends_need_no_word(end: tuple[str, ...]) -> None:
    assert told(WHOLE[:1], LOADS, *end) == ([], [], 0)


def test_the_end_of_another_interpreter_in_the_process_does_not_do() -> None:
    inner = (said(1, "start", COMMAND, since=BEGAN + 200), said(2, "end", "0", since=BEGAN + 200))
    assert told([WHOLE[0], *inner], LOADS, *END)[0] == [("ended", "start")]


def test_a_forked_process_owes_an_end_of_its_own() -> None:
    child = (said(1, "start", "fork", pid=8, since=BEGAN + 100_000),)
    fork = ("clone(flags=SIGCHLD) = 8 /* 11 in strace's PID NS */", *(f"@11 {call}" for call in END))
    assert told([*WHOLE, *child], *fork, *END)[0] == [("ended", "start")]
    end = said(2, "end", "0", pid=8, since=BEGAN + 100_000)
    assert told([*WHOLE, *child, end], *fork, *END)[0] == []


class TestAbsent:
    FORK = ("clone(flags=SIGCHLD) = 8 /* 11 in strace's PID NS */",)

    def absent(self, path: str, *calls: str, more: Sequence[ProbeCall] = ()) -> list[tuple[str, str]]:
        log = (*self.FORK, "@11 " + START.format(path), *(f"@11 {call}" for call in calls))
        return told([*WHOLE, *more], LOADS, *log, *END)[0]

    def test_an_interpreter_that_says_nothing(self) -> None:
        found = self.absent("/usr/bin/python3.9", LIBRARY.format("/tmp/lib"), "+++ exited with 0 +++")
        assert found == [("absent", "/usr/bin/python3.9")]

    def test_under_another_name_and_from_an_archive(self) -> None:
        archive = 'openat(AT_FDCWD, "/tmp/lib/python311.zip", O_RDONLY|O_CLOEXEC) = 3'
        assert self.absent("/tmp/snake", archive, "+++ exited with 0 +++") == [("absent", "/tmp/snake")]

    def test_one_that_says_that_it_starts(self) -> None:
        start = said(1, "start", "python3", pid=8, since=1_000_450_000)
        assert self.absent("/usr/bin/python3", LOADS, "+++ exited with 0 +++", more=[start]) == []

    def test_the_one_before_it_in_the_same_process_does_not_answer_for_it(self) -> None:
        start = said(1, "start", "python3", pid=8, since=1_000_450_000)
        log = (LOADS, '+2.0 execve("/tmp/python3", ["x"], 0x7) = 0', f"+2.5 {LOADS}", "+2.9 +++ exited with 0 +++")
        assert self.absent("/usr/bin/python3", *log, more=[start]) == [("absent", "/tmp/python3")]

    @pytest.mark.parametrize(
        ("path", "calls"),
        [
            ("/usr/bin/python3", ("+++ exited with 0 +++",)),  # --version
            (
                "/usr/bin/python3",
                (LOADS.replace("= 3", "= -1 ENOENT (x)"), "+++ exited with 1 +++"),
            ),  # PYTHONHOME=/nonexistent
            ("/usr/bin/python3", (LOADS, "+++ killed by SIGKILL +++")),
            ("/usr/bin/cp", (LOADS, "+++ exited with 0 +++")),
            ("/usr/bin/python3-config", (LOADS, "+++ exited with 0 +++")),
        ],
    )
    def test_what_ran_no_code_or_is_no_interpreter(self, path: str, calls: tuple[str, ...]) -> None:
        assert self.absent(path, *calls) == []


def test_what_the_probe_found_changed_is_told_once() -> None:
    beats = (
        said(2, "beat", "0", "_send"),
        said(3, "beat", "0", "_send", "monitoring tool"),
        said(4, "end", "0", "_send"),
    )
    found, reasons, _ = told([WHOLE[0], *beats], LOADS, *END)
    assert found == [("changed", "_send"), ("changed", "monitoring tool")]
    assert set(reasons) == {"code of the package changed the interpreter probe"}


class TestForged:
    def test_a_number_again(self) -> None:
        assert told([*WHOLE, said(2, "os.putenv")], LOADS, *END)[0] == [("forged", "number 2 again")]

    def test_a_process_that_there_is_not(self) -> None:
        stranger = said(1, "start", pid=99)
        assert told([*WHOLE, stranger], LOADS, *END)[0] == [("forged", "in the name of process 99")]

    def test_not_where_processes_are_missing_in_the_log(self) -> None:
        assert told([*WHOLE, said(1, "start", pid=99)], LOADS, "@55 getpid() = 9", *END)[0] == []


class TestUnanswered:
    STARTED = said(1, "start", COMMAND, DRIVER)

    def test_a_subject_after_which_nothing_was_answered(self) -> None:
        calls = (self.STARTED, said(2, "beat", "1"))
        found, reasons, _ = told(calls, LOADS, ends=["a", "a.b", "a.c"])
        assert found == [("unanswered", "a.b")]
        assert reasons == ["the interpreter probe fell silent in a.b"]

    def test_all_were_answered(self) -> None:
        calls = (self.STARTED, said(2, "beat", "1"), said(3, "beat", "0"), said(4, "beat", "2"))
        assert told(calls, LOADS, ends=["a", "b"])[0] == []

    def test_a_lost_line_may_have_been_the_answer(self) -> None:
        calls = (self.STARTED, said(2, "beat", "1"), said(4, "time.time"))
        assert told(calls, LOADS, ends=["a", "b"]) == ([], [], 1)

    def test_the_answers_of_others_do_not_count(self) -> None:
        other = (said(1, "start", "python", pid=8, since=BEGAN + 9), said(2, "beat", "1", pid=8, since=BEGAN + 9))
        fork = "clone(flags=SIGCHLD) = 8 /* 11 in strace's PID NS */"
        assert told([self.STARTED, *other], LOADS, fork, ends=["a"])[0] == [("unanswered", "a")]


def _step(probe: list[str], *, heard: bool) -> Timeline:
    timeline = Timeline()
    log = lines(LOADS, *END)
    texts = StepTexts("import", "01-step", COMMAND, "/home/u", 1000, 1010, text_log(log), probe, step=1, heard=heard)
    add_step(timeline, texts, INSTALLED)
    return timeline


def test_silence_becomes_an_event_and_a_reason() -> None:
    line = WHOLE[0].model_dump_json(by_alias=True) + "\n"
    timeline = _step([line, said(3, "time.time").model_dump_json(by_alias=True) + "\n"], heard=True)
    (event,) = [event for event in timeline.events if event.kind == "interpreter.silence"]
    assert (event.layer, event.attribution, event.pid, event.step) == ("interpreter", "package", 10, 1)
    assert (event.source.file, event.source.line) == ("steps/01-step.probe", 2)
    assert timeline.dropped == 1
    assert timeline.reasons == [
        "import: the interpreter probe fell silent in python",
        "import: 1 lines of the interpreter probe were lost",
    ]


def test_nothing_is_told_where_the_log_was_cut() -> None:
    timeline = _step([WHOLE[0].model_dump_json(by_alias=True) + "\n"], heard=False)
    assert [event.kind for event in timeline.events if event.kind == "interpreter.silence"] == []
    assert timeline.reasons == []
