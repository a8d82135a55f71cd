"""Records that are kept: which target is one, how a run becomes one, and how one is opened again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import analyzer
from analyzer.archives.archive import ARCHIVE_SUFFIXES
from analyzer.errors import UsageError
from analyzer.model.package import Acquisition
from analyzer.sandbox.interface import RunFacts
from analyzer.sandbox.leftovers import owned_folder
from analyzer.store.archive import is_record, pack
from analyzer.store.manifest import Analysed, Facts, Origin, RecordedUsage
from analyzer.store.record import Record
from analyzer.store.unpacking import unpack

SUFFIX: Final = ".record"


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of a run beside its record. `generator` is the fumehood that ran it, `created` when that began."""

    acquisition: Acquisition
    facts: RunFacts
    created: datetime
    generator: str = f"fumehood {analyzer.__version__}"


def acquisition_name(acquisition: Acquisition) -> str:
    """Name and version, as far as that is known."""
    return f"{acquisition.name} {acquisition.version}".strip()


def record_path(target: str) -> Path | None:
    """The path of the record that a target names, or None where it names something else.

    Whatever ends in `.record` and is no folder names one. Any other path does by the file's first bytes, unless it has the
    ending of a package: what a package's file holds must not keep it from being analysed. A word without a separator is
    a requirement, even where a file of that name lies about.
    """
    path = Path(target)
    if "\0" in target or not target.strip():
        return None
    try:
        if target.endswith(SUFFIX):
            return None if path.is_dir() else path
        is_package = target.endswith(ARCHIVE_SUFFIXES)
        return path if "/" in target and not is_package and path.is_file() and is_record(path) else None
    except OSError:
        return None


def check_name(path: Path) -> None:
    """Sees that a record written to a path would be taken for one again.

    Raises:
        UsageError: It is named like a package.
    """
    if path.name.endswith(ARCHIVE_SUFFIXES):
        raise UsageError(f"-o record={path}: it would be taken for a package; name a file that ends in {SUFFIX}")


def keep(record: Record, run: Run, stream: BinaryIO) -> None:
    """Writes a record and what is known of its run as one archive. Raises RecordError where it is too large."""
    facts = run.facts
    origin = Origin(
        generator=run.generator,
        created=run.created,
        acquisition=Analysed.of(run.acquisition),
        facts=Facts(
            backend=facts.backend,
            runtime=facts.runtime,
            tracer=facts.tracer,
            python=facts.python,
            network=facts.network,
            usage=RecordedUsage.of(facts.usage),
            reasons=facts.reasons,
            tracer_note=facts.tracer_note,
            limits=facts.limits,
        ),
    )
    pack(record.folder, origin, stream)


@contextmanager
def opened(path: Path) -> Iterator[tuple[Record, Run]]:
    """A record archive, unpacked into a temporary folder that is gone afterwards. Raises RecordError where it is refused."""
    with owned_folder() as folder:
        origin = unpack(path, folder)
        facts = origin.facts
        run_facts = RunFacts(
            backend=facts.backend,
            runtime=facts.runtime,
            tracer=facts.tracer,
            python=facts.python,
            network=facts.network,
            usage=facts.usage.usage() if facts.usage else None,
            reasons=facts.reasons,
            tracer_note=facts.tracer_note,
            limits=facts.limits,
        )
        yield (
            Record(folder, str(path)),
            Run(origin.acquisition.acquisition(), run_facts, origin.created, origin.generator),
        )
