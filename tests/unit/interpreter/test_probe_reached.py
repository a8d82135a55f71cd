"""How far a program comes at the places that it is directed at: modules begun, functions entered, lines run, each told once."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.model.direction import Place
from analyzer.sandbox.directions import directed
from tests.unit.interpreter.prefix import assert_same

if TYPE_CHECKING:
    from tests.unit.interpreter.prefix import Ended, Prefix

MODULE = """\
import os  # 1

VALUES = [
    os.getcwd(),
    str(3),
]


class Client:
    kind = os.sep.join(["a", "b"])  # 10

    def get(self, name):
        if name:
            return self.send(
                name,
                3,
            )
        return None  # 18

    def send(self, *words):
        return [
            word
            for word in words
        ]

    @staticmethod
    def never():
        return os.sep  # 28


def outer():
    def inner():
        yield 33
    return list(inner())


def one_line(): return os.sep


def not_called(flag=os.sep):
    # only a comment
    os.getcwd()
    os.getcwd()  # 43


later = lambda: os.sep
try:
    1 / 0
except ZeroDivisionError:
    CAUGHT = True  # 50
else:
    CAUGHT = False  # 52
"""

Run = Callable[..., "Ended"]


@pytest.fixture
def run(probed: Prefix, tmp_path: Path) -> Iterator[Run]:
    """Runs a program, with the module in a package beside it, directed at places."""
    paths = {name: Path(probed.description[place]) for name, place in (("source", "encodings"), ("compiled", "cached"))}
    plain = {name: base64.b64decode(probed.description[name]) for name in paths}
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("")
    (tmp_path / "pkg" / "mod.py").write_text(MODULE)

    def directed_run(program: str, *places: Place, options: tuple[str, ...] = ()) -> Ended:
        for name, path in paths.items():
            path.write_bytes(directed(plain[name], places))
        script = tmp_path / "program.py"
        script.write_text(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{program}\n")
        return probed.run(*options, script)

    yield directed_run
    for name, path in paths.items():
        path.write_bytes(plain[name])


def reached(ended: Ended) -> list[tuple[int, str]]:
    """Which place was reached, and how, in order, without the modules' begins."""
    assert ended.status == 0, ended.errors.decode()
    return [
        (int(line["a"][0]), line["a"][1]) for line in ended.signs if line["e"] == "reached" and line["a"][1] != "module"
    ]


def at(line: int, end: int = 0, file: str = "proj-1.0/src/pkg/mod.py") -> Place:
    return Place(file, line, end or line)


LINES = {
    1: "line", 3: "line", 4: "line", 6: "line", 10: "line", 12: "line", 13: "line", 14: "line", 15: "line", 17: "line", 18: "",
    22: "line", 28: "", 33: "line", 34: "line", 37: "line", 40: "line", 41: "", 43: "", 46: "", 50: "line", 52: "",
}  # fmt: skip


def test_lines(run: Run) -> None:
    ended = run("import pkg.mod as m; m.Client().get('x'); m.outer(); m.one_line()", *map(at, LINES))
    found = reached(ended)
    assert len(set(found)) == len(found)
    best = {line: "line" if (number, "line") in found else "" for number, line in enumerate(LINES)}
    assert best == LINES


def test_every_place_is_told_where_its_module_begins(run: Run) -> None:
    ended = run("import pkg.mod", at(14), at(43), at(4), at(99), at(1, file="pkg/other.py"))
    lines = [line for line in ended.signs if line["e"] == "reached" and line["a"][1] == "module"]
    assert [line["a"] for line in lines] == [
        ["0", "module", "Client.get", "12", "18"],
        ["1", "module", "not_called", "40", "43"],
        ["2", "module"],
        ["3", "module"],
    ]
    assert {Path(line["f"]).name for line in lines} == {"mod.py"}
    assert (2, "line") in reached(ended)


def test_a_function_is_entered_before_its_line_is_run(run: Run) -> None:
    assert reached(run("import pkg.mod; pkg.mod.Client().get('')", at(14))) == [(0, "function")]
    assert reached(run("import pkg.mod; pkg.mod.Client().get('x')", at(14))) == [(0, "function"), (0, "line")]


def test_a_whole_function_is_reached_at_its_begin(run: Run) -> None:
    program = "import pkg.mod; pkg.mod.Client().get('')"
    assert reached(run(program, at(12, 18), at(26, 28), at(40, 43))) == [(0, "line")]


def test_functions_by_name(run: Run) -> None:
    places = [
        Place("pkg/mod.py", function=name) for name in ("Client.get", "Client.never", "outer.<locals>.inner", "nothing")
    ]
    places.append(Place("", module="pkg.mod", function="outer"))
    found = reached(run("import pkg.mod; pkg.mod.Client().get(''); pkg.mod.outer()", *places))
    assert sorted(found) == [(0, "function"), (2, "function"), (4, "function")]


def test_threads_and_processes(run: Run) -> None:
    program = "import threading, _thread, time, os\nimport pkg.mod as m\n{}\nos.getcwd()\ntime.sleep(.3)\n"
    ways = {
        "threading": "t = threading.Thread(target=m.outer); t.start(); t.join()",
        "bare": "def go():\n    open(os.devnull).close()\n    m.outer()\n_thread.start_new_thread(go, ())",
        "fork": "child = os.fork()\nif not child:\n    m.outer()\n    os._exit(0)\nos.wait()",
        "subprocess": "import subprocess\nsubprocess.run([sys.executable, '-c', 'import sys; sys.path[:0] = sys.argv[1:];"
        "import pkg.mod; pkg.mod.outer()', sys.path[0]])",
    }  # fmt: skip
    for way, code in ways.items():
        assert (0, "line") in reached(run(program.format(code), at(33))), way


