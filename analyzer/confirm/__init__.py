"""Findings of static analysers held against a run: reading them, what behaviors would show each, and the answers.

`read_findings` reads a scanner's document, `places` tells a run where to go, `answers` holds the run's report against the findings by what
`load_mapping` gives, and `confirmation` puts all of it into the document that is rendered.
"""

from __future__ import annotations

from analyzer.confirm.answers import answers, confirmation
from analyzer.confirm.findings import Findings
from analyzer.confirm.mapping import Mapping, load_mapping
from analyzer.confirm.places import place_of, places
from analyzer.confirm.reading import read_findings

__all__ = [
    "Findings",
    "Mapping",
    "answers",
    "confirmation",
    "load_mapping",
    "place_of",
    "places",
    "read_findings",
]
