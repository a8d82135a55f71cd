"""`fumehood explain`: from a behavior in a report to its rule, its events and the raw lines of the trace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.printing import print_out
from analyzer.errors import RecordError
from analyzer.pipeline.analyze import saved_report
from analyzer.render.terminal_explain import explain as render
from analyzer.render.text import safe_text
from analyzer.rules.loader import ruleset


def explain(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A report (json), or the record of a run.")],
    behavior: Annotated[str, typer.Argument(metavar="BEHAVIOR", help="Its id, such as network.tcp.connect.")],
    rules: RulesOption = None,
    evidence: Annotated[int, typer.Option(min=1, metavar="N", help="Pieces of evidence shown of each rule.")] = 3,
) -> None:
    """Explain why a report has a behavior: its meaning, its rules, the events, and the raw lines of the trace."""
    known = ruleset(rule_folders(rules))
    read = saved_report(report, known)
    found = next((one for one in read.behaviors if one.id == behavior), None)
    if found is None:
        seen = ", ".join(one.id for one in read.behaviors) or "none"
        raise RecordError(f"{report} has no behavior {safe_text(behavior, 80)!r}; it has {seen}")
    print_out(render(read, found, known, evidence))
