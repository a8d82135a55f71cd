"""Vulnerabilities as acquisition tells of them, whoever says so: bounded, on one line, and with a reason where nothing is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analyzer.acquire.address import is_web_address
from analyzer.model.project import Vulnerability

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

MAX_VULNERABILITIES: Final = 500
"""Of one version, by one source. The version with most has some 400."""

_MAX_NAMES: Final = 50
_MAX_NAME: Final = 100
_MAX_SUMMARY: Final = 400
_MAX_LINK: Final = 400


@dataclass(frozen=True, slots=True)
class Known:
    """What a source says of a version: None where it says nothing, for which `note` has the reason."""

    vulnerabilities: tuple[Vulnerability, ...] | None
    note: str = ""


def vulnerability(
    name: str,
    aliases: Iterable[str],
    texts: Iterable[str | None],
    fixed_in: Iterable[str],
    link: str | None,
    source: Literal["index", "osv"],
) -> Vulnerability:
    """A vulnerability. The first of `texts` that says something is its summary, shortened."""
    return Vulnerability(
        id=name[:_MAX_NAME],
        aliases=_names(alias for alias in aliases if alias != name),
        summary=next(filter(None, map(_line, texts)), ""),
        fixed_in=_names(fixed_in),
        link=link if link and len(link) <= _MAX_LINK and is_web_address(link) else "",
        source=source,
    )


def _names(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text[:_MAX_NAME] for text in texts if text))[:_MAX_NAMES]


def _line(text: str | None) -> str:
    words = " ".join((text or "")[: 4 * _MAX_SUMMARY].split())
    return words if len(words) <= _MAX_SUMMARY else words[:_MAX_SUMMARY].rstrip() + "…"
