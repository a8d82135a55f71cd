"""Runs that are directed at lines of a package: what was reached, by whatever leads there, in every sandbox and by both mechanisms."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.confirm import load_mapping, read_findings
from analyzer.errors import SandboxError
from analyzer.model.direction import Direction, Place
from analyzer.model.report import Report
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.pipeline.confirming import confirm
from analyzer.pipeline.records import keep
from analyzer.sandbox.interface import Manner
from analyzer.sandbox.interpreter import find_on_host
from tests.integration.analysing import behaviors, everywhere, report_of
from tests.packages import make_sdist, make_wheel

MONITORED = "3.13"
"""A version that has sys.monitoring; the interpreter of the tests is of one that has not."""

MODULES = {
    "sample_far/__init__.py": "",
    "sample_far/early.py": """\
        import os
        HERE = os.getcwd()
        if HERE == "never":
            HERE = ""
        """,
    "sample_far/tasks.py": """\
        import subprocess, sys, threading
        from sample_far import remote

        def in_thread():
            thread = threading.Thread(target=remote.work)
            thread.start()
            thread.join()

        def in_process():
            subprocess.run([sys.executable, "-c", "from sample_far import remote; remote.other()"])
        """,
    "sample_far/remote.py": """\
        import sys, threading
        def work():
            if threading.current_thread() is not threading.main_thread():
                return 4

        def other():
            if sys.argv[0] == "-c":
                return 8

        def _private(data):
            return 11

        class Client:
            def __init__(self):
                self.data = 15

            def _hidden(self, url):
                return [
                    len(url)
                ]

        def waiting(value):
            if value is sys:
                return 24
        """,
    "sample_far/command.py": """\
        def main():
            if True:
                return 0

        def unused():
            def inside():
                return 7

        if __name__ == "__main__":
            print(10)
        """,
    "sample_far/__main__.py": """\
        from sample_far.command import main
        raise SystemExit(main())
        """,
}
PLACES = {
    "the import": ("sample_far/early.py", 2, "line"),
    "a branch not taken": ("sample_far/early.py", 4, "module"),
    "a thread": ("src/sample_far/remote.py", 4, "line"),
    "behind a condition": ("src/sample_far/remote.py", 24, "function"),
    "another process": ("/somewhere/sample_far-1.0/sample_far/remote.py", 8, "line"),
    "a private function": ("sample_far/remote.py", 11, "line"),
    "a constructor": ("sample_far/remote.py", 15, "line"),
    "a private method": ("sample_far/remote.py", 19, "line"),
    "a script": ("sample_far/command.py", 3, "line"),
    "a function in another": ("sample_far/command.py", 7, "module"),
    "a program": ("sample_far/command.py", 10, "line"),
    "the package as a program": ("sample_far/__main__.py", 2, "line"),
    "another file": ("sample_far/absent.py", 1, "unknown"),
    "a build script": ("setup.py", 3, "unknown"),
}


def places() -> tuple[Place, ...]:
    return tuple(Place(file, line, line) for file, line, _ in PLACES.values())


def modules() -> dict[str, str]:
    return {name: dedent(text) for name, text in MODULES.items()}


def wheel(folder: Path) -> Path:
    scripts = {"console_scripts": {"sample-far": "sample_far.command:main"}}
    return make_wheel(folder, "sample-far", modules=modules(), entry_points=scripts)


def reached(report: Report) -> dict[str, str]:
    return {name: one.reached for name, one in zip(PLACES, report.directions, strict=True)}


def of(report: Report, name: str) -> Direction:
    return report.directions[list(PLACES).index(name)]


def check(report: Report) -> None:
    assert reached(report) == {name: how for name, (_, _, how) in PLACES.items()}
    assert report.completeness.status == "complete", report.completeness.reasons
    assert of(report, "the import").during == "import of sample_far.early"
    assert of(report, "a thread").during == "call of sample_far.tasks:in_thread"
    assert of(report, "another process").during == "call of sample_far.tasks:in_process"
    assert of(report, "a private method").during == "call of sample_far.remote:Client._hidden"
    assert of(report, "a script").during == "script sample-far"
    assert of(report, "a program").during == "python -m sample_far.command"
    found = of(report, "a private method")
    assert (found.file, found.module, found.function) == ("sample_far/remote.py", "sample_far.remote", "Client._hidden")
    assert (found.function_line, found.function_end) == (17, 19)
    assert "no such file" in of(report, "another file").detail
    assert "evasion.tracer.detect" not in behaviors(report)


@everywhere
def test_a_wheel(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    check(report_of(wheel(tmp_path), sandbox, tracer, cache_directory, Manner(directions=places())))


@pytest.mark.embedded
def test_a_wheel_where_lines_are_monitored(tmp_path: Path, cache_directory: Path) -> None:
    try:
        find_on_host(MONITORED)
    except SandboxError as error:
        pytest.skip(str(error))
    check(report_of(wheel(tmp_path), "embedded", "kernel", cache_directory, Manner(directions=places()), MONITORED))


SETUP = """\
import os
def build():
    os.getcwd()
    if os.sep == "no":
        build()
