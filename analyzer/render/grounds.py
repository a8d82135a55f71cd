"""What an issue rests on, and what was read in files, as people read it: what was seen happening stands apart from what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from analyzer.model.report import Fact, IssueReport

_SOURCES: Final = {
    "content": "In the files",
    "metadata": "In the metadata",
    "index": "From the package index",
    "osv": "From the list of vulnerabilities",
    "corpus": "Known of its use",
    "run": "From the run itself",
}
_CONTACTS: Final = frozenset(
    {"network.flow", "network.dns", "network.http", "network.tls", "network.exchange", "socket.connect", "socket.send"}
)
"""Events that are a contact with an address, and nothing beyond that."""

_KINDS: Final = {
    "suspicious-tld": "suspicious top-level domain",
    "nonstandard-port": "non-standard port",
    "interesting-format": "interesting file format",
    "copyleft": "copyleft",
    "restricted": "restricts distribution",
}


def facts_by_source(issue: IssueReport) -> list[tuple[str, list[Fact]]]:
    """The facts of an issue below a heading for each source, in the order in which sources are trusted: the files first."""
    groups = [(words, [fact for fact in issue.facts if fact.source == source]) for source, words in _SOURCES.items()]
    return [(words, facts) for words, facts in groups if facts]


def fact_place(fact: Fact) -> str:
    """Where a fact stands: "six.py:12", or the file alone, or "" for what stands in no file."""
    file = safe_text(fact.file, 160)
    return f"{file}:{fact.line}" if file and fact.line > 0 else file


def evidence_heading(issue: IssueReport) -> str:
    """What the evidence of an issue is called: an address that was contacted is not the same as one that stands in a file."""
    return "Contacted" if all(one.event in _CONTACTS for one in issue.evidence) else "Observed"


def kind_words(kind: str) -> str:
    """What is remarkable about an address or a licence, in words."""
    return _KINDS.get(kind) or safe_text(kind, 60)