def test_a_thread_that_began_before_the_module(run: Run) -> None:
    program = (
        "import threading, os\nbegin, done = threading.Event(), threading.Event()\n"
        "def work():\n    begin.wait()\n    open(os.devnull).close()\n    m.outer()\n"
        "thread = threading.Thread(target=work)\nthread.start()\nimport pkg.mod as m\nbegin.set()\nthread.join()"
    )
    assert (0, "line") in reached(run(program, at(33)))


def test_code_that_is_run_as_a_program(run: Run) -> None:
    program = "import runpy; runpy.run_module('pkg.mod', run_name='__main__'); import pkg.mod; pkg.mod.outer()"
    assert sorted(reached(run(program, at(33), at(50)))) == [(0, "line"), (1, "line")]


def test_a_build_script_whose_text_is_executed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "setuptools").mkdir()
    (tmp_path / "setuptools" / "build_meta.py").write_text(
        "def run():\n    __file__, __name__ = 'setup.py', '__main__'\n    exec(open(sys.argv[1]).read(), locals())\nimport sys\n"
    )
    (tmp_path / "setup.py").write_text("import os\ndef go():\n    os.getcwd()\ngo()\n")
    program = f"sys.argv[1:] = [{str(tmp_path / 'setup.py')!r}]\nfrom setuptools import build_meta\nbuild_meta.run()"
    ended = run(program, at(3, file="x-1.0/setup.py"), at(9, file="x-1.0/setup.py"), options=("-S",))
    assert (0, "line") in reached(ended)
    assert {line["f"] for line in ended.signs if line["e"] == "reached"} == {"setup.py"}


def test_a_package_that_traces_is_left_alone(run: Run) -> None:
    program = (
        "def trace(frame, event, argument): seen.append(event); return trace\n"
        "seen = []\nimport pkg.mod as m\nassert sys.gettrace() is None\n"
        "sys.settrace(trace)\nassert sys.gettrace() is trace\nm.Client().get('')\nsys.settrace(None)\n"
        "assert seen and sys.gettrace() is None\nopen(__file__).close()\nm.outer()"
    )
    ended = run(program, at(33))
    assert (0, "line") in reached(ended)
    assert [line["l"] for line in ended.lines if line["e"] == "sys.settrace"] == [6, 9]


def test_nothing_is_seen_of_it(run: Run) -> None:
    """A program finds no trace function, by whatever Python code asks for it, and its own tool numbers are free."""
    program = (
        "import threading, pkg.mod as m\nfound = []\n"
        "def look(): found.append(sys.gettrace()); found.append(getattr(threading, 'gettrace', lambda: None)()); m.one_line()\n"
        "look()\nthread = threading.Thread(target=look); thread.start(); thread.join()\n"
        "assert found == [None] * 4, found\n"
        "if hasattr(sys, 'monitoring'):\n"
        "    for number in (0, 1, 2, 3, 5): sys.monitoring.use_tool_id(number, 'mine')\n"
    )
    assert (0, "line") in reached(run(program, at(37)))


def test_a_package_that_monitors_is_left_alone(run: Run, probed: Prefix) -> None:
    if tuple(map(int, probed.version)) < (3, 12):
        pytest.skip("sys.monitoring is of Python 3.12")
    program = (
        "import pkg.mod as m\nown, seen = sys.monitoring, []\nown.use_tool_id(2, 'mine')\n"
        "own.register_callback(2, own.events.LINE, lambda code, line: seen.append(line))\n"
        "own.set_local_events(2, m.outer.__code__, own.events.LINE)\nm.outer()\nown.restart_events()\nm.outer()\n"
        "assert seen == [32, 34, 32, 34], seen"
    )
    assert sorted(reached(run(program, at(33), at(34)))) == [(0, "line"), (1, "function"), (1, "line")]


def test_no_program_goes_otherwise(run: Run, probed: Prefix, plain: Prefix, tmp_path: Path) -> None:
    run("pass", at(14), at(43, file="program.py"), at(1, file="program.py"), at(4, file="program.py"))
    program = """
    import sys, inspect
    def deep(n):
        return deep(n + 1)
    try:
        deep(0)
    except RecursionError as error:
        print(type(error), sys.gettrace())
    print([deep.__code__.co_code == compile(inspect.getsource(deep), "x", "exec").co_consts[0].co_code])
    1 / 0
    """
    assert_same(probed, plain, tmp_path, program)


def test_probes_stay_whole(run: Run) -> None:
    program = "import pkg.mod as m; m.outer(); sys.audit('encodings.beat', 1); sys.audit('encodings.beat', 2)"
    ended = run(program, at(33), at(43))
    assert [line["a"] for line in ended.signs if line["e"] in {"beat", "end"}] == [["1"], ["2"], ["0"]]
    numbers = sorted(line["n"] for line in (*ended.lines, *ended.signs))
    assert numbers == list(range(1, len(numbers) + 1))


def test_without_places_nothing_is_told(run: Run) -> None:
    assert reached(run("import pkg.mod; pkg.mod.outer()")) == []
