"""The report as Markdown (CommonMark with GitHub's tables), short enough for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from analyzer.render.markdown.text import code, text
from analyzer.render.selection import severity_rank, telling_evidence, varied_evidence
from analyzer.render.units import list_text, plural
from analyzer.render.wording import moment, place

if TYPE_CHECKING:
    from analyzer.model.report import BehaviorReport, Evidence, Fact, IssueReport, Report, Verdict

MAX_CHARACTERS: Final = 60_000
"""GitHub takes comments of 65,536 characters."""

_EVIDENCES: Final = 5
_LOOKED: Final = 50
"""How many pieces of evidence are looked at for some that say different things."""
_BEHAVIORS: Final = 40
_REASONS: Final = 10
_STEPS: Final = 10
_RESERVE: Final = 2_000
"""What the table's frame and the last line take at most."""


def render_markdown(report: Report) -> str:
    """The report as one Markdown document: completeness, verdict, issues, behaviors, the network in one line."""
    package = report.package
    title = f"### {code(f'{package.name} {package.version}'.strip(), 120)}: {headline(report)}\n"
    room = Room(MAX_CHARACTERS - len(title) - _RESERVE)
    parts = [title, *room.take([_bullets([*_missing(report), *reasons(report.verdict)])], "lines")]
    issues = sorted(report.issues, key=lambda one: severity_rank(one.severity))
    parts += room.take(map(issue_text, issues), "issues")
    parts += behaviors_text(report.behaviors, room)
    parts.append(_last_line(report))
    return "\n".join(filter(None, parts))


class Room:
    """What may still be written, in characters."""

    def __init__(self, characters: int) -> None:
        self.left = characters

    def take(self, blocks: Iterable[str], what: str) -> list[str]:
        """The blocks that there is room for, and a line that counts the rest."""
        taken: list[str] = []
        missing = 0
        for block in blocks:
            if missing or len(block) + 1 > self.left:
                missing += 1
            else:
                self.left -= len(block) + 1
                taken.append(block)
        return [*taken, *([f"… and {missing:,} more {what}, for which there is no room here.\n"] if missing else [])]


def headline(report: Report) -> str:
    """Verdict, completeness and counts in a few words."""
    counts = [plural(len(report.issues), "issue")] if report.issues else []
    counts.append(plural(len(report.behaviors), "behavior"))
    verdict = f"**{report.verdict.decision}**, " if report.verdict is not None else ""
    return f"{verdict}{report.completeness.status}, {list_text(counts)}"


def reasons(verdict: Verdict | None, most: int = _REASONS) -> list[str]:
    """Why the verdict is what it is."""
    if verdict is None:
        return []
    lines = [f"{one.decision}: {text(one.title)} ({text(one.rule)})" for one in verdict.reasons[:most]]
    return lines + _more(len(verdict.reasons) - most, "reasons")


def issue_text(issue: IssueReport) -> str:
    """An issue with what shows it and what to do."""
    lines = [
        f"#### {issue.severity}: {text(issue.title)}",
        "",
        f"{text(issue.problem, 1000)} {code(issue.id, 100)}",
        "",
    ]
    seen = list(
        dict.fromkeys(
            f"- observed: {code(one.detail)}{context(one)}" for one in varied_evidence(issue.evidence, _LOOKED)
        )
    )
    read = list(dict.fromkeys(f"- {_fact(one)}" for one in issue.facts[:_LOOKED]))
    lines += [*seen[:_EVIDENCES], *read[:_EVIDENCES]]
    more = sum(max(len(told) - _EVIDENCES, 0) for told in (seen, read))
    more += sum(max(len(told) - _LOOKED, 0) for told in (issue.evidence, issue.facts))
    lines += [f"- … and {more:,} more", ""] if more else [""]
    lines += [f"{number}. {text(step, 1000)}" for number, step in enumerate(issue.next_steps[:_STEPS], 1)]
    return "\n".join([*lines, ""])


def behaviors_text(behaviors: list[BehaviorReport], room: Room) -> Iterator[str]:
    """A table, folded away on hosts that know `<details>`, since it is long."""
    if not behaviors:
        yield "No behavior of the package was observed.\n"
        return
    yield f"<details><summary>{plural(len(behaviors), 'behavior')} observed</summary>\n"
    yield "| severity | behavior | times | phases | for example |\n|---|---|---|---|---|"
    ordered = sorted(behaviors, key=lambda one: (severity_rank(one.severity), one.id))
    shown = 0
    for row in map(_row, ordered[:_BEHAVIORS]):
        if len(row) + 1 > room.left:
            break
        room.left -= len(row) + 1
        shown += 1
        yield row
    if shown < len(ordered):
        yield f"| | … and {len(ordered) - shown:,} more | | | |"
    yield "\n</details>\n"


def context(evidence: Evidence) -> str:
    """Where in the code, and when."""
    parts = (place(evidence.location), moment(evidence.phase, evidence.during))
    return f" ({', '.join(code(part, 160) for part in parts if part)})"


def _row(one: BehaviorReport) -> str:
    shown = telling_evidence(one, 1)
    example = f"{code(shown[0].detail, 120)}{context(shown[0])}" if shown else ""
    label = f"{text(one.title, 120)} {code(one.id, 100)}" + (" *(attempted)*" if one.outcome == "attempted" else "")
    return f"| {one.severity} | {label} | {one.count:,} | {', '.join(one.phases)} | {example} |"


def _fact(fact: Fact) -> str:
    at = f" in {code(f'{fact.file}:{fact.line}' if fact.line else fact.file)}" if fact.file else ""
    return f"{'in the files' if fact.source == 'content' else 'known'}: {code(fact.detail)}{at}"


def _missing(report: Report) -> list[str]:
    found = report.completeness.reasons
    lines = [f"not everything was seen: {text(reason)}" for reason in found[:_REASONS]]
    return lines + _more(len(found) - _REASONS, "reasons why not everything was seen")


def _more(count: int, what: str) -> list[str]:
    return [f"… and {count:,} more {what}"] if count > 0 else []


def _bullets(lines: list[str]) -> str:
    return "\n".join([*(f"- {line}" for line in lines), ""]) if lines else ""


def _last_line(report: Report) -> str:
    network, sandbox = report.network, report.sandbox
    asked = f"{plural(len(network.dns), 'name')} asked for, {plural(len(network.connections), 'connection')}"
    where = f"Ran in {text(sandbox.backend, 60)}, tracer {text(sandbox.tracer, 60)}, Python {text(sandbox.python, 60)}"
    made = f"{text(report.generator, 80)}, {text(report.created, 60)}"
    return f"{asked}, {plural(len(network.http), 'request')}. {where}; {made}.\n"
