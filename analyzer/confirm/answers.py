"""The answers: a report held against findings, by the behaviors that would show each.

A finding is confirmed by an expected behavior at its line, in its function, or in its file where its mapping allows that, and only where
nothing says that the place itself was not run. A behavior whose place in the package's code is not known counts where the place was run at
that moment, and the answer says so. A behavior elsewhere in the package confirms a finding only where that names no place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from packaging.utils import canonicalize_name

from analyzer.confirm import why
from analyzer.confirm.findings import Findings
from analyzer.confirm.mapping import Decision, Mapping
from analyzer.confirm.places import place_of, places
from analyzer.confirm.seen import Found, Seen
from analyzer.confirm.spot import NEARNESS, Near, Spot, spot_of
from analyzer.model.confirmation import (
    Answer,
    AnswerName,
    Confirmation,
    ConfirmedInput,
    ConfirmedPackage,
    Counts,
    Finding,
    Scope,
    Where,
)
from analyzer.model.direction import Direction, Place
from analyzer.model.report import Evidence, Report
from analyzer.paths import FileIndex

MAX_EVIDENCE: Final = 5
"""Pieces of evidence that are told of one finding."""

_SCOPES: Final[dict[Scope, tuple[Near, ...]]] = {
    "line": ("line", "unplaced"),
    "function": ("line", "function", "unplaced"),
    "file": ("line", "function", "file", "unplaced"),
    "package": NEARNESS,
}
_WHERE: Final[dict[Near, Where]] = {
    "line": "line",
    "function": "function",
    "file": "file",
    "unplaced": "elsewhere",
    "elsewhere": "elsewhere",
}


def confirmation(
    findings: Findings, mapping: Mapping, report: Report, files: Collection[str] | None = None
) -> Confirmation:
    """The document that is rendered: what was asked, of which package, and the answers. Arguments as for `answers`."""
    given = answers(findings.findings, mapping, report, files)
    count = {
        name: sum(one.answer == name for one in given) for name in ("confirmed", "not triggered", "not observable")
    }
    return Confirmation(
        input=ConfirmedInput(
            name=findings.name,
            format=findings.format,
            tools=list(dict.fromkeys(one.tool for one in findings.findings)),
            notes=list(findings.notes),
        ),
        package=ConfirmedPackage(
            name=report.package.name, version=report.package.version, generator=report.generator, created=report.created
        ),
        completeness=report.completeness,
        counts=Counts(
            confirmed=count["confirmed"], not_triggered=count["not triggered"], not_observable=count["not observable"]
        ),
        answers=given,
    )


def answers(
    findings: Iterable[Finding], mapping: Mapping, report: Report, files: Collection[str] | None = None
) -> list[Answer]:
    """What a report says of findings, in their order.

    Args:
        findings: The findings; `places` of the same ones, in the same order, are what the run was directed at.
        mapping: What behaviors would show them.
        report: The run. One that was not directed anywhere answers too, without telling what was reached.
        files: The names of all files that the package has, as installed or in its archives; None where they are not known.
    """
    asked = list(findings)
    directed: dict[Place, Direction] = dict(zip(places(asked), report.directions, strict=False))
    seen, known = Seen(report), FileIndex(files) if files is not None else None
    return [_Question(one, mapping.decide(one), report, directed, known).answer(seen) for one in asked]


class _Question:
    """One finding, and what is known of its place."""

    def __init__(
        self,
        finding: Finding,
        decision: Decision | None,
        report: Report,
        directed: dict[Place, Direction],
        known: FileIndex | None,
    ) -> None:
        self.finding = finding
        self.decision = decision
        self.report = report
        self.place = place_of(finding)
        direction = directed.get(self.place) if self.place is not None else None
        self.spot: Spot = spot_of(finding, direction, known)

    def answer(self, seen: Seen) -> Answer:
        """The answer, by what the report has seen."""
        decision = self.decision
        if decision is None:
            return self._said("not observable", why.unmapped(self.finding))
        if not decision.behaviors:
            return self._said("not observable", decision.why)
        if self._is_of_other_package():
            return self._said("not observable", why.other_package(self.finding))
        groups = seen.near(self.spot, decision.behaviors)
        near = self._confirming(groups, decision.scope)
        if near is not None:
            because = why.confirmed(near, groups[near], self.spot, decision.why)
            return self._said("confirmed", because, _WHERE[near], groups[near])
        gone = why.missing(self.finding, self.spot, self.report)
        return self._said("not observable", gone) if gone else self._not_triggered(groups, seen, decision)

    def _is_of_other_package(self) -> bool:
        named = self.finding.package
        return bool(named) and canonicalize_name(named) != canonicalize_name(self.report.package.name)

    def _confirming(self, groups: dict[Near, Found], scope: Scope) -> Near | None:
        """The nearest group that confirms the finding; None where none does."""
        if self.place is None or scope == "package":
            return next((near for near in NEARNESS if groups[near]), None)
        if not self.spot.line and not self.finding.function and scope == "function":
            scope = "file"
        groups["unplaced"] = self._meanwhile(groups["unplaced"])
        return next((near for near in _SCOPES[scope] if groups[near] and self._counts(near)), None)

    def _counts(self, near: Near) -> bool:
        """Whether evidence may be of the place: beside the line only where that may have been run."""
        return near == "line" or self.spot.may_have_run or (near == "function" and self.spot.is_whole)

    def _meanwhile(self, found: Found) -> Found:
        """Those that happened while what reached the place ran; none where it was not run."""
        direction = self.spot.direction
        if direction is None or not direction.during or not self.spot.was_run:
            return []
        return [(behavior, one) for behavior, one in found if one.during == direction.during]

    def _not_triggered(self, groups: dict[Near, Found], seen: Seen, decision: Decision) -> Answer:
        beside: tuple[Near, ...] = ("function", "file", "elsewhere")
        elsewhere = [one for near in beside for one in groups[near]]
        is_cut = not seen.cut.isdisjoint(decision.behaviors)
        because = why.not_triggered(self.spot, decision.behaviors, elsewhere, self.report, is_cut=is_cut)
        return self._said("not triggered", because, "elsewhere" if elsewhere else "", elsewhere)

    def _said(self, answer: AnswerName, because: str, where: Where = "", found: Found | None = None) -> Answer:
        shown = found or []
        direction = self.spot.direction
        return Answer(
            finding=self.finding,
            answer=answer,
            why=because,
            expected=list(self.decision.behaviors) if self.decision is not None else [],
            seen=list(dict.fromkeys(behavior for behavior, _ in shown)),
            where=where,
            reached=direction.reached if direction is not None else "unknown",
            during=direction.during if direction is not None else "",
            file=self.spot.file,
            evidence=_varied(shown),
            evidence_count=len(shown),
            mapping=self.decision.origin if self.decision is not None else "",
        )


def _varied(found: Found) -> list[Evidence]:
    """The first piece of each behavior, then more of them, within the limit."""
    firsts: dict[str, Evidence] = {}
    for behavior, one in found:
        firsts.setdefault(behavior, one)
    chosen = list(firsts.values())[:MAX_EVIDENCE]
    ids = {id(one) for one in chosen}
    return [*chosen, *(one for _, one in found if id(one) not in ids)][:MAX_EVIDENCE]
