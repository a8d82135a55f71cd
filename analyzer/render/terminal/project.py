"""The project and its known vulnerabilities in the terminal: one short block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from analyzer.render.terminal.layout import SEVERITY_STYLES, bounded, heading, labelled, words
from analyzer.render.text import safe_text
from analyzer.render.units import list_text, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from analyzer.model.report import Project, Vulnerability

_VULNERABILITIES = 5
_NAMES = 3
_NOTES = 5
_TEXT = 300
_ID = 20


def project_seen(project: Project | None) -> list[RenderableType]:
    """The section of the summary; nothing where nobody was asked."""
    if project is None:
        return []
    lines: list[RenderableType] = [heading("Project", "; ".join(_facts(project)))]
    if project.yanked:
        lines.append(
            labelled("yanked", "its publisher withdrew this version from the index", SEVERITY_STYLES["medium"])
        )
    found = [("weakness", _vulnerability(one)) for one in project.vulnerabilities or ()]
    lines += bounded(found, _VULNERABILITIES, "vulnerabilities")
    if project.rare:
        reasons = Text.assemble(("rarely used", SEVERITY_STYLES["medium"]), f": {_sentences(project.rare)}")
        lines.append(labelled("usage", reasons))
    return lines + bounded([("note", safe_text(one, _TEXT)) for one in project.notes], _NOTES, "notes")


def _facts(project: Project) -> Iterator[str]:
    """What is known, each in a few words."""
    if project.rank is not None:
        yield f"rank {project.rank:,} by downloads"
    elif project.rank_date:
        yield "not in the list of the most downloaded"
    if project.releases is not None:
        since = f" since {words(project.first_upload[:4])}" if project.first_upload else ""
        yield plural(project.releases, "release") + since
    if project.upload:
        yield f"this one of {words(project.upload[:10])}"
    if project.dependents:
        yield f"needed by {plural(project.dependents, 'package')} of the corpus"
    if project.vulnerabilities is not None:
        count = len(project.vulnerabilities)
        yield plural(count, "known vulnerability", "known vulnerabilities") if count else "no known vulnerability"


def _vulnerability(one: Vulnerability) -> str:
    others = [safe_text(alias, _ID * 2) for alias in one.aliases[:_NAMES]]
    name = words(one.id) + (f" ({', '.join(others)})" if others else "")
    fixed = list_text([words(version) for version in one.fixed_in[:_NAMES]])
    mended = f"fixed in {fixed}" if fixed else "no version without it is known"
    return "; ".join(part for part in (": ".join(filter(None, [name, safe_text(one.summary, _TEXT)])), mended) if part)


def _sentences(reasons: list[str]) -> str:
    return "; ".join(safe_text(one, _TEXT) for one in reasons)
