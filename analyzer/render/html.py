"""The HTML report: one file that needs nothing else, and in which nothing that a package wrote can run.

Jinja escapes every value, `safe_text` makes it visible before that, and the page's own policy lets only the one style
sheet and the one script run whose hashes it names: inline attributes, images, requests and forms are refused.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from packaging.utils import canonicalize_name

from analyzer.model.event import PHASES
from analyzer.model.report import SEVERITIES
from analyzer.render import selection, tree, units, wording
from analyzer.render.text import safe_text

if TYPE_CHECKING:
    from analyzer.model.report import BehaviorReport, Evidence, Report

EVIDENCES: Final = 25
"""Evidences that are shown of one behavior."""

ROWS: Final = 200
"""Rows that are shown of one table or list."""

_BLOCK: Final = 2048
"""Characters that are shown of a request's body."""

_TEXT: Final = 500
"""Characters that are shown of one value; longer ones say so."""


def render_html(report: Report) -> str:
    """The report as one HTML document, UTF-8."""
    environment = _environment()
    branches, hidden = tree.prune(report.processes, tree.Limits())
    style, script = _asset("report.css"), _asset("report.js")
    return environment.get_template("report.html.j2").render(
        report=report,
        policy=content_security_policy(style, script),
        style=Markup(style),  # noqa: S704  our own file, without any value in it
        script=Markup(script),  # noqa: S704
        groups=selection.by_category(report),
        severities=selection.count_severities(report),
        start=selection.start_of(report),
        branches=branches,
        hidden=hidden,
        process_count=sum(1 for _ in selection.walk(report.processes)) + report.processes_left_out,
        home=_home(report),
    )


def content_security_policy(style: str, script: str) -> str:
    """The policy that lets this style sheet and this script run, by their hashes (CSP level 2), and nothing else."""
    sources = [
        "default-src 'none'", f"style-src '{_digest(style)}'", f"script-src '{_digest(script)}'",
        "img-src 'none'", "base-uri 'none'", "form-action 'none'",
    ]  # fmt: skip
    return "; ".join(sources)


def shown_evidence(behavior: BehaviorReport) -> list[Evidence]:
    """All evidence in its own order where it fits, otherwise the most telling part of it."""
    return behavior.evidence if len(behavior.evidence) <= EVIDENCES else selection.telling_evidence(behavior, EVIDENCES)


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _visible(value: object) -> object:
    """What every value of the template goes through; markup that the template itself made is left alone."""
    return safe_text(value, _TEXT) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("analyzer.render"), autoescape=True, finalize=_visible, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    environment.filters |= {
        "bytes": units.bytes_text, "seconds": units.seconds_text, "offset": units.offset_text,
        "shown_evidence": shown_evidence, "project": canonicalize_name, "command": _command,
        "place": wording.place, "led": wording.led, "varied": selection.varied_evidence, "lines": _lines,
    }  # fmt: skip
    environment.globals |= {
        "plural": units.plural, "host": units.host_text, "rank": SEVERITIES.index, "moment": wording.moment,
        "tls_words": wording.tls_words, "failures": wording.failures, "calls": _counts, "near_limits": wording.near_limits,
        "limit_name": wording.limit_name, "limit_amount": wording.limit_amount,
        "SEVERITIES": SEVERITIES, "PHASES": PHASES, "ROWS": ROWS,
    }  # fmt: skip
    return environment


@cache
def _asset(name: str) -> str:
    """A style sheet or script of ours, as the hash and the page both have it (an HTML parser reads CRLF as LF)."""
    loader, environment = PackageLoader("analyzer.render"), _environment()
    return loader.get_source(environment, name)[0].replace("\r\n", "\n")


def _command(argv: list[str]) -> str:
    """An argument vector in one line, cut before it is joined: it may be megabytes."""
    return " ".join(safe_text(argument, _TEXT) for argument in argv[:ROWS])


def _lines(texts: list[str]) -> Markup:
    """Texts below one another, each made visible and cut, and the lines within each kept."""
    shown = (safe_text(line, _TEXT) for text in texts[:ROWS] for line in text[:_BLOCK].splitlines() or [""])
    return Markup("\n").join(shown)


def _counts(**numbers: int) -> str:
    """The numbers that are not 0, with their names: 2 raised, 1 not tried."""
    return ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in numbers.items() if number)


def _home(report: Report) -> str:
    """The folder in which most processes were started, which need not be said of each."""
    folders = Counter(node.directory for node in selection.walk(report.processes))
    return folders.most_common(1)[0][0] if folders else ""
