"""The baseline of a run: what an empty package shows in the same sandbox, by the same tracer, interpreter and installer.

It is measured once for each of these and kept in the cache; the record of every run has the one that it is held against.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from analyzer.acquire import Cache
from analyzer.errors import AcquireError, FumehoodError
from analyzer.kept import replacing
from analyzer.model.package import Acquisition, ServedFile
from analyzer.pipeline import empty
from analyzer.pipeline.code import digest, state, states
from analyzer.pipeline.judging.completeness import completeness
from analyzer.pipeline.judging.reading import read_record
from analyzer.pipeline.judging.subtraction import fingerprints, reported
from analyzer.resources import probes_directory
from analyzer.sandbox.interface import Limits, Manner, Progress, RunFacts, Sandbox
from analyzer.sandbox.leftovers import owned_folder
from analyzer.sandbox.tools import find_tool
from analyzer.store.baseline import MAX_EVENTS, Baseline
from analyzer.store.record import BASELINE, Record

_KIND: Final = "baselines-1"
_BUILDERS: Final = frozenset({"setuptools", "wheel"})
_FOLDERS: Final = ("sandbox", "trace")
_MODULES: Final = ("baseline.py", "empty.py", "judging/reading.py", "judging/subtraction.py")
"""What of the analyzer decides what an empty package's run shows, and how it is told: whole packages, and of this one these modules."""


def add_baseline(
    sandbox: Sandbox,
    acquisition: Acquisition,
    facts: RunFacts,
    manner: Manner,
    cache: Cache,
    folder: Path,
    progress: Progress,
) -> str:
    """Puts the baseline of a run into its record, whose folder this is; it is measured first where the cache has none.

    Where it cannot be had, the record says why. Gives the reason why the record cannot take it, or nothing.
    """
    package = _empty(acquisition)
    # All that any run can be told to do: a run that does less needs less of it.
    manner = Manner(
        manner.installer, editable=manner.editable and package.kind == "sdist", fast_clock=manner.fast_clock
    )
    measured = _measured_under(sandbox, facts, manner, package)
    document = cache.document(_KIND, measured["digest"])
    if document is None or not _is_of(document, measured):
        progress("measuring an empty package")
        baseline = _measured(sandbox, package, facts, manner, cache, measured)
        document = baseline.model_dump_json(exclude_defaults=True).encode()
        if not baseline.missing:
            _keep(document, measured, cache, progress)
    try:
        with replacing(folder / BASELINE) as stream:
            stream.write(document)
    except OSError as error:
        return f"what an empty package shows could not be written into the record: {error.strerror or error}"
    return ""


def _empty(acquisition: Acquisition) -> Acquisition:
    """The empty package for a target; its own file is not written yet.

    An sdist where something of the target's is built, as long as what that takes is served.
    """
    builders = tuple(
        file
        for file in acquisition.files
        if file.role == "build" and file.project in _BUILDERS and file.filename.endswith(".whl")
    )
    builds = any(not file.filename.endswith(".whl") for file in acquisition.files)
    form: empty.Form = "sdist" if builds and any(file.project == "setuptools" for file in builders) else "wheel"
    data = empty.content(form)
    target = ServedFile(empty.filename(form), Path(), hashlib.sha256(data).hexdigest(), len(data), "target", empty.NAME)
    return Acquisition(empty.NAME, empty.VERSION, form, (), (target, *(builders if form == "sdist" else ())))


def _measured_under(sandbox: Sandbox, facts: RunFacts, manner: Manner, package: Acquisition) -> dict[str, str]:
    """What decides what an empty package shows: in words, and the whole of it as a digest, since a record tells no paths of a machine."""
    told = {
        "sandbox": facts.backend,
        "runtime": facts.runtime,
        "tracer": facts.tracer,
        "python": facts.python,
        "installer": manner.installer,
        "form": "editable" if manner.editable else package.kind,
    } | ({"clock": "fast"} if manner.fast_clock else {})
    files = [file.sha256 for file in package.files]
    everything = [told, sandbox.identity, state(find_tool("uv")), files, _code()]
    return told | {"digest": hashlib.sha256(json.dumps(everything).encode()).hexdigest()}


def _code() -> str:
    """A digest of names, sizes and times of all files that have a part in it. Reading them would take ten times as long."""
    own = Path(__file__).resolve().parent
    lines = [state(own / name) for name in _MODULES]
    for folder in (probes_directory(), *(own.parent / name for name in _FOLDERS)):
        lines += sorted(states(str(folder)))
    return digest(lines)


def _keep(document: bytes, measured: dict[str, str], cache: Cache, progress: Progress) -> None:
    """Keeps it for the next run. A cache that can no longer be written only costs that one time: this run is over and is to be told."""
    try:
        cache.keep(_KIND, measured["digest"], document)
    except AcquireError as error:
        progress(f"what an empty package showed is not kept: {error}")


def _is_of(document: bytes, measured: dict[str, str]) -> bool:
    """Whether what the cache has is a baseline of the same."""
    try:
        found = Baseline.model_validate_json(document)
    except ValidationError:
        return False
    return found.measured == measured and not found.missing


def _measured(
    sandbox: Sandbox,
    package: Acquisition,
    facts: RunFacts,
    manner: Manner,
    cache: Cache,
    measured: dict[str, str],
) -> Baseline:
    """Runs the empty package. Within the default limits, so that a run with narrow ones has the same baseline."""
    try:
        with owned_folder() as folder:
            own = sandbox.run(_served(package, cache), folder, Limits(), manner, _say_nothing)
            return _read(Record(folder), package, own, facts, measured)
    except FumehoodError as error:
        return Baseline(missing=_shortened(f"the run of an empty package failed: {error}"))


def _served(package: Acquisition, cache: Cache) -> Acquisition:
    """The empty package with its file in the cache."""
    target = package.target
    data = empty.content("wheel" if target.filename.endswith(".whl") else "sdist")
    stored = cache.add(target.filename, lambda sink: sink.write(data), sha256=target.sha256)
    return replace(package, files=(replace(target, path=stored.path), *package.files[1:]))


def _read(record: Record, package: Acquisition, own: RunFacts, facts: RunFacts, measured: dict[str, str]) -> Baseline:
    if own.tracer != facts.tracer:
        return Baseline(missing=f"the run of an empty package was traced by {own.tracer}, not by {facts.tracer}")
    reading = read_record(record)
    account = completeness(record, reading, own, ())
    reasons = [f"{phase.name} {phase.status}: {phase.detail}" for phase in reading.phases if phase.status != "ok"]
    if account.status != "complete" or reasons:
        why = "; ".join([*account.reasons, *reasons])
        return Baseline(missing=_shortened(f"the run of an empty package was not complete ({why})"))
    counts = fingerprints(record, reading, package).counted(reported(reading.events))
    if len(counts) > MAX_EVENTS:
        return Baseline(missing=f"the run of an empty package shows {len(counts)} different acts, more than are kept")
    return Baseline.of(counts, measured)


def _say_nothing(stage: str) -> None:
    """The phases of the empty package are told to nobody."""
    del stage


def _shortened(text: str) -> str:
    return text[:1000]
