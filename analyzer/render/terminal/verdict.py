"""A verdict for the terminal: the decision first, then why, then what was not counted and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from analyzer.render.terminal.layout import DIM, SEVERITY_STYLES, heading, labelled, paragraph, words
from analyzer.render.text import safe_text
from analyzer.render.units import list_text, plural

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.model.verdict import Decision, Reason, Verdict

DECISION_STYLES: Final[dict[Decision, str]] = {"APPROVE": "bold green", "REVIEW": "bold yellow", "REJECT": "bold red"}
REASONS: Final = 20
"""Reasons that are shown of one verdict."""

_SUPPRESSED: Final = 20
_TITLES: Final = 3
_TEXT: Final = 400
_BESIDE: Final = 12


def verdict_seen(verdict: Verdict | None, most: int = REASONS) -> list[RenderableType]:
    """A section of a report's summary; nothing for a report that has no verdict."""
    if verdict is None:
        return []
    counts = list_text(_counts(verdict)) or "nothing in the policy is against it"
    decided = Text.assemble((verdict.decision, DECISION_STYLES[verdict.decision]), f"  {counts}")
    lines: list[RenderableType] = [Text(), paragraph(0, decided, Text("Verdict  ", "bold"))]
    for reason in verdict.reasons[:most]:
        lines += _reason(reason)
    if len(verdict.reasons) > most:
        lines.append(labelled("", Text(f"… and {len(verdict.reasons) - most:,} more reasons", DIM)))
    return [*lines, *_suppressed(verdict), *_expired(verdict), labelled("policy", safe_text(verdict.policy, _TEXT))]


def verdict_line(name: str, verdict: Verdict) -> RenderableType:
    """One line of many: the decision, the package, and what says most against it."""
    titles = list(dict.fromkeys(safe_text(one.title, 80) for one in verdict.reasons))
    told = "; ".join(titles[:_TITLES]) + (f"; and {len(titles) - _TITLES:,} more" if len(titles) > _TITLES else "")
    if verdict.suppressed:
        told = "; ".join(filter(None, [told, f"{len(verdict.suppressed):,} suppressed"]))
    text = Text.assemble((words(name), "bold"), f"  {told}" if told else "")
    return labelled(verdict.decision, text, DECISION_STYLES[verdict.decision])


def show_verdict(name: str, verdict: Verdict) -> Group:
    """A package's verdict in full, under its name."""
    return Group(heading(words(name)), *verdict_seen(verdict)[1:])


def _counts(verdict: Verdict) -> list[str]:
    """What there is to tell: "2 reasons to reject", "1 to review", "3 suppressed"."""
    reject = sum(one.decision == "REJECT" for one in verdict.reasons)
    review = len(verdict.reasons) - reject
    parts = [f"{plural(reject, 'reason')} to reject"] if reject else []
    parts += [f"{plural(review, 'reason')} to review"] if review else []
    return parts + ([f"{len(verdict.suppressed):,} suppressed"] if verdict.suppressed else [])


def _reason(reason: Reason) -> list[RenderableType]:
    style = SEVERITY_STYLES[reason.severity] if reason.severity is not None else ""
    meta = Text(" · ", DIM).join(
        [
            *([Text(words(reason.id), DIM)] if reason.id else []),
            *([Text(reason.severity, style)] if reason.severity is not None else []),
            Text(safe_text(reason.rule, _TEXT), DIM),
        ]
    )
    lines: list[RenderableType] = [
        labelled(reason.decision, Text(safe_text(reason.title, 200), "bold"), DECISION_STYLES[reason.decision]),
        paragraph(_BESIDE, meta),
    ]
    return lines + ([paragraph(_BESIDE, safe_text(reason.evidence, _TEXT), "- ")] if reason.evidence else [])


def _suppressed(verdict: Verdict) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for one in verdict.suppressed[:_SUPPRESSED]:
        text = Text.assemble(words(one.id), (f" ({one.kind}, until {words(one.expires)}): ", DIM))
        lines.append(paragraph(2, text.append(safe_text(one.reason, _TEXT)), Text("suppressed  ", DIM)))
    if len(verdict.suppressed) > _SUPPRESSED:
        lines.append(labelled("", Text(f"… and {len(verdict.suppressed) - _SUPPRESSED:,} more", DIM)))
    return lines


def _expired(verdict: Verdict) -> list[RenderableType]:
    lines: list[RenderableType] = [
        labelled("expired", safe_text(one, _TEXT), SEVERITY_STYLES["medium"]) for one in verdict.expired[:_SUPPRESSED]
    ]
    if len(verdict.expired) > _SUPPRESSED:
        lines.append(labelled("", Text(f"… and {len(verdict.expired) - _SUPPRESSED:,} more", DIM)))
    return lines
