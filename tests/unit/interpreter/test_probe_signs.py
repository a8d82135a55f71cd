"""The probe's signs: numbered lines, beats with a look at itself, and an end."""

from __future__ import annotations

import itertools
import platform
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.interpreter.prefix import Ended, Prefix

FIND = """
import gc, sys, time
names = next(one for one in gc.get_objects() if type(one) is dict and "_hook" in one and "_send" in one and "_put" in one)
"""


def signs(ended: Ended) -> list[tuple[str, list[str]]]:
    return [(line["e"], line["a"]) for line in ended.signs]


def interpreters(ended: Ended) -> list[list[int]]:
    """The numbers of the lines of each interpreter and forked process, in the order in which they were written."""
    found: dict[Any, list[int]] = {}
    for line in sorted((*ended.lines, *ended.signs), key=lambda line: line["t"]):
        found.setdefault((line["p"], line["i"]), []).append(line["n"])
    return list(found.values())


def whole(ended: Ended) -> bool:
    return all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in interpreters(ended))


def test_an_interpreter_says_that_it_ends(probed: Prefix) -> None:
    for program in (
        "pass",
        "raise SystemExit(3)",
        "1 / 0",
        "import threading, time; threading.Thread(target=time.sleep, args=(.2,)).start()",
    ):
        ended = probed.run("-c", program)
        assert signs(ended) == [("end", ["0"])]
        assert whole(ended)


def test_only_a_real_end_counts(probed: Prefix) -> None:
    ended = probed.run("-c", "import sys, time; sys.audit('cpython.PyInterpreterState_Clear'); time.time()")
    assert signs(ended) == [("end", ["0"])]
    assert ended.lines[-1]["e"] == "time.time"
    assert max(line["n"] for line in ended.lines) < ended.signs[0]["n"]


def test_no_word_at_an_end_that_is_none(probed: Prefix) -> None:
    for program in ("import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)"):
        assert signs(probed.run("-c", program)) == []


def test_forked_processes_number_their_lines_anew(probed: Prefix) -> None:
    ended = probed.run("-c", "import os, time\ntime.time()\nif os.fork(): os.wait()\ntime.time()")
    assert whole(ended)
    assert len(interpreters(ended)) == 2
    assert signs(ended) == [("end", ["0"])] * 2


def test_threads_number_their_lines_together(probed: Prefix) -> None:
    program = (
        "import os, threading\n"
        "def work():\n    for n in range(200): os.putenv('A', str(n))\n"
        "threads = [threading.Thread(target=work) for _ in range(6)]\n"
        "for one in threads: one.start()\n"
        "for one in threads: one.join()"
    )
    ended = probed.run("-c", program)
    assert whole(ended)
    assert len([line for line in ended.lines if line["e"] == "os.putenv"]) == 1200


def test_subinterpreters_are_seen_and_number_their_lines_alone(probed: Prefix) -> None:
    program = (
        "try: import _interpreters as inner\nexcept ImportError: import _xxsubinterpreters as inner\n"
        "one = inner.create()\n"
        "inner.run_string(one, 'import time; time.time()')\n"
        "inner.destroy(one)\n"
        "import time; time.time()"
    )
    ended = probed.run("-S", "-c", program)
    assert (ended.status, ended.errors) == (0, b"")
    assert whole(ended)
    assert len(interpreters(ended)) == 2
    assert [line["e"] for line in ended.lines].count("time.time") == 2
    assert signs(ended) == [("end", ["0"])] * 2


def test_the_drivers_question_is_answered(probed: Prefix) -> None:
    ended = probed.run("-c", "import sys\nfor n in range(1, 4): sys.audit('encodings.beat', n)")
    assert signs(ended) == [("beat", ["1"]), ("beat", ["2"]), ("beat", ["3"]), ("end", ["0"])]


def test_a_busy_interpreter_is_heard_of(probed: Prefix) -> None:
    ended = probed.run(
        "-c",
        "import os, time\nend = time.monotonic() + 2.3\nwhile time.monotonic() < end: open('/dev/null').close; time.sleep(.01)",
    )
    beats = [line for line in ended.signs if line["e"] == "beat"]
    assert all(line["a"] == ["0"] for line in beats)
    steps = sorted([*ended.lines, *ended.signs], key=lambda line: line["n"])
    assert all(later["t"] - earlier["t"] < 2 for earlier, later in itertools.pairwise(steps))