build()
from setuptools import setup
import sample_built
setup(name="sample-built", version="1.0", py_modules=["sample_built"])
"""
BUILT = [
    Place("sample_built-1.0/setup.py", 3, 3),
    Place("setup.py", 5, 5),
    Place("setup.py", 9, 9),
    Place("sample_built.py", 2, 2),
]


@everywhere
@pytest.mark.index
@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_build(sandbox: str, tracer: str, installer: str, tmp_path: Path, cache_directory: Path) -> None:
    path = make_sdist(
        tmp_path, "sample-built", "1.0", {"sample_built.py": "import os\nHERE = os.sep\n"}, setup_py=SETUP
    )
    manner = Manner(installer="pip" if installer == "pip" else "uv", directions=tuple(BUILT))
    report = report_of(path, sandbox, tracer, cache_directory, manner)
    assert [one.reached for one in report.directions] == ["line", "function", "line", "line"]
    assert {one.file for one in report.directions} == {"setup.py", "sample_built.py"}
    assert report.directions[0].during == "install"
    assert report.completeness.status == "complete", report.completeness.reasons


QUIET = "def nothing():\n    return None\n"


@pytest.mark.embedded
@pytest.mark.parametrize("version", [None, MONITORED])
def test_being_watched_shows_nothing(version: str | None, tmp_path: Path, cache_directory: Path) -> None:
    """A package that looks whether it is traced finds nothing, and one that does nothing shows nothing more than without directions."""
    looking = "import sys\nFOUND = sys.gettrace()\ndef look():\n    assert sys.gettrace() is FOUND is None\n    open('/tmp/free', 'w').close()\n"
    path = make_wheel(tmp_path, "sample-looking", modules={"sample_looking.py": looking, "sample_quiet.py": QUIET})
    directed = Manner(directions=(Place("sample_looking.py", 5, 5), Place("sample_quiet.py", 2, 2)))
    plain, report = (
        report_of(path, "embedded", "kernel", cache_directory, manner, version) for manner in (Manner(), directed)
    )
    assert [one.reached for one in report.directions] == ["line", "line"]
    assert plain.directions == []
    assert {one.id: one.count for one in report.behaviors} == {one.id: one.count for one in plain.behaviors}
    assert [one.path for one in report.files.created] == [one.path for one in plain.files.created]


TRACING = """\
import sys
SEEN = []
def trace(frame, event, argument):
    SEEN.append(event)
    return trace
def run():
    sys.settrace(trace)
    hidden()
    sys.settrace(None)
    assert "line" in SEEN and sys.gettrace() is None
    open("/tmp/whole", "w").close()
def hidden():
    return 13
"""


@pytest.mark.embedded
def test_a_package_that_traces_goes_on(tmp_path: Path, cache_directory: Path) -> None:
    path = make_wheel(tmp_path, "sample-tracing", modules={"sample_tracing.py": TRACING})
    report = report_of(
        path, "embedded", "kernel", cache_directory, Manner(directions=(Place("sample_tracing.py", 13, 13),))
    )
    assert any(one.path == "/tmp/whole" for one in report.files.created)
    assert report.completeness.status == "complete", report.completeness.reasons


@pytest.mark.embedded
def test_a_record_tells_the_same(tmp_path: Path, cache_directory: Path) -> None:
    path, cache = tmp_path / "run.record", Cache(cache_directory)

    def save(analysis: Analysis) -> None:
        with path.open("wb") as stream:
            keep(analysis.record, analysis.run, stream)

    run: Callable[..., Report] = lambda target, options, use: analyze(  # noqa: E731
        str(target), options, cache, SimpleIndex(cache), lambda stage: None, use
    )
    first = run(wheel(tmp_path), Options(sandbox="embedded", manner=Manner(directions=places())), save)
    again = run(path, Options(), lambda analysis: None)
    assert first.directions == again.directions
    assert json.loads(first.model_dump_json())["directions"][0]["reached"] == "line"


SHELLS = """\
import subprocess
def run(command):
    subprocess.run(["uname", "-a"])
def _private():
    subprocess.run(["id"])
def never(x):
    if x is run:
        subprocess.run(["id"])
"""
CSV = "tool,rule,message,severity,file,line\n" + "".join(
    f"bandit,B603,subprocess call,low,{file}\n"
    for file in ("a/sample_shells.py,3", "sample_shells.py,5", "sample_shells.py,8", "x.py,1")
)


@everywhere
def test_findings_are_answered(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    (tmp_path / "found.csv").write_text(CSV)
    path = make_wheel(tmp_path, "sample-shells", modules={"sample_shells.py": SHELLS})
    findings, mapping, cache = read_findings(tmp_path / "found.csv"), load_mapping(), Cache(cache_directory)
    options, kept = Options(sandbox=sandbox, tracer=tracer), tmp_path / "run.record"

    def save(analysis: Analysis) -> None:
        with kept.open("wb") as stream:
            keep(analysis.record, analysis.run, stream)

    first = confirm(findings, mapping, str(path), options, cache, SimpleIndex(cache), lambda stage: None, save)
    told = [(one.answer, one.where, one.reached) for one in first.confirmation.answers]
    assert told == [
        ("confirmed", "line", "line"),
        ("confirmed", "line", "line"),
        ("not triggered", "elsewhere", "function"),
        ("not observable", "", "unknown"),
    ]
    assert first.confirmation.answers[1].during == "call of sample_shells:_private"
    again = confirm(findings, mapping, str(kept), options, cache, SimpleIndex(cache), lambda stage: None)
    assert again.confirmation.answers == first.confirmation.answers
