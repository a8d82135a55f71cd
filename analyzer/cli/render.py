"""`fumehood render`: a report that was made before, in other formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.configuration import RulesOption, rule_folders
from analyzer.cli.corpora import CorpusOption
from analyzer.cli.outputs import parse, write_report
from analyzer.cli.printing import Output, print_out, standard_output
from analyzer.corpus import Corpus, corpus_for_reports
from analyzer.errors import FumehoodError, UsageError
from analyzer.model.report import Report
from analyzer.model.vetting import Vetting
from analyzer.pipeline.analyze import saved_report
from analyzer.pipeline.informing import informed
from analyzer.pipeline.records import record_path
from analyzer.render.interface import RENDERERS, open_atomically
from analyzer.render.terminal.summary import summarize
from analyzer.render.vetting import VETTING_RENDERERS
from analyzer.rules.loader import ruleset
from analyzer.store.reports import load_saved


def render(
    report: Annotated[
        Path, typer.Argument(metavar="REPORT", help="What -o json=PATH wrote, of vet too, or the record of a run.")
    ],
    *,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT=PATH",
            help="Write json, html, sarif, markdown, cyclonedx, package-analysis, attack-layer or mbc; may be given again. "
            "Without one, the summary is shown.",
        ),
    ] = None,
    corpus: CorpusOption = "",
    rules: RulesOption = None,
) -> None:
    """Write a saved report in other formats; nothing is run.

    Exit: 0 written, whatever the report says · 3 there is no report that can be read · 2 usage · 1 a bug of fumehood.
    """
    outputs = parse(output or [], RENDERERS)
    read = _read(report, rules, corpus_for_reports(corpus))
    if isinstance(read, Vetting):
        _check_many(report, outputs)
    elif not outputs:
        print_out(summarize(read))
    errors: list[FumehoodError] = []
    for one in outputs:
        try:
            _write(one, read)
        except FumehoodError as error:
            errors.append(error)
    if errors:
        raise type(errors[0])("; ".join(map(str, errors)))


def _read(path: Path, rules: list[Path] | None, corpus: Corpus | None) -> Report | Vetting:
    """The report of a file. Rules take long to load, and only a record needs them. Raises RecordError and UsageError."""
    folders = rule_folders(rules)
    if record_path(str(path.absolute())) is not None:
        return saved_report(path, ruleset(folders), corpus)
    found = load_saved(path)
    return found if isinstance(found, Vetting) else informed(found, corpus)


def _check_many(path: Path, outputs: list[Output]) -> None:
    """Sees that many packages can be written as is wanted. Raises UsageError."""
    wrong = next((one.format for one in outputs if one.format not in VETTING_RENDERERS), None)
    if wrong is None and outputs:
        return
    known = ", ".join(sorted(VETTING_RENDERERS))
    raise UsageError(f"{path} has the reports of several packages: give -o FORMAT=PATH, where FORMAT is one of {known}")


def _write(output: Output, read: Report | Vetting) -> None:
    if isinstance(read, Report):
        write_report(output, read)
        return
    with standard_output() if output.is_standard_output else open_atomically(output.path) as stream:
        stream.write(VETTING_RENDERERS[output.format].render(read, read.packages).encode())
