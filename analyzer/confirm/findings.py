"""What was read from a scanner's document."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.model.confirmation import Finding


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of one document, in its order.

    `format` is one of "sarif", "guarddog", "bandit", "capabilities", "csv". `notes` say what was not read, and why. `document` is the
    whole text where it is SARIF, which answers are written into; else it is empty.
    """

    name: str
    format: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    document: bytes = b""
