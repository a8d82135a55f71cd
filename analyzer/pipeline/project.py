"""What is known of the project beside its files: the report's key `project`, from what the record keeps and from newer data.

Ranks and the corpus are asked when the report is made, so that newer ones judge an old record anew; what the index and lists of
vulnerabilities said is the record's.
"""

from __future__ import annotations

from datetime import datetime

from packaging.utils import canonicalize_name

from analyzer import issues
from analyzer.corpus import RANK_DATE, Corpus, rank
from analyzer.model.package import Acquisition
from analyzer.model.project import Project
from analyzer.model.report import Report
from analyzer.pipeline.rarity import Usage, rare
from analyzer.pipeline.vulnerabilities import vulnerabilities
from analyzer.store.project import ProjectFacts
from analyzer.store.record import Record


def project_of(record: Record, acquisition: Acquisition, created: datetime) -> Project | None:
    """The report's key; None for a record of an earlier version. `created` is when the run began.

    No corpus has part in it yet: see `counted`. Raises RecordError for a record that this version cannot read.
    """
    facts = record.project()
    return None if facts is None else project_from(facts, acquisition.name, created)


def project_from(facts: ProjectFacts, name: str, created: datetime | None) -> Project:
    """The same from what was said, of a project by its normalised name."""
    notes = [*facts.notes, *filter(None, [facts.osv_note])]
    known = Project(vulnerabilities=vulnerabilities(facts), notes=notes)
    if not facts.listed:
        # Anybody may give a file of his own the name of a project that everybody uses.
        return known
    listed = known.model_copy(
        update={
            "releases": facts.releases,
            "first_upload": facts.first_upload,
            "upload": facts.upload,
            "yanked": facts.yanked,
            "rank": rank(name),
            "rank_date": RANK_DATE,
        }
    )
    return _judged(listed, created, 0)


def counted(report: Report, corpus: Corpus) -> Report:
    """A report with the number of a corpus's packages that need this one, and with what follows from that.

    Raises CorpusError where the corpus cannot be read.
    """
    project = report.project
    if project is None or not project.rank_date:
        return report
    dependents = corpus.dependents(canonicalize_name(report.package.name))
    with_them = project.model_copy(update={"dependents": dependents})
    return _with(report, _judged(with_them, _moment(report.created), corpus.use().packages))


def renewed(report: Report, facts: ProjectFacts) -> Report:
    """A report that was kept, with what is said of the project now. Its age is still that at the time of the run."""
    name = canonicalize_name(report.package.name)
    return _with(report, project_from(facts, name, _moment(report.created)))


def _with(report: Report, project: Project) -> Report:
    """The report with another project, and with the issues that then are there."""
    found = report.issues
    if report.project is None or (project.rare, project.vulnerabilities) != (
        report.project.rare,
        report.project.vulnerabilities,
    ):
        found = issues.find(report.behaviors, issues.load(), report.content, project, report.completeness)
    return report.model_copy(update={"project": project, "issues": found})


def _judged(project: Project, created: datetime | None, packages: int) -> Project:
    """The same with the reasons for calling it rarely used, by a corpus of so many packages."""
    age = _age(project.first_upload, created)
    usage = Usage(project.rank, project.rank_date, project.releases, age, project.dependents, packages)
    return project.model_copy(update={"rare": rare(usage)})


def _age(first: str | None, created: datetime | None) -> int | None:
    """Whole days from the first upload to the run; 0 where a clock is wrong, None where a time is not known."""
    begin = _moment(first or "")
    return None if begin is None or created is None else max((created - begin).days, 0)


def _moment(text: str) -> datetime | None:
    """A time of a report or record, which from a stranger may be any text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
