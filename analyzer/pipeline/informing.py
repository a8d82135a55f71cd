"""What the corpus adds to a report: how usual its behaviors and issues are, and which are strange for a package of its kind.

None of that is in a record, so that a report is told by the corpus of the day on which it is read.
"""

from __future__ import annotations

from typing import Final

from analyzer.corpus import Corpus
from analyzer.errors import CorpusError
from analyzer.model.prevalence import Anomaly, CorpusUse
from analyzer.model.report import BehaviorReport, Report
from analyzer.pipeline.project import counted

_SLIGHT: Final = frozenset({"info", "low"})


def informed(report: Report, corpus: Corpus | None) -> Report:
    """The report with prevalence, anomalies and what they were told from; as it is without a corpus.

    Where the corpus cannot be read, the report says so and has nothing of the three.
    """
    if corpus is None:
        return report
    try:
        use = corpus.use()
        told = counted(report, corpus)
        usual = corpus.prevalence({*(one.id for one in told.behaviors), *(one.id for one in told.issues)})
        strange = _anomalies(told, corpus)
    except CorpusError as error:
        told, use, usual, strange = report, CorpusUse(packages=0, missing=str(error)), {}, []
    return told.model_copy(
        update={
            "corpus": use,
            "anomalies": strange,
            "behaviors": [one.model_copy(update={"prevalence": usual.get(one.id)}) for one in told.behaviors],
            "issues": [one.model_copy(update={"prevalence": usual.get(one.id)}) for one in told.issues],
        }
    )


def _anomalies(report: Report, corpus: Corpus) -> list[Anomaly]:
    kinds = report.content.kinds if report.content else []
    return corpus.anomalies([one.id for one in report.behaviors if _counts(one)], kinds, report.package.name)


def _counts(behavior: BehaviorReport) -> bool:
    """Slight things that only a call with made-up arguments brought about are as strange as the arguments."""
    return not (behavior.called_only and behavior.severity in _SLIGHT)
