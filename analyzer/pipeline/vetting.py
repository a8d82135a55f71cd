"""Judging many: each report is looked at once, given its verdict and put back on the disk; only what is told of it stays in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, Final

import analyzer
from analyzer.corpus import Corpus
from analyzer.errors import RecordError
from analyzer.kept import replacing
from analyzer.model.report import Report
from analyzer.model.verdict import DECISIONS, Decision, Verdict
from analyzer.model.vetting import Anchor, Numbers, Standing, Vetted, VettedPackage, Vetting
from analyzer.pipeline.informing import informed
from analyzer.pipeline.worker import Said, Task, report_path
from analyzer.policy import AT_LEAST, Policy, evaluate, violates
from analyzer.render.json import visible_json

MAX_DOCUMENT_BYTES: Final = 256 * 1024 * 1024
"""All reports in one document. Those that would make it larger stand in their own files."""

_KEPT_REASONS: Final = 20
_KEPT_SUPPRESSED: Final = 200
_PACKAGES: Final = '"packages":[]}'


@dataclass(slots=True)
class Judge:
    """Gives verdicts. `folder` has the reports of the workers, and then those with verdicts."""

    folder: Path
    policy: Policy
    today: date
    corpus: Corpus | None = None

    def judged(self, task: Task, places: tuple[str, ...], said: Said, anchors: tuple[Anchor, ...] = ()) -> Vetted:
        """What became of a task. A report that cannot be read back costs that one."""
        return replace(self._judged(task, places, said), anchors=anchors)

    def _judged(self, task: Task, places: tuple[str, ...], said: Said) -> Vetted:
        if said.kind != "report":
            standing: Standing = "not wanted" if said.kind == "elsewhere" else "not analysed"
            return Vetted(task.number, task.target, places, task.target, standing, error=_why(said))
        try:
            report = informed(self.read(task.number), self.corpus)
        except RecordError as error:
            return Vetted(task.number, task.target, places, task.target, "not analysed", error=str(error))
        verdict = evaluate(report, self.policy, self.today)
        with replacing(report_path(self.folder, task.number)) as stream:
            stream.write(report.model_copy(update={"verdict": verdict}).model_dump_json().encode())
        return Vetted(
            task.number,
            task.target,
            places,
            f"{report.package.name} {report.package.version}".strip(),
            report.completeness.status,
            _shortened(verdict),
            len(verdict.suppressed),
            said.reused,
        )

    def read(self, number: int) -> Report:
        """The report of a task, from the disk. Raises RecordError."""
        try:
            return Report.model_validate_json(report_path(self.folder, number).read_bytes())
        except (OSError, ValueError) as error:
            raise RecordError(
                f"the report of a worker cannot be read ({type(error).__name__}): run it again"
            ) from error


@dataclass(slots=True)
class Outcome:
    """All packages, and what was passed over."""

    policy: Policy
    vetted: list[Vetted]
    notes: list[str] = field(default_factory=list)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def decision(self) -> Decision | None:
        """The severest of all verdicts, in which a package that was not analysed counts like an incomplete one; None where nothing was."""
        decided = [one.decision for one in self.vetted if one.decision is not None]
        if decided and any(one.standing == "not analysed" for one in self.vetted):
            decided.append(AT_LEAST[self.policy.incomplete])
        return max(decided, key=DECISIONS.index, default=None)

    @property
    def is_violated(self) -> bool:
        """Whether the policy fails any."""
        return self.decision is not None and violates(self.decision, self.policy)

    @property
    def is_whole(self) -> bool:
        """Whether every package that is wanted was analysed, and completely."""
        return all(one.standing in {"complete", "not wanted"} for one in self.vetted)

    def severest_first(self) -> list[Vetted]:
        """Rejected ones, then those to look at, then what was not analysed, then the rest; each in the order of their names."""
        return sorted(self.vetted, key=lambda one: (_rank(one), one.name.lower(), one.number))

    def numbers(self) -> Numbers:
        """How many there are of each kind."""
        standing = Counter(one.standing for one in self.vetted)
        decided = Counter(one.decision for one in self.vetted)
        return Numbers(
            packages=len(self.vetted),
            analysed=sum(one.verdict is not None for one in self.vetted),
            approve=decided["APPROVE"],
            review=decided["REVIEW"],
            reject=decided["REJECT"],
            incomplete=standing["incomplete"] + standing["failed"],
            not_analysed=standing["not analysed"],
            not_wanted=standing["not wanted"],
            reused=sum(one.reused for one in self.vetted),
            suppressed=sum(one.suppressed for one in self.vetted),
        )

    def write(self, stream: BinaryIO, judge: Judge, files: dict[int, str]) -> None:
        """The document (`analyzer.model.vetting`), one report after the other. `files` are the reports' own, by number.

        Raises OSError and RecordError.
        """
        head = visible_json(self.heading().model_dump_json()).removesuffix(_PACKAGES)
        stream.write(f'{head}"packages":['.encode())
        stream.writelines(
            f"{',' if number else ''}\n{piece}".encode() for number, piece in enumerate(self._pieces(judge, files))
        )
        stream.write(b"\n]}\n")

    def heading(self) -> Vetting:
        """What is told of all, without the packages."""
        return Vetting(
            generator=f"fumehood {analyzer.__version__}",
            created=self.created.isoformat(timespec="seconds").replace("+00:00", "Z"),
            decision=self.decision,
            violated=self.is_violated,
            policy=self.policy.name,
            numbers=self.numbers(),
            notes=self.notes,
            packages=[],
        )

    def packages(self, judge: Judge, files: dict[int, str]) -> Iterator[VettedPackage]:
        """Each package with its report, the severest first; one after the other, since all of them may be too much. Raises RecordError."""
        for one in self.severest_first():
            yield self._package(one, judge, files, whole=True)

    def _pieces(self, judge: Judge, files: dict[int, str]) -> Iterator[str]:
        size = 0
        for one in self.severest_first():
            piece = visible_json(self._package(one, judge, files, whole=True).model_dump_json())
            if size + len(piece) > MAX_DOCUMENT_BYTES:
                piece = visible_json(self._package(one, judge, files, whole=False).model_dump_json())
            size += len(piece)
            yield piece

    def _package(self, one: Vetted, judge: Judge, files: dict[int, str], *, whole: bool) -> VettedPackage:
        return VettedPackage(
            target=one.target,
            places=list(one.places),
            anchors=list(one.anchors),
            standing=one.standing,
            decision=one.decision,
            reused=one.reused,
            error=one.error,
            file=files.get(one.number, ""),
            report=judge.read(one.number) if whole and one.verdict is not None else None,
        )


def refused(entries: Iterable[tuple[str, str]], first: int) -> Iterator[Vetted]:
    """What of the lists is not analysed: place and reason."""
    for number, (place, why) in enumerate(entries, first):
        yield Vetted(number, place, (place,), place, "not analysed", error=why)


def _why(said: Said) -> str:
    """Why there is no report, in one line."""
    if said.kind != "bug":
        return said.text
    last = (said.text.strip().splitlines() or [""])[-1]
    return f"it met a bug of fumehood, not of the package ({last}); please report the lines that were shown"


def _rank(one: Vetted) -> int:
    if one.decision in {"REJECT", "REVIEW"}:
        return 0 if one.decision == "REJECT" else 1
    return {"not analysed": 2, "not wanted": 4}.get(one.standing, 3)


def _shortened(verdict: Verdict) -> Verdict:
    """A verdict as the terminal shows it at most; the whole one is in the report."""
    return verdict.model_copy(
        update={"reasons": verdict.reasons[:_KEPT_REASONS], "suppressed": verdict.suppressed[:_KEPT_SUPPRESSED]}
    )
