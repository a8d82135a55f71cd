"""What a package may take, and how it may end: every limit holds, is told in the report, and costs only the one at fault."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from analyzer.acquire import Cache, SimpleIndex
from analyzer.model.report import PhaseResult, Report
from analyzer.pipeline import Options, analyze
from analyzer.pipeline.analyze import Analysis
from analyzer.sandbox.interface import MIB, Limits, Manner
from tests.integration import hostile
from tests.integration.analysing import everywhere
from tests.packages import make_wheel

pytestmark = everywhere

AFTER = "import os; open(os.path.expanduser('~/after'), 'w').close()"
"""A module that shows by a file that it was imported."""


@dataclass(frozen=True)
class Run:
    """A report, what every command printed, and which modules' imports began and ended (with which error)."""

    report: Report
    output: dict[str, str]
    begun: set[str]
    ended: dict[str, str]

    @property
    def reasons(self) -> str:
        return "; ".join(self.report.completeness.reasons)

    def phase(self, name: str) -> PhaseResult:
        return next(phase for phase in self.report.phases if phase.name == name)


def run(wheel: Path, sandbox: str, tracer: str, cache_directory: Path, limits: Limits) -> Run:
    output: dict[str, str] = {}
    begun: set[str] = set()
    ended: dict[str, str] = {}

    def keep(analysis: Analysis) -> None:
        for step in analysis.record.steps():
            for line in analysis.record.driver_lines(step):
                begun.add(line.begin)
                ended[line.end] = line.error
        for path in (analysis.record.folder / "steps").glob("*.out"):
            output[path.stem] = path.read_text(errors="replace")

    cache = Cache(cache_directory)
    options = Options(sandbox=sandbox, tracer=tracer, limits=limits, manner=Manner(callables=False))
    return Run(analyze(str(wheel), options, cache, SimpleIndex(cache), lambda stage: None, keep), output, begun, ended)


def package(folder: Path, name: str, **modules: str) -> Path:
    """A wheel of a package with submodules, imported in the order of their names."""
    return make_wheel(
        folder, name, modules={f"{name}/__init__.py": "", **{f"{name}/{key}.py": text for key, text in modules.items()}}
    )


LIMITS = Limits().with_timeout(12)


def created(report: Report) -> set[str]:
    return {change.path for change in report.files.created}


