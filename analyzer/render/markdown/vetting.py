"""Many packages as one Markdown document, for a comment on the pull request that changes a list of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from analyzer.render.markdown.report import MAX_CHARACTERS, Room, issue_text, reasons
from analyzer.render.markdown.text import code, text
from analyzer.render.selection import severity_rank
from analyzer.render.units import plural

if TYPE_CHECKING:
    from analyzer.model.vetting import VettedPackage, Vetting

_ROWS: Final = 100
_ISSUES: Final = 5
_TABLE: Final = 30_000
_NOTES: Final = 20
_RESERVE: Final = 2_000


def render_vetting(vetting: Vetting, packages: Iterable[VettedPackage]) -> str:
    """Verdict and counts, a table of all, and of those that are not approved the reasons and issues."""
    rows: list[str] = []
    details: list[str] = []
    for one in packages:  # each has its report, which is not kept
        rows.append(_row(one))
        if one.decision in {"REVIEW", "REJECT"} and len(details) < _ROWS:
            details.append(_details(one))
    room = Room(MAX_CHARACTERS - _RESERVE)
    parts = [f"### {_headline(vetting)}\n", f"Policy: {text(vetting.policy)}.\n"]
    parts += _table(rows, room)
    parts += room.take(details, "packages")
    parts += room.take((f"- passed over: {text(note)}" for note in vetting.notes[:_NOTES]), "notes")
    return "\n".join(parts).rstrip("\n") + "\n"


def _headline(vetting: Vetting) -> str:
    numbers = vetting.numbers
    counts = [
        plural(numbers.packages, "package"),
        *(
            f"{count:,} {word}"
            for count, word in (
                (numbers.reject, "to reject"),
                (numbers.review, "to review"),
                (numbers.approve, "approved"),
                (numbers.incomplete, "incomplete"),
                (numbers.not_analysed, "not analysed"),
                (numbers.not_wanted, "not wanted here"),
            )
            if count
        ),
    ]
    return f"**{vetting.decision or 'nothing analysed'}**: {', '.join(counts)}"


def _table(rows: list[str], room: Room) -> Iterator[str]:
    yield "| verdict | package | where | analysis | why |\n|---|---|---|---|---|"
    shown = 0
    for row in rows[:_ROWS]:
        if room.left - len(row) < MAX_CHARACTERS - _RESERVE - _TABLE:
            break
        room.left -= len(row) + 1
        shown += 1
        yield row
    if shown < len(rows):
        yield f"| | … and {len(rows) - shown:,} more | | | |"
    yield ""


def _row(one: VettedPackage) -> str:
    report = one.report
    name = f"{report.package.name} {report.package.version}".strip() if report is not None else one.target
    where = ", ".join(code(place, 120) for place in one.places[:3])
    why = text(one.error, 200) if one.error else ""
    if report is not None and report.verdict is not None and report.verdict.reasons:
        more = len(report.verdict.reasons) - 1
        why = text(report.verdict.reasons[0].title, 160) + (f" and {more:,} more" if more else "")
    return f"| {one.decision or ''} | {code(name, 120)} | {where} | {one.standing} | {why} |"


def _details(one: VettedPackage) -> str:
    """Folded away: what stands against a package."""
    report = one.report
    if report is None:
        return ""
    package = f"{report.package.name} {report.package.version}".strip()
    lines = [f"#### {code(package, 120)}: {one.decision}", ""]
    lines += [f"- {line}" for line in reasons(report.verdict)]
    lines += ["", "<details><summary>Issues</summary>", ""] if report.issues else [""]
    issues = sorted(report.issues, key=lambda issue: severity_rank(issue.severity))
    lines += [issue_text(issue) for issue in issues[:_ISSUES]]
    if len(issues) > _ISSUES:
        lines += [f"… and {len(issues) - _ISSUES:,} more issues.", ""]
    return "\n".join([*lines, *(["</details>", ""] if report.issues else [])])