def test_changed_functions_are_told(probed: Prefix) -> None:
    program = FIND + "names['_tell'] = lambda *arguments: None\nsys.audit('encodings.beat', 1)"
    assert signs(probed.run("-c", program)) == [("beat", ["1", "_tell"]), ("end", ["0", "_tell"])]


def test_changed_code_is_told_with_the_line_that_does_it(probed: Prefix) -> None:
    program = FIND + "names['_tell'].__code__ = (lambda *arguments: None).__code__"
    ended = probed.run("-c", program)
    (change,) = [line for line in ended.lines if line["e"] == "object.__setattr__"]
    assert (change["a"], change["l"]) == (["_tell", "__code__"], 4)
    assert signs(ended) == [("end", ["0", "_tell"])]


def test_other_functions_code_is_nobodys_matter(probed: Prefix) -> None:
    ended = probed.run("-c", "def own(): pass\nown.__code__ = (lambda: 1).__code__; own.__defaults__ = ()")
    assert [line for line in ended.lines if line["e"] == "object.__setattr__"] == []


MUTE = """
import ctypes, mmap
begin = ctypes.cast(ctypes.pythonapi.PySys_Audit, ctypes.c_void_p).value
area = ctypes.c_void_p(begin // mmap.PAGESIZE * mmap.PAGESIZE)
ctypes.CDLL(None).mprotect(area, ctypes.c_size_t(2 * mmap.PAGESIZE), 7)
ctypes.memmove(begin, bytes.fromhex("31c0c3"), 3)  # xor eax, eax; ret
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="writes machine code")
def test_an_interpreter_whose_audit_events_were_written_over_says_so_at_its_end(probed: Prefix) -> None:
    assert signs(probed.run("-c", MUTE)) == [("end", ["0", "audit events"])]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="writes machine code")
def test_it_says_so_when_the_driver_asks(probed: Prefix) -> None:
    ended = probed.run("-c", MUTE + "import sys; sys.audit('encodings.beat', 7)")
    assert ("beat", ["7", "audit events"]) in signs(ended)


def test_changed_monitoring_is_told_and_put_right(probed: Prefix) -> None:
    if tuple(probed.version) < (3, 12):
        pytest.skip("without sys.monitoring")
    beat, look = "sys.audit('encodings.beat', 1)", "import time; time.time()"
    for change, found in (
        ("list(map(sys.monitoring.set_events, [4], [0]))", "monitoring events"),
        ("list(map(sys.monitoring.free_tool_id, [4]))", "monitoring tool"),
        ("sys.monitoring.register_callback(4, sys.monitoring.events.CALL, None)", "monitoring callback"),
    ):
        ended = probed.run("-c", f"import sys\n{change}\n{beat}\n{look}")
        assert signs(ended) == [("beat", ["1", found]), ("end", ["0"])], change
        assert ended.events("<string>", "time.") == [("time.time", 4)]
    ended = probed.run("-c", "import sys\nsys.monitoring.set_events(4, 0)\nsys.monitoring.set_events(4, 0)")
    assert ended.events("<string>", "sys.monitoring") == [("sys.monitoring.set_events", 2)]
    assert signs(ended) == [("end", ["0", "monitoring events"])]


def test_another_tool_takes_nothing_from_the_probe(probed: Prefix) -> None:
    if tuple(probed.version) < (3, 12):
        pytest.skip("without sys.monitoring")
    program = (
        "import sys, time\nmonitoring = sys.monitoring\nmonitoring.use_tool_id(1, 'coverage')\n"
        "monitoring.set_events(1, monitoring.events.CALL); monitoring.set_events(1, 0); monitoring.free_tool_id(1)\n"
        "sys.audit('encodings.beat', 1); time.time()"
    )
    ended = probed.run("-c", program)
    assert signs(ended) == [("beat", ["1"]), ("end", ["0"])]
    assert ended.events("<string>", "sys.monitoring", "time.") == [("time.time", 5)]
