"""How usual something is, as people read it: a word, numbers of packages by group, and the corpus that they are told from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.render.text import safe_text
from analyzer.render.units import plural

if TYPE_CHECKING:
    from analyzer.model.prevalence import Anomaly, CorpusUse, Prevalence, Seen

STEPS: Final = 20
"""Lengths of a bar besides the empty one. The style sheet has a class for each, since the page's policy refuses inline style."""


def prevalence_groups(prevalence: Prevalence) -> list[tuple[str, Seen]]:
    """The groups of packages by downloads, the most downloaded first, with what was seen in each."""
    return [
        ("Top 100", prevalence.top_100),
        ("Top 1k", prevalence.top_1k),
        ("Top 10k", prevalence.top_10k),
        ("Community", prevalence.community),
    ]


def prevalence_label(prevalence: Prevalence) -> str:
    """The label as a phrase of its own: "Prevalence: rare", and why there is none."""
    few = prevalence.community.of if prevalence.label == "no data" else 0
    return f"Prevalence: {prevalence.label}" + (f", {plural(few, 'package')} analysed" if few else "")


def prevalence_word(prevalence: Prevalence | None) -> str:
    """The label with the community's numbers: "rare (1 of 43)"; "" where there is no data."""
    if prevalence is None or prevalence.label == "no data":
        return ""
    return f"{prevalence.label} ({seen_text(prevalence.community)})"


def seen_text(seen: Seen | Anomaly) -> str:
    """In how many of how many: "14 of 16"."""
    return f"{seen.seen:,} of {seen.of:,}"


def bar_length(seen: Seen) -> int:
    """Steps of the bar. Only none at all is empty, only all of them is full."""
    if seen.of <= 0 or seen.seen <= 0:
        return 0
    return STEPS if seen.seen >= seen.of else min(max(round(STEPS * seen.seen / seen.of), 1), STEPS - 1)


def anomaly_text(anomaly: Anomaly) -> str:
    """What is unusual, and among how many: "seldom seen in packages of kind Topic :: Internet: 0 of 14"."""
    among = "in any package" if anomaly.kind == "any" else f"in packages of kind {safe_text(anomaly.kind, 80)}"
    return f"seldom seen {among}: {seen_text(anomaly)}"


def corpus_text(corpus: CorpusUse) -> str:
    """What prevalence is told from, or why it is not told."""
    if corpus.missing:
        return f"prevalence is not known: {safe_text(corpus.missing, 200)}"
    if not corpus.packages:
        return "prevalence is not known: no package is in the corpus"
    first, last = safe_text(corpus.first[:10]), safe_text(corpus.last[:10])
    when = f"from {first} to {last}" if first and first != last else f"on {last}"
    return f"prevalence is told from {plural(corpus.packages, 'package')}" + (f", analysed {when}" if last else "")
