"""How a report's own words are put for people: what ran when, how far the run got, what came near its limit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from analyzer.render.text import safe_text
from analyzer.render.units import bytes_text, list_text, plural, seconds_text

if TYPE_CHECKING:
    from analyzer.model.report import (
        CodeLocation,
        Completeness,
        Coverage,
        FastClock,
        LimitUse,
        ModuleCoverage,
        Report,
        TlsFacts,
    )

_NEAR: Final = 0.8
"""From which part of a limit on its use is told without being asked."""

_MOMENT: Final = 60
_BEGINNINGS: Final = {"import of ": "import", "call of ": "call", "script ": "script"}
_LIMITS: Final = {
    "install_seconds": "time to install",
    "startup_seconds": "time to start an interpreter",
    "import_seconds": "time to import",
    "execute_seconds": "time to execute",
    "subject_seconds": "time of one module or script",
    "call_seconds": "time of one call",
    "output_bytes": "output",
    "trace_bytes": "trace",
    "probe_bytes": "interpreter probe's log",
    "memory_bytes": "memory",
    "processes": "processes",
    "disk_bytes": "disk",
    "tree_entries": "compared files",
}
_HANDSHAKES: Final = {
    "seen-through": "seen through",
    "pinned": "pinned: the certificate was refused",
    "failed": "not finished",
}
_KINDS: Final = ("missing dependency", "other platform", "other Python version", "needs configuration")
_LEADS: Final = {"file.open": "read", "file.read": "read", "python.call": "read", "network.http": "fetched"}


def moment(phase: str, during: str) -> str:
    """What ran then, in short: "import · sample.api", "execute · sample --help"; the phase where it is not known better."""
    for beginning, word in _BEGINNINGS.items():
        if during.startswith(beginning):
            return f"{word} · {safe_text(during.removeprefix(beginning), _MOMENT)}"
    return safe_text(during, _MOMENT) if during and phase not in {"install", "import"} else phase


def place(at: CodeLocation | None) -> str:
    """A line of code in short: behind the folder in which everything is installed, the path is as its author knows it."""
    return f"{safe_text(at.file.rpartition('/site-packages/')[2], 160)}:{at.line}" if at is not None else ""


def tls_words(tls: TlsFacts) -> str:
    """What became of a handshake: "TLSv1.3 seen through", "TLS pinned: the certificate was refused"."""
    version = safe_text(tls.version, 20) or "TLS"
    return f"{version} {_HANDSHAKES[tls.status]}"


def reached(coverage: Coverage) -> str:
    """How far the run got, in one line; "" where there was nothing to reach."""
    modules, scripts, callables = coverage.modules, coverage.scripts, coverage.callables
    parts = []
    if modules.total:
        why = failures(modules)
        parts.append(f"{modules.imported:,} of {plural(modules.total, 'module')}" + (f" ({why})" if why else ""))
    if scripts.total:
        parts.append(f"{scripts.run:,} of {plural(scripts.total, 'script')}")
    if callables.found:
        parts.append(f"{callables.called:,} of {plural(callables.found, 'callable')}")
    return ", ".join(parts)


def led(kind: str) -> str:
    """What an event that led to an issue is called; Python's calls in such a place are lookups."""
    return _LEADS.get(kind, kind)


def failures(modules: ModuleCoverage) -> str:
    """Why modules were not imported, counted; what is left out of the list is "other"."""
    counts = Counter(one.reason if one.reason in _KINDS else _short(one.reason) for one in modules.failed)
    if modules.left_out:
        counts["other"] += modules.left_out
    return ", ".join(f"{safe_text(reason, 40)} {count:,}" for reason, count in counts.most_common())


def left_out(report: Report) -> str:
    """What the report lacks for being too large, in words; "" where it lacks nothing."""
    rows = sum(one.count for one in report.left_out if one.part != "texts")
    texts = sum(one.count for one in report.left_out if one.part == "texts")
    parts = [plural(rows, "entry", "entries") + " left out"] if rows else []
    parts += [plural(texts, "long text") + " cut"] if texts else []
    return list_text(parts)


def _short(reason: str) -> str:
    """A reason without what differs from one to the next."""
    return "cut" if reason.startswith("cut after") else reason


def near_limits(completeness: Completeness) -> list[LimitUse]:
    """The limits of which most was used. That a single call is cut costs nothing but that call."""
    return [use for use in completeness.limits if use.name != "call_seconds" and use.used >= _NEAR * use.limit]


def limit_name(name: str) -> str:
    """A limit as people call it."""
    return _LIMITS.get(name) or safe_text(name, 60)


def limit_amount(use: LimitUse) -> str:
    """What was used of a limit, and the limit."""
    if use.unit == "seconds":
        return f"{seconds_text(use.used)} of {seconds_text(use.limit)}"
    if use.unit == "bytes":
        return f"{bytes_text(int(use.used))} of {bytes_text(int(use.limit))}"
    return f"{use.used:,.0f} of {use.limit:,.0f}"


def clock_text(clock: FastClock) -> str:
    """What a clock that ran ahead came to: "ran ahead: 2 delays shortened by 660 s; run again at 2026-11-24 04:01 and …"."""
    skipped = (
        f"{plural(clock.skips, 'delay')} shortened by {seconds_text(clock.skipped_seconds)}"
        if clock.skips
        else "no delay shortened"
    )
    dates = list_text([safe_text(one.date[:16].replace("T", " "), _MOMENT) for one in clock.later])
    return f"ran ahead: {skipped}; " + (f"run again at {dates} UTC" if dates else "not run at a later date")