def test_each_way_to_end_costs_only_itself(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    seen = run(package(tmp_path, "ends", **hostile.ENDS), sandbox, tracer, cache_directory, LIMITS)
    assert seen.report.completeness.status == "complete", seen.reasons
    modules = {f"ends.{name}" for name in hostile.ENDS}
    assert modules <= seen.begun
    gone = {"ends.a_exit", "ends.b_crash", "ends.e_close", "ends.j_reuse", "ends.k_forge"}
    if (sandbox, tracer) == ("docker", "kernel"):
        gone.add("ends.g_kill_parent")  # a command of the engine's has no parent in there: number 0 is its own group
    assert modules - set(seen.ended) == gone
    assert seen.ended["ends.c_system_exit"] == "SystemExit: 4"
    assert seen.ended["ends.d_interrupt"].startswith("KeyboardInterrupt")
    assert seen.ended["ends.h_raise"] == "ValueError: last words"
    assert seen.phase("import").status == "ok"  # the package itself is there, only parts of it are not
    assert "/home/alex/last" in created(seen.report)
    assert "/home/alex/late.txt" in created(seen.report)


def test_memory(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    limits = replace(LIMITS, memory_bytes=256 * MIB)
    seen = run(package(tmp_path, "hog", a=hostile.MEMORY, b=AFTER), sandbox, tracer, cache_directory, limits)
    assert seen.report.completeness.status == "incomplete"
    assert "memory limit of 256 MiB" in seen.reasons
    assert "supervisor" not in seen.reasons
    assert "/home/alex/after" in created(seen.report)
    assert seen.report.sandbox.usage is not None
    assert seen.report.sandbox.usage.peak_memory_bytes < 2048 * MIB


@pytest.mark.parametrize("bomb", [hostile.FORK_BOMB, hostile.THREADS], ids=["processes", "threads"])
def test_processes(bomb: str, sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    limits = replace(LIMITS, processes=100)
    seen = run(package(tmp_path, "bomb", a=bomb, b=AFTER), sandbox, tracer, cache_directory, limits)
    assert seen.report.completeness.status == "incomplete"
    assert "limit of 100 processes" in seen.reasons
    assert "supervisor" not in seen.reasons
    assert "/home/alex/after" in created(seen.report)
    assert seen.report.sandbox.usage is not None
    assert seen.report.sandbox.usage.max_processes <= limits.hard_processes + 8


def test_what_can_be_used_up(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    limits = Limits().with_timeout(60)
    limits = replace(limits, memory_bytes=256 * MIB, disk_bytes=80 * MIB, files=16_000, tree_entries=8_000)
    seen = run(package(tmp_path, "takers", **hostile.TAKERS, z=""), sandbox, tracer, cache_directory, limits)
    taken = dict(re.findall(r"^(\S+) (\d+ \S+)$", "".join(seen.output.values()), re.MULTILINE))
    full = {
        folder: (int(taken[folder].split()[0]), taken[folder].split()[1])
        for folder in ("/home/alex", "/tmp", "/dev/shm")
    }
    assert {folder: error for folder, (_, error) in full.items()} == dict.fromkeys(full, "ENOSPC")
    assert full["/home/alex"][0] <= 60
    assert full["/tmp"][0] <= 20
    assert full["/dev/shm"][0] <= 64
    assert free - shutil.disk_usage(tmp_path).free < 1024 * MIB  # others write too; 4 GiB would show
    assert "memory" not in taken  # it was ended before it had all
    assert 4000 <= int(taken["descriptors"].split()[0]) < 4096
    assert taken["messages"].endswith("ETOOMANYREFS")
    assert {"segments", "queues", "semaphores", "watchers", "mail"} <= taken.keys()
    assert taken["large"] == "0 EFBIG"
    assert taken["links"].endswith("ENOSPC")
    assert int(taken["links"].split()[0]) < 12_000
    assert taken["files"].endswith("ENOSPC")
    assert int(taken["files"].split()[0]) < 4_000
    for reason in (
        "the memory limit of 256 MiB was passed",
        "the limit of 60 MiB in /home/alex was reached",
        "the limit of 20 MiB in /tmp was reached",
        "the limit of 64 MiB in /dev/shm was reached",
        "the limit of 12000 files in /home/alex was reached",
        "the limit of 4000 files in /tmp was reached",
        "calls failed because a limit was reached: room for files",
        "calls failed because a limit was reached: open files",
        "calls failed because a limit was reached: open files in messages",
        "calls failed because a limit was reached: the size of a file",
        "the tree after import: more than 8000 files: the rest was not compared",
    ):
        assert reason in seen.reasons
    assert "supervisor" not in seen.reasons
    # Which process the kernel ends for its memory is up to that; here it may be the one that imports.
    assert {f"takers.{name}" for name in (*hostile.TAKERS, "z")} - seen.ended.keys() <= {"takers.b_memory"}
    assert seen.report.completeness.status == "incomplete"
    assert len(seen.report.model_dump_json()) < 20 * MIB


def test_processes_that_do_not_want_to_end(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    limits = replace(Limits().with_timeout(60), subject_seconds=1.5)
    seen = run(package(tmp_path, "stubborn", **hostile.STUBBORN, z=AFTER), sandbox, tracer, cache_directory, limits)
    assert seen.report.completeness.status == "incomplete"
    for name in ("b_stopped", "c_uninterruptible", "d_busy"):
        assert f"stubborn.{name} was cut after 1.5 s" in seen.reasons
    assert "supervisor" not in seen.reasons
    assert seen.phase("import").duration_seconds < 50
    assert "/home/alex/after" in created(seen.report)


def test_output(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    limits = replace(LIMITS, output_bytes=1 * MIB)
    seen = run(package(tmp_path, "loud", a=hostile.OUTPUT, b=AFTER), sandbox, tracer, cache_directory, limits)
    assert seen.report.completeness.status == "incomplete"
    assert f"the output was cut after {MIB} bytes" in seen.reasons
    assert len(seen.output["03-import"]) == MIB
    assert "/home/alex/after" in created(seen.report)


def test_the_log_of_system_calls(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    module = "import os\nwhile True:\n    os.chdir('.')\n"
    limits = replace(LIMITS, trace_bytes=1 * MIB)
    seen = run(package(tmp_path, "calls", a=module), sandbox, tracer, cache_directory, limits)
    assert seen.report.completeness.status == "incomplete"
    assert f"the trace grew beyond {MIB} bytes" in seen.reasons


def test_time(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    seen = run(
        package(tmp_path, "sleeper", a=hostile.SLEEP, b=AFTER),
        sandbox,
        tracer,
        cache_directory,
        Limits().with_timeout(3),
    )
    assert seen.report.completeness.status == "incomplete"
    assert [phase.name for phase in seen.report.phases] == ["install", "startup", "import", "execute"]
    assert seen.phase("import").status == "timeout"
    assert "sleeper.a was cut after 1 s" in seen.phase("import").detail
    assert seen.phase("execute").status == "skipped"
    assert "/home/alex/after" in created(seen.report)


def test_an_entry_point_that_serves_forever(sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path) -> None:
    wheel = make_wheel(
        tmp_path,
        "server",
        modules={"server.py": hostile.SERVER},
        entry_points={"console_scripts": {"serve": "server:main"}},
    )
    seen = run(wheel, sandbox, tracer, cache_directory, Limits().with_timeout(3))
    assert seen.phase("import").status == "ok"
    assert seen.phase("execute").status == "timeout"
    assert "serve --help was cut" in seen.phase("execute").detail
    assert seen.output["04-execute"] == "serving\n"


def test_a_thread_that_stays_does_not_hold_the_run_up(
    sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path
) -> None:
    seen = run(package(tmp_path, "thread", a=hostile.THREAD_THAT_STAYS), sandbox, tracer, cache_directory, Limits())
    assert seen.report.completeness.status == "complete", seen.reasons
    assert seen.phase("import").status == "ok"
    assert seen.phase("import").duration_seconds < 30


def test_an_interpreter_that_ends_at_its_start(
    sandbox: str, tracer: str, tmp_path: Path, cache_directory: Path
) -> None:
    wheel = make_wheel(tmp_path, "dead", modules={"dead.py": "", "dead.pth": hostile.ENDS_AT_START})
    seen = run(wheel, sandbox, tracer, cache_directory, LIMITS)
    assert seen.phase("startup").status == "failed"
    assert "1 of 1 modules were not imported: the interpreter ended before" in seen.reasons
