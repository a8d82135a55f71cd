"""What `make lint` asks of the issues: they agree with the taxonomy, and none is one that nothing can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from analyzer.issues.catalog import FINDING_KINDS, Issue, Issues
from analyzer.model.event import PHASES
from analyzer.taxonomy import Taxonomy


def findings(issues: Issues, taxonomy: Taxonomy) -> list[str]:
    """What is wrong with the issues of this version, a line each."""
    return [
        *(problem for issue in issues for problem in (*_of_texts(issue), *_of_behaviors(issue, taxonomy))),
        *_of_coverage(issues, taxonomy),
    ]


def _of_texts(issue: Issue) -> Iterator[str]:
    """Titles are headings, problems and next steps are sentences."""
    if issue.title.endswith("."):
        yield f"{issue.id}: the title ends like a sentence"
    if not issue.problem.endswith("."):
        yield f"{issue.id}: the problem does not end in a full stop"
    yield from (f"{issue.id}: {step!r} does not end in a full stop" for step in issue.next_steps if step[-1] != ".")


def _of_behaviors(issue: Issue, taxonomy: Taxonomy) -> Iterator[str]:
    for name in ("behaviors", "phases", "attribution", "findings"):
        counts = Counter(getattr(issue, name))
        yield from (f"{issue.id}: {one} is there twice in `{name}`" for one, count in counts.items() if count > 1)
    if set(issue.phases) == set(PHASES):
        yield f"{issue.id}: all phases are as good as none"
    for behavior in (taxonomy[one] for one in issue.behaviors if one in taxonomy):
        if behavior.status != "active":
            yield f"{issue.id}: rests on {behavior.id}, which is {behavior.status}"
        if issue.phases and not set(issue.phases) & set(behavior.phases):
            yield f"{issue.id}: {behavior.id} cannot be seen in {' or '.join(issue.phases)}"


def _of_coverage(issues: Issues, taxonomy: Taxonomy) -> Iterator[str]:
    """Every kind of finding is somebody's, and nothing of critical severity goes without saying what to do about it."""
    kinds = {kind for issue in issues for kind in issue.findings}
    yield from (f"{kind}: no issue rests on this finding" for kind in FINDING_KINDS if kind not in kinds)
    known = {behavior for issue in issues for behavior in issue.behaviors}
    for behavior in taxonomy:
        if behavior.severity == "critical" and behavior.status == "active" and behavior.id not in known:
            yield f"{behavior.id}: is critical, and no issue rests on it"
    titles = Counter(issue.title for issue in issues)
    yield from (f"{issue.id}: another issue has its title" for issue in issues if titles[issue.title] > 1)
