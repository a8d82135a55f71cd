"""The HTML report: one file that needs nothing else, and in which nothing that a package wrote can run.

Jinja escapes every value, `safe_text` makes it visible before that, and the page's own policy lets only the one style
sheet and the one script run whose hashes it names: inline attributes, images, requests and forms are refused.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from packaging.utils import canonicalize_name

from analyzer.model.event import PHASES
from analyzer.model.report import SEVERITIES
from analyzer.render import directed, grounds, prevalence, selection, units, wording
from analyzer.render.html import tree
from analyzer.render.html.view import View
from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from analyzer.model.report import BehaviorReport, Evidence, Report

MOST: Final = 19 * 256 * 1024
"""Bytes of a page. A phone opens that in a moment; what a package did is told by less."""

TOP: Final = 5
"""Issues and behaviors that stand above all."""

_STYLES: Final = ("report.css", "timeline.css", "narrow.css")
_SCRIPTS: Final = ("filter.js", "timeline.js")


@dataclass(frozen=True, slots=True)
class Measure:
    """How much is shown: evidences of a behavior, rows of a table or list, characters of one value and of a request's body."""

    evidences: int
    rows: int
    text: int
    block: int


MEASURES: Final = (
    Measure(25, 200, 500, 2048), Measure(12, 120, 300, 1000), Measure(6, 50, 200, 500), Measure(2, 20, 80, 80),
)  # fmt: skip
"""As they are tried on a page that grows too large; the last one always does."""


_BRIEF: Final = 40
_ARGUMENT: Final = 120


class _LargeError(Exception):
    """The page is larger than it may be."""


def render_html(report: Report) -> str:
    """The report as one HTML document, UTF-8. What is left out of it is counted where it would stand."""
    for measure in MEASURES[:-1]:
        try:
            return _page(report, measure, MOST)
        except _LargeError:
            continue
    return _page(report, MEASURES[-1], 0)


def _page(report: Report, measure: Measure, most: int) -> str:
    """The document by this measure. Raises _LargeError once it has more than `most` bytes; 0 is no limit."""
    environment = _environment(measure)
    branches, hidden = tree.prune(report.processes, tree.Limits(total=measure.rows * 5 // 2))
    style, script = _joined(_STYLES), _joined(_SCRIPTS)
    pieces = environment.get_template("report.html.j2").generate(
        report=report,
        policy=content_security_policy(style, script),
        style=Markup(style),  # noqa: S704  our own file, without any value in it
        script=Markup(script),  # noqa: S704
        view=View(report, branches, measure.rows * 5),
        top=selection.top_behaviors(report, TOP),
        groups=selection.by_category(report),
        categories=sorted({one.category for one in report.behaviors} | {"file", "network"}),
        severities=selection.count_severities(report),
        start=selection.start_of(report),
        branches=branches,
        hidden=hidden,
        process_count=sum(1 for _ in selection.walk(report.processes)) + report.processes_left_out,
        home=_home(report),
        unusual=selection.unusual(report),
        anchors={one.id for one in report.behaviors} | {one.id for one in report.issues},
    )
    taken, size = [], 0
    for piece in pieces:
        taken.append(piece)
        size += len(piece) if piece.isascii() else len(piece.encode())
        if most and size > most:
            raise _LargeError
    return "".join(taken)


def content_security_policy(style: str, script: str) -> str:
    """The policy that lets this style sheet and this script run, by their hashes (CSP level 2), and nothing else."""
    sources = [
        "default-src 'none'", f"style-src '{_digest(style)}'", f"script-src '{_digest(script)}'",
        "img-src 'none'", "base-uri 'none'", "form-action 'none'",
    ]  # fmt: skip
    return "; ".join(sources)


def shown_evidence(behavior: BehaviorReport, most: int) -> list[Evidence]:
    """All evidence in its own order where it fits, otherwise the most telling part of it."""
    return behavior.evidence if len(behavior.evidence) <= most else selection.telling_evidence(behavior, most)


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


@cache
def _environment(measure: Measure) -> Environment:
    text, rows = measure.text, measure.rows

    def visible(value: object) -> object:
        """What every value of the template goes through; markup that the template itself made is left alone."""
        return safe_text(value, text) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=PackageLoader("analyzer.render.html"), autoescape=True, finalize=visible, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    environment.filters |= {
        "bytes": units.bytes_text, "seconds": units.seconds_text, "offset": units.offset_text,
        "shown_evidence": partial(shown_evidence, most=measure.evidences), "project": canonicalize_name,
        "command": partial(_command, measure), "brief": partial(safe_text, limit=_BRIEF),
        "direction_place": directed.direction_place, "place": wording.place, "led": wording.led,
        "varied": selection.varied_evidence, "lines": partial(_lines, measure), "sentence": _sentence,
    }  # fmt: skip
    environment.globals |= {
        "plural": units.plural, "host": units.host_text, "rank": SEVERITIES.index, "moment": wording.moment,
        "tls_words": wording.tls_words, "failures": wording.failures, "calls": _counts, "near_limits": wording.near_limits,
        "limit_name": wording.limit_name, "limit_amount": wording.limit_amount, "left_out": wording.left_out,
        "clock_text": wording.clock_text, "facts_by_source": grounds.facts_by_source, "fact_place": grounds.fact_place,
        "evidence_heading": grounds.evidence_heading, "kind_words": grounds.kind_words,
        "prevalence_label": prevalence.prevalence_label, "prevalence_groups": prevalence.prevalence_groups,
        "bar_length": prevalence.bar_length, "seen_text": prevalence.seen_text, "anomaly_text": prevalence.anomaly_text,
        "corpus_text": prevalence.corpus_text,
        "reached_words": directed.reached_words, "exploration_text": directed.exploration_text,
        "SEVERITIES": SEVERITIES, "PHASES": PHASES, "ROWS": rows, "TOP": TOP,
    }  # fmt: skip
    return environment


@cache
def _joined(names: tuple[str, ...]) -> str:
    """Style sheets or scripts of ours, as the hash and the page both have them (an HTML parser reads CRLF as LF)."""
    loader, environment = PackageLoader("analyzer.render.html"), _environment(MEASURES[0])
    return "\n".join(loader.get_source(environment, name)[0].replace("\r\n", "\n") for name in names)


def _command(measure: Measure, argv: list[str]) -> str:
    """An argument vector in one line, each argument cut before they are joined: programs are passed as arguments, and megabytes."""
    return " ".join(safe_text(argument, min(measure.text, _ARGUMENT)) for argument in argv[: measure.rows])


def _lines(measure: Measure, texts: list[str]) -> Markup:
    """Texts below one another, each made visible and cut, and the lines within each kept."""
    lines = (line for text in texts[: measure.rows] for line in text[: measure.block].splitlines() or [""])
    return Markup("\n").join(safe_text(line, measure.text) for line in lines)


def _counts(**numbers: int) -> str:
    """The numbers that are not 0, with their names: 2 raised, 1 not tried."""
    return ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in numbers.items() if number)


def _sentence(text: str) -> str:
    """A phrase as a sentence begins: the first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def _home(report: Report) -> str:
    """The folder in which most processes were started, which need not be said of each."""
    folders = Counter(node.directory for node in selection.walk(report.processes))
    return folders.most_common(1)[0][0] if folders else ""
