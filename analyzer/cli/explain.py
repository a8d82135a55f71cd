"""`fumehood explain`: from an issue or a behavior in a report to its rule, its events and the raw lines of the trace."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from analyzer import issues
from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.corpora import CorpusOption
from analyzer.cli.printing import print_out
from analyzer.corpus import corpus_for_reports
from analyzer.errors import RecordError
from analyzer.model.report import BehaviorReport
from analyzer.pipeline.analyze import saved_report
from analyzer.render.terminal.explain import explain as render
from analyzer.render.terminal.issues import explain_issues, show_issue
from analyzer.render.terminal.taxonomy import show_behavior
from analyzer.render.text import safe_text
from analyzer.rules.loader import Ruleset, ruleset


def explain(
    report: Annotated[
        Path,
        typer.Argument(
            metavar="REPORT", help="A report (json), the record of a run, or the id of an issue or behavior."
        ),
    ],
    name: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Of an issue or behavior of the report; without one, all of its issues."),
    ] = None,
    corpus: CorpusOption = "",
    rules: RulesOption = None,
    evidence: Annotated[int, typer.Option(min=1, metavar="N", help="Pieces of evidence shown of each rule.")] = 3,
) -> None:
    """Explain why a report has an issue or a behavior: its meaning, its rules, the events, and the raw lines of the trace."""
    known = ruleset(rule_folders(rules))
    if name is None and not report.exists() and _explain_id(str(report), known):
        return
    read = saved_report(report, known, corpus_for_reports(corpus))
    chosen = [issue for issue in read.issues if name in {None, issue.id}]
    if name is None and not chosen:
        raise RecordError(f"{report} has no issue; name one of its behaviors: {_ids(one.id for one in read.behaviors)}")
    if chosen:
        print_out(explain_issues(chosen, evidence))
        if name is None:
            return
    found = [one for one in read.behaviors if one.id == name or (chosen and _shows(one, chosen[0].id))]
    if not found and not chosen:
        seen = _ids([*(one.id for one in read.issues), *(one.id for one in read.behaviors)])
        raise RecordError(f"{report} has no behavior {safe_text(str(name), 80)!r}; it has {seen}")
    for behavior in found:
        print_out(render(read, behavior, known, evidence))


def _shows(behavior: BehaviorReport, issue: str) -> bool:
    """Whether an issue rests on a behavior as it was seen; not for an issue that this version does not know."""
    if issue not in issues.load():
        return False
    known = issues.load()[issue]
    return behavior.id in known.behaviors and (not known.phases or bool(set(known.phases) & set(behavior.phases)))


def _explain_id(name: str, known: Ruleset) -> bool:
    """Explain an issue or behavior without a report; False where there is none of that id."""
    if name in issues.load():
        print_out(show_issue(issues.load()[name]))
    elif name in known.taxonomy:
        print_out(show_behavior(known.taxonomy[name], known))
    else:
        return False
    return True


def _ids(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
