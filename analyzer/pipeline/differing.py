"""What two reports differ in beside what the packages did: sentences that say how far a comparison of them can be trusted."""

from __future__ import annotations

from collections.abc import Collection

from analyzer.model.report import Report
from analyzer.trace.authors.installed import normal


def notes(a: Report, b: Report, *, by_target: bool) -> list[str]:
    """What a reader has to know before a difference; A and B are the reports in their order."""
    found = [_incomplete("A", a), _incomplete("B", b), _packages(a, b), _same_files(a, b), _places(a, b), _clocks(a, b)]
    if a.generator != b.generator:
        found.append(
            f"A is by {a.generator}, B by {b.generator}: what is new may be what fumehood learned meanwhile; "
            "analyse or judge both with one version"
        )
    if not by_target:
        found.append(
            "a report of an earlier fumehood has no targets: acts are held against each other by their evidence's text, "
            "in which what every run makes anew seems new"
        )
    found += [_cut("A", a), _cut("B", b)]
    return [one for one in found if one]


def limits(a: Report, b: Report, ids: Collection[str]) -> list[str]:
    """Which of these behaviors seem to differ because one of the two places shows less of them."""
    found = []
    of_a, of_b = ({one.behavior for one in report.sandbox.limits} & set(ids) for report in (a, b))
    for side, limited in (("A", of_a - of_b), ("B", of_b - of_a)):
        if limited:
            found.append(
                f"where {side} ran, these cannot be seen as well as where the other one did: {', '.join(sorted(limited))}"
            )
    return found


def _incomplete(side: str, report: Report) -> str:
    status = report.completeness.status
    if status == "complete":
        return ""
    what = (
        "what it lacks may only not have been seen"
        if side == "A"
        else "more may be new, and nothing is known to be gone"
    )
    return f"{side} is {status}: {what}"


def _packages(a: Report, b: Report) -> str:
    one, other = a.package.name, b.package.name
    return f"A and B are different packages: {one} and {other}" if normal(one) != normal(other) else ""


def _same_files(a: Report, b: Report) -> str:
    one, other = ({file.sha256 for file in report.package.files if file.role == "target"} for report in (a, b))
    return "A and B are the same file" if one and one == other else ""


def _places(a: Report, b: Report) -> str:
    one, other = _place(a), _place(b)
    return f"A ran in {one}, B in {other}: a difference may be that of the place" if one != other else ""


def _place(report: Report) -> str:
    sandbox = report.sandbox
    python = ".".join(sandbox.python.split(".")[:2])
    return f"{sandbox.backend} with {sandbox.tracer}, Python {python} and a {sandbox.network} network"


def _clocks(a: Report, b: Report) -> str:
    ahead = [side for side, report in (("A", a), ("B", b)) if report.sandbox.clock is not None]
    return f"only in {ahead[0]} the package was run again at later dates" if len(ahead) == 1 else ""


def _cut(side: str, report: Report) -> str:
    count = sum(one.count for one in report.left_out if one.part.startswith(("behaviors", "issues", "texts")))
    return (
        f"{side} was too large and lacks {count:,} entries or texts: what it lacks may have been there" if count else ""
    )
