"""Reports and entries of packages that did this and that, on a day."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.corpus.entry import Entry, Sighting
from analyzer.model.report import Completeness, Content, Package, Report
from tests.unit.render.sample import behavior, evidence, package_file, quiet_report

READS = "steal.ssh-key.read"
CONNECTS = "network.tcp.connect"


def report(
    name: str,
    behaviors: Iterable[str] = (),
    *,
    day: int = 1,
    version: str = "1.0",
    kinds: Iterable[str] = (),
    requires: Iterable[str] = (),
    status: str = "complete",
    **changes: object,
) -> Report:
    """A report of a package, made on a day of January 2025."""
    return quiet_report(
        created=f"2025-01-{day:02}T12:00:00Z",
        package=Package(name=name, version=version, files=[package_file(f"{name}-{version}.whl", day)]),
        completeness=Completeness.model_validate(
            {"status": status, "reasons": [] if status == "complete" else ["a log was cut"], "events": 1, "dropped": 0}
        ),
        behaviors=[behavior(one, "A title", "high", [evidence("x", 1)]) for one in behaviors],
        content=Content(files=1, bytes=1, kinds=list(kinds), requires=list(requires)),
        **changes,
    )


def entry(name: str = "six", behaviors: Iterable[str] = (), **changes: object) -> Entry:
    """What is kept of such a report."""
    fields: dict[str, object] = {
        "name": name,
        "version": "1.0",
        "analysed": "2025-01-01T12:00:00Z",
        "fumehood": "0.1.0",
        "backend": "embedded",
        "tracer": "kernel",
        "python": "3.11.2",
        "digests": ["ab" * 32],
        "behaviors": [Sighting(id=one, phases=["import"]) for one in behaviors],
        "issues": [],
        "kinds": [],
        "requires": [],
    }
    return Entry.model_validate(fields | changes)
