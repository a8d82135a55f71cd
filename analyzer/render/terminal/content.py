"""What stands in the package's files, in the terminal: licences, and in short what else is remarkable; the issues tell it at length."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from analyzer.render.grounds import kind_words
from analyzer.render.terminal.layout import heading, labelled, words
from analyzer.render.text import safe_text
from analyzer.render.units import bytes_text, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from analyzer.model.report import Content, LicenseFact

_MOST: Final = 6
"""Entries of a line."""

_TEXT: Final = 60


def content_seen(content: Content | None) -> list[RenderableType]:
    """Some lines with labels; nothing where no file was read."""
    if content is None:
        return []
    read = f"{plural(content.files, 'file')} read, {bytes_text(content.bytes)}"
    lines: list[RenderableType] = [heading("In the files", read)]
    if content.licenses:
        lines.append(labelled("licences", _licenses(content.licenses)))
    if content.secrets:
        services = _counted(one.service for one in content.secrets)
        lines.append(labelled("secrets", f"{plural(len(content.secrets), 'access token')}: {services}"))
    if content.urls:
        kinds = _counted(kind_words(kind) for one in content.urls for kind in one.kinds)
        lines.append(labelled("addresses", f"{len(content.urls):,} remarkable: {kinds}"))
    if content.unread:
        lines.append(labelled("not read", _list(safe_text(text, 2 * _TEXT) for text in content.unread)))
    return lines


def _licenses(facts: list[LicenseFact]) -> str:
    """The target's, then those of what it needs, what is remarkable before what is not."""
    facts = sorted(facts, key=lambda fact: not fact.kinds)
    own = _list(_license(one) for one in facts if one.role == "target")
    others = _list(_license(one) for one in facts if one.role == "dependency")
    return "; ".join(part for part in (own, f"dependencies: {others}" if others else "") if part)


def _license(fact: LicenseFact) -> str:
    """A licence with what is remarkable about it; a dependency's is told with its name."""
    text = safe_text(fact.expression or fact.text, _TEXT)
    kinds = f" ({', '.join(map(kind_words, fact.kinds))})" if fact.kinds else ""
    return text + kinds + (f" of {words(fact.distribution)}" if fact.role == "dependency" else "")


def _list(texts: Iterable[str]) -> str:
    """Each text once, the first of many."""
    distinct = list(dict.fromkeys(texts))
    more = f", … and {len(distinct) - _MOST:,} more" if len(distinct) > _MOST else ""
    return ", ".join(distinct[:_MOST]) + more


def _counted(names: Iterable[str]) -> str:
    """Names with how often each is there, the most frequent first."""
    return _list(f"{safe_text(name, _TEXT)} {count:,}" for name, count in Counter(names).most_common())
