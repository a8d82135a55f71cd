"""What was read about a package, and not observed, as the facts that show an issue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.issues.catalog import FindingKind
from analyzer.model.completeness import Completeness
from analyzer.model.content import Content, LicenseFact, LicenseKind, UrlKind
from analyzer.model.project import Project, Vulnerability
from analyzer.model.report import Fact

_MAX_DETAIL: Final = 1000
_MAX_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class Read:
    """What is known of a run's package beside its behaviors; None is what was not read, asked or told."""

    content: Content | None = None
    project: Project | None = None
    completeness: Completeness | None = None


def facts(kinds: Iterable[FindingKind], read: Read) -> Iterator[Fact]:
    """The facts of these kinds, kind by kind; none of a kind about which nothing was read. Long ones are shortened."""
    for kind in kinds:
        for one in _FACTS[kind](read):
            too_long = len(one.detail) > _MAX_DETAIL
            yield one.model_copy(update={"detail": one.detail[: _MAX_DETAIL - 1] + "…"}) if too_long else one


def _urls(kind: UrlKind) -> Callable[[Read], Iterator[Fact]]:
    def told(read: Read) -> Iterator[Fact]:
        for url in read.content.urls if read.content is not None else ():
            if kind in url.kinds:
                times = f" ({url.count:,} times in all files)" if url.count > 1 else ""
                yield Fact(source="content", detail=f"{url.url}{times}", file=url.file, line=url.line)

    return told


def _secrets(read: Read) -> Iterator[Fact]:
    for secret in read.content.secrets if read.content is not None else ():
        yield Fact(source="content", detail=f"{secret.service}: {secret.shown}", file=secret.file, line=secret.line)


def _licenses(kind: LicenseKind) -> Callable[[Read], Iterator[Fact]]:
    def told(read: Read) -> Iterator[Fact]:
        for one in read.content.licenses if read.content is not None else ():
            if kind in one.kinds:
                yield _license(one)

    return told


def _license(one: LicenseFact) -> Fact:
    """A licence, whose it is, and where it is named: in the metadata, or in a file."""
    of = f"{one.distribution} {one.version}".strip()
    whose = of if one.role == "target" else f"{of}, which the package needs"
    name = one.expression or _short(one.text)
    told = f", told as {_short(one.text)!r}" if one.expression and one.text != one.expression else ""
    where = "its licence file" if one.source == "file" else f"{one.source} in its metadata"
    source: Final = "content" if one.source == "file" else "metadata"
    return Fact(source=source, detail=f"{name}: {whose}, by {where}{told}", file=one.file)


def _short(text: str) -> str:
    """What stands for a licence, which may be its whole text."""
    line = " ".join(text[: 2 * _MAX_NAME].split())
    return line if len(line) <= _MAX_NAME else line[: _MAX_NAME - 1] + "…"


def _rare(read: Read) -> Iterator[Fact]:
    for reason in read.project.rare if read.project is not None else ():
        yield Fact(source="corpus", detail=reason)


def _vulnerable(read: Read) -> Iterator[Fact]:
    known = read.project.vulnerabilities if read.project is not None else None
    for one in known or ():
        yield Fact(source=one.source, detail=_vulnerability(one))


def _vulnerability(one: Vulnerability) -> str:
    names = f"{one.id} ({', '.join(one.aliases)})" if one.aliases else one.id
    fixed = f"fixed in {', '.join(one.fixed_in)}" if one.fixed_in else "no version without it is known"
    return "; ".join(part for part in (names + (f": {one.summary}" if one.summary else ""), fixed, one.link) if part)


def _incomplete(read: Read) -> Iterator[Fact]:
    if read.completeness is None or read.completeness.status == "complete":
        return
    reasons = read.completeness.reasons or [f"the run is {read.completeness.status}, and does not say why"]
    yield from (Fact(source="run", detail=reason) for reason in reasons)


_FACTS: Final[dict[FindingKind, Callable[[Read], Iterator[Fact]]]] = {
    "url.suspicious-tld": _urls("suspicious-tld"),
    "url.nonstandard-port": _urls("nonstandard-port"),
    "url.interesting-format": _urls("interesting-format"),
    "secret": _secrets,
    "license.copyleft": _licenses("copyleft"),
    "license.restricted": _licenses("restricted"),
    "project.rare": _rare,
    "project.vulnerable": _vulnerable,
    "run.incomplete": _incomplete,
}
