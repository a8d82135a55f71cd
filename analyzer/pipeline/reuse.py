"""Reports that are used again: an analysis of the same files in the same way shows the same, and takes seconds.

A complete report is kept in the cache under a digest of everything that decides what it says: the acquired files, the options of the
run, the sandbox's interpreter, and the files of this version. It is kept as it was before a corpus and a policy were asked, so that
those of today decide; what the index and lists of vulnerabilities say of the project is asked anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pydantic import ValidationError

import analyzer
from analyzer.acquire import Cache, Index
from analyzer.errors import AcquireError
from analyzer.model.package import Acquisition
from analyzer.model.report import Report
from analyzer.pipeline.analyze import Options, acquired, analyze_acquired, choose_sandbox
from analyzer.pipeline.asking import advisories_of, ask, looked_up
from analyzer.pipeline.code import digest, states
from analyzer.pipeline.project import renewed
from analyzer.resources import probes_directory
from analyzer.rules.loader import Ruleset, ruleset
from analyzer.sandbox.interface import Manner, Progress, Sandbox

KIND: Final = "reports-1"
"""The folder of kept reports in the cache; the number changes with what they are kept under."""

_NO_PART: Final = frozenset({"cli", "render", "policy", "corpus"})
"""Packages of the analyzer that only tell, judge or compare what a report says."""

_CHUNK: Final = 1024 * 1024

Check = Callable[[Acquisition], None]
"""Looks at what was acquired before anything of it runs; raises AcquireError to refuse it."""


@dataclass(frozen=True, slots=True)
class Result:
    """A report, and whether it is one that was kept."""

    report: Report
    reused: bool


class Bench:
    """A sandbox that stays open for one target after the other. Use it as a context manager.

    Args:
        options: How to analyse.
        cache: Where files and reports are kept.
        fresh: Whether every target is run, even where a report was kept.
    """

    def __init__(self, options: Options, cache: Cache, *, fresh: bool = False) -> None:
        self._options = options
        self._cache = cache
        self._fresh = fresh
        self._sandbox: Sandbox | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._sandbox is not None:
            self._sandbox.close()

    @cached_property
    def rules(self) -> Ruleset:
        """The rules by which reports are made. Raises UsageError where the user's own are wrong."""
        return ruleset(self._options.rules)

    def sandbox(self, progress: Progress) -> Sandbox:
        """The sandbox, opened when it is first needed. Raises as `choose_sandbox` does."""
        if self._sandbox is None:
            self._sandbox = choose_sandbox(self._options, self._cache.root, progress)
        return self._sandbox

    def report(self, target: str, index: Index, progress: Progress, check: Check | None = None) -> Result:
        """The report of a requirement, an archive or a directory: a kept one, or that of a run. Raises as `analyze` does."""
        sandbox = self.sandbox(progress)
        rules = self.rules  # while the kernel tracer is loaded
        acquisition = acquired(target, sandbox, self._options, self._cache, index, progress)
        if check is not None:
            check(acquisition)
        said = ask(acquisition, index)
        key = report_key(acquisition, sandbox, self._options)
        report = None if self._fresh else kept_report(self._cache, key)
        if report is not None:
            known = looked_up(said, acquisition.name, report.package.version, advisories_of(self._options.osv))
            return Result(renewed(report, known), reused=True)
        report = analyze_acquired(acquisition, sandbox, self._options, self._cache, rules, progress, said)
        keep_report(self._cache, key, report, progress)
        return Result(report, reused=False)


def report_key(acquisition: Acquisition, sandbox: Sandbox, options: Options) -> str:
    """What a report is kept under, in hexadecimal. Raises SandboxError where the sandbox cannot tell its interpreter."""
    files = [(one.filename, one.sha256, one.role) for one in acquisition.files]
    everything: list[Any] = [
        [acquisition.name, acquisition.version, acquisition.kind, acquisition.extras, files],
        [sandbox.name, sandbox.identity, options.runtime, options.tracer],
        # What decides which tracer this host lets us have.
        [os.geteuid(), platform.release()],
        asdict(options.limits),
        _manner(options.manner),
        [analyzer.__version__, _code(), sorted(_own_rules(options.rules))],
    ]
    return hashlib.sha256(json.dumps(everything).encode("utf-8", "surrogateescape")).hexdigest()


def kept_report(cache: Cache, key: str) -> Report | None:
    """The report that was kept under a key; None where there is none that can be read."""
    document = cache.document(KIND, key)
    if document is None:
        return None
    try:
        return Report.model_validate_json(document)
    except ValidationError:
        return None


def keep_report(cache: Cache, key: str, report: Report, progress: Progress) -> None:
    """Keeps a complete report. A cache that can no longer be written costs only the time of another run."""
    if report.completeness.status != "complete":
        return
    try:
        cache.keep(KIND, key, report.model_dump_json().encode())
    except AcquireError as error:
        progress(f"the report is not kept: {error}")


def _manner(manner: Manner) -> list[Any]:
    """How the phases are carried out, with digests of the user's own files in it."""
    plain = asdict(replace(manner, driver=None, answers=None))
    answers = manner.answers
    return [
        plain,
        _content(manner.driver) if manner.driver is not None else "",
        repr(answers.answers) if answers is not None else "",
        [(one.host, one.path, one.type, _content(one.file)) for one in answers.files] if answers is not None else [],
        sorted((name, _content(path)) for name, path in answers.bodies.items()) if answers is not None else [],
    ]


def _own_rules(folders: tuple[Path, ...]) -> list[str]:
    """The user's own rule files, by their content: they may be edited within the same second."""
    return [_content(path) for folder in folders for path in folder.glob("*.yaml")]


def _content(path: Path) -> str:
    """A digest of a file of the user's; nothing for one that is gone, which whoever needs it tells."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
    except OSError:
        return ""
    return found.hexdigest()


def _code() -> str:
    """A digest of what this version is made of, as far as it decides what a report says."""
    own = Path(__file__).resolve().parents[1]
    return digest([*sorted(states(str(own), _NO_PART)), *sorted(states(str(probes_directory())))])
