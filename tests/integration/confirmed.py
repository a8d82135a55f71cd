"""Directed runs of the scanned packages, and how many of the answers are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from analyzer.acquire import Cache, SimpleIndex
from analyzer.confirm import load_mapping, read_findings
from analyzer.model.confirmation import Answer, AnswerName
from analyzer.model.report import Report
from analyzer.pipeline import Options
from analyzer.pipeline.confirming import confirm
from analyzer.sandbox.interface import Limits
from tests.integration.scanned import FINDINGS, sdist, wheel
from tests.integration.truth import Truth

MADE = "by hand, in CodeQL's form"
"""The document that no scanner wrote: CodeQL does not install from the index."""

WHEEL = {
    "Bandit": "bandit.json",
    "Semgrep with GuardDog's rules": "semgrep.sarif",
    "GuardDog 3": "guarddog-each.json",
    "GuardDog 2": "guarddog-2.json",
    MADE: "codeql-form.sarif",
}
SOURCE = {
    "Bandit": "bandit-source.json",
    "Semgrep with GuardDog's rules": "semgrep-source.sarif",
    "GuardDog 3": "guarddog-source.json",
    "GuardDog 2": "guarddog-2-source.json",
}
"""The documents about each package, by who wrote them."""

_LIMITS = Limits(execute_seconds=600.0, import_seconds=300.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer, by whose finding it is, and the right one."""

    scanner: str
    answer: Answer
    right: AnswerName

    @property
    def is_right(self) -> bool:
        """Whether the answer is the right one."""
        return self.answer.answer == self.right

    def __str__(self) -> str:
        found = self.answer.finding
        place = f"{found.file}:{found.line}"
        return (
            f"{self.scanner} {found.rule} {place}: {self.answer.answer}, and {self.right} is right "
            f"(reached: {self.answer.reached}; {self.answer.why}; seen: {', '.join(self.answer.seen) or 'nothing'})"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """The judged answers of one run, and its report."""

    judged: list[Judged]
    report: Report

    @property
    def observable(self) -> list[Judged]:
        """Those of scanners' findings that name an observable behavior, by the truth."""
        return [one for one in self.judged if one.right != "not observable" and one.scanner != MADE]


def outcome(
    folder: Path, cache_directory: Path, documents: dict[str, str], sandbox: str = "embedded", tracer: str = "auto"
) -> Outcome:
    """Runs the package that some documents are about once, directed at the findings of all of them."""
    read = {scanner: read_findings(FINDINGS / name) for scanner, name in documents.items()}
    whole = replace(
        next(iter(read.values())), findings=tuple(one for findings in read.values() for one in findings.findings)
    )
    target = wheel(folder) if documents is WHEEL else sdist(folder)
    cache = Cache(cache_directory)
    options = Options(sandbox=sandbox, tracer=tracer, limits=_LIMITS)
    done = confirm(whole, load_mapping(()), str(target), options, cache, SimpleIndex(cache), lambda stage: None)
    truth, answers = Truth.load(), iter(done.confirmation.answers)
    judged = [
        Judged(scanner, next(answers), truth.of(finding, list(findings.findings)))
        for scanner, findings in read.items()
        for finding in findings.findings
    ]
    return Outcome(judged, done.report)


def table(judged: list[Judged]) -> Iterator[str]:
    """How many are right, for each scanner and altogether."""
    for scanner in (*dict.fromkeys(one.scanner for one in judged), ""):
        own = [one for one in judged if scanner in ("", one.scanner)]
        right = sum(one.is_right for one in own)
        yield f"{scanner or 'all':<30} {right:>4} of {len(own):>4}   {right / max(len(own), 1):7.1%}"
