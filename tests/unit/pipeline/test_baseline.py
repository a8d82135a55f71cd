"""An empty package is run once for each place, kept, and run again where what was kept is not to be used."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from analyzer.acquire import Cache
from analyzer.errors import AcquireError, SandboxError
from analyzer.kept import keep
from analyzer.model.package import Acquisition, Role, ServedFile
from analyzer.pipeline import baseline, empty
from analyzer.pipeline.baseline import add_baseline
from analyzer.sandbox.interface import Limits, Manner, Progress, RunFacts, Sandbox
from analyzer.store.baseline import Baseline
from analyzer.store.record import Record
from tests.unit.pipeline.recording import SITE, Recording

FACTS = RunFacts("embedded", "bubblewrap", "strace", "3.11.2", "simulated", None, ())
IMPORTED = '{"begin": "emptypackage"}\n{"end": "emptypackage", "error": ""}\n{"done": true}\n'


@dataclass
class Fake(Sandbox):
    """A sandbox whose every run leaves the same small record."""

    facts: RunFacts = FACTS
    interpreter: str = "one"
    error: str = ""
    status: str = "ok"
    left: str = ""
    runs: list[tuple[Acquisition, Limits, Manner]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return "embedded"

    @property
    def identity(self) -> str:
        return self.interpreter

    def description(self) -> str:
        return "{}"

    def run(
        self, acquisition: Acquisition, record: Path, limits: Limits, manner: Manner, progress: Progress
    ) -> RunFacts:
        assert acquisition.target.path.read_bytes() == empty.content(
            "wheel" if len(acquisition.files) == 1 else "sdist"
        )
        self.runs.append((acquisition, limits, manner))
        if self.error:
            raise SandboxError(self.error)
        recording = Recording(record)
        module = {"name": empty.NAME, "requested": True, "files": [f"{SITE}/{empty.NAME}.py"], "modules": [empty.NAME]}
        recording.distributions([module | {"scripts": [empty.NAME]}])
        recording.step("install", argv=["/opt/uv/uv"])
        recording.step("startup", 'openat(AT_FDCWD, "/etc/localtime", O_RDONLY) = 3', status=self.status)
        recording.step("import", driver=IMPORTED)
        recording.step("execute", kind="script", subject=empty.NAME)
        recording.end([self.left] if self.left else [])
        return self.facts

    def close(self) -> None:
        return


@dataclass
class Bench:
    """A cache, and one analysis after the other held against what it has."""

    folder: Path
    said: list[str] = field(default_factory=list)

    def add(
        self,
        sandbox: Fake,
        acquisition: Acquisition | None = None,
        facts: RunFacts = FACTS,
        manner: Manner | None = None,
    ) -> Baseline:
        record = self.folder / f"record-{len(list(self.folder.iterdir()))}"
        record.mkdir()
        cache = Cache(self.folder / "cache")
        cache.prepare()
        add_baseline(sandbox, acquisition or target(), facts, manner or Manner(), cache, record, self.said.append)
        found = Record(record).baseline()
        assert found is not None
        return found

    @property
    def kept(self) -> list[Path]:
        return [path for path in (self.folder / "cache" / "baselines-1").rglob("*") if path.is_file()]


CODE = "analyzer.pipeline.baseline._code"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(CODE, lambda: "this version's code")
    (tmp_path / "cache").mkdir()
    return Bench(tmp_path)


def served(filename: str, role: Role, project: str) -> ServedFile:
    return ServedFile(filename, Path("unused"), "0" * 64, 10, role, project)


def target(*more: ServedFile, filename: str = "sample-1.0-py3-none-any.whl") -> Acquisition:
    return Acquisition("sample", "1.0", "requirement", (), (served(filename, "target", "sample"), *more))


SETUPTOOLS = served("setuptools-80.0-py3-none-any.whl", "build", "setuptools")
WHEEL = served("wheel-0.45-py3-none-any.whl", "build", "wheel")
HATCHLING = served("hatchling-1.0-py3-none-any.whl", "build", "hatchling")


def test_it_is_measured_once(bench: Bench) -> None:
    sandbox = Fake()
    first, second = bench.add(sandbox), bench.add(sandbox)
    assert len(sandbox.runs) == 1
    assert bench.said == ["measuring an empty package"]
    assert first == second
    assert [event.detail["path"] for event in first.events if event.kind == "file.open"] == ["/etc/localtime"]
    assert first.measured["tracer"] == "strace"


def test_it_is_run_within_the_default_limits_and_without_the_users_driver(bench: Bench) -> None:
    sandbox = Fake()
    bench.add(sandbox, manner=Manner(installer="pip", driver=Path("/home/me/driver.py"), callables=False))
    (_, limits, manner) = sandbox.runs[0]
    assert limits == Limits()
    assert manner == Manner(installer="pip")


def test_each_place_has_its_own(bench: Bench) -> None:
    sandbox = Fake()
    bench.add(sandbox)
    for facts in (replace(FACTS, runtime="runsc"), replace(FACTS, python="3.12.1"), replace(FACTS, backend="docker")):
        bench.add(sandbox, facts=facts)
    bench.add(sandbox, manner=Manner(installer="pip"))
    bench.add(Fake(interpreter="two", runs=sandbox.runs))
    bench.add(Fake(replace(FACTS, tracer="kernel"), runs=sandbox.runs), facts=replace(FACTS, tracer="kernel"))
    assert len(sandbox.runs) == len(bench.kept) == 7


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "missing": "x"}', '{"format": 9}', "\0" * 100]
)
def test_a_damaged_one_is_measured_again(bench: Bench, text: str) -> None:
    sandbox = Fake()
    good = bench.add(sandbox)
    (kept,) = bench.kept
    kept.write_text(text)
    assert bench.add(sandbox) == good
    assert len(sandbox.runs) == 2
    assert bench.add(sandbox) == good
    assert len(sandbox.runs) == 2


def test_that_of_other_code_is_not_used(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = Fake()
    bench.add(sandbox)
    monkeypatch.setattr(CODE, lambda: "a newer version's code")
    bench.add(sandbox)
    assert len(sandbox.runs) == len(bench.kept) == 2


def test_a_changed_probe_is_other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hood").mkdir()
    probe = tmp_path / "hood" / "probe.py"
    probe.write_text("one")
    monkeypatch.setattr(baseline, "probes_directory", lambda: tmp_path)
    (tmp_path / "__pycache__").mkdir()
    first = baseline._code()
    (tmp_path / "__pycache__" / "probe.pyc").write_text("compiled")
    assert baseline._code() == first
    probe.write_text("other")
    assert baseline._code() != first


def test_that_of_another_place_is_not_used(bench: Bench) -> None:
    sandbox = Fake()
    bench.add(sandbox)
    (kept,) = bench.kept
    document = json.loads(kept.read_bytes().partition(b"\n")[2])
    document["measured"]["tracer"] = "kernel"
    keep(kept, json.dumps(document).encode())
    bench.add(sandbox)
    assert len(sandbox.runs) == 2


@pytest.mark.parametrize(
    ("sandbox", "why"),
    [
        (Fake(error="no namespaces here"), "the run of an empty package failed: no namespaces here"),
        (Fake(left="the probe fell silent"), "the run of an empty package was not complete (the probe fell silent)"),
        (Fake(status="failed"), "the run of an empty package was not complete (startup failed: ended with status 1)"),
        (
            Fake(replace(FACTS, tracer="kernel")),
            "the run of an empty package was traced by kernel, not by strace",
        ),
    ],
)
def test_where_it_cannot_be_had_the_record_says_why_and_nothing_is_kept(bench: Bench, sandbox: Fake, why: str) -> None:
    found = bench.add(sandbox)
    assert (found.missing, found.events) == (why, ())
    assert bench.kept == []
    bench.add(sandbox)
    assert len(sandbox.runs) == 2


@pytest.mark.parametrize(
    ("acquisition", "files"),
    [
        (target(), []),
        (target(served("other-1.0.tar.gz", "dependency", "other"), SETUPTOOLS, WHEEL, HATCHLING), [SETUPTOOLS, WHEEL]),
        (target(SETUPTOOLS, WHEEL, filename="sample-1.0.tar.gz"), [SETUPTOOLS, WHEEL]),
        (target(HATCHLING, filename="sample-1.0.tar.gz"), []),
        (target(SETUPTOOLS), []),
    ],
)
def test_it_is_built_where_the_target_is_and_setuptools_is_served(
    bench: Bench, acquisition: Acquisition, files: list[ServedFile]
) -> None:
    sandbox = Fake()
    found = bench.add(sandbox, acquisition)
    (package, _, _) = sandbox.runs[0]
    assert list(package.files[1:]) == files
    assert found.measured["form"] == package.kind == ("sdist" if files else "wheel")
    assert package.target.filename == empty.filename("sdist" if files else "wheel")


def test_only_what_is_built_can_be_editable(bench: Bench) -> None:
    sandbox = Fake()
    bench.add(sandbox, target(SETUPTOOLS, WHEEL, filename="sample-1.0.tar.gz"), manner=Manner(editable=True))
    bench.add(sandbox, target(HATCHLING, filename="sample-1.0.tar.gz"), manner=Manner(editable=True))
    assert [manner.editable for _, _, manner in sandbox.runs] == [True, False]


def test_a_cache_that_cannot_be_written_any_more_costs_no_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise AcquireError("the cache is full")

    monkeypatch.setattr(Cache, "keep", full)
    assert bench.add(Fake()).events
    assert bench.said[-1] == "what an empty package showed is not kept: the cache is full"
