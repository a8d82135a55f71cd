"""The sentences behind the answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from analyzer.confirm.seen import Found
from analyzer.confirm.spot import Near, Spot, installed, is_build_script, is_missing
from analyzer.model.confirmation import Finding
from analyzer.model.report import Report

_NAMED: Final = 3
_SHOWN: Final = 120
_PYTHON: Final = (".py", ".pyw", ".pyx", ".pth")
_REACHED: Final = {
    "line": "The line was run",
    "function": "The function was entered, but the line was not run",
    "module": "The file was run, but not this place in it",
    "nothing": "Nothing of the file was run",
    "unknown": "Whether the place was run is not known",
}


def unmapped(finding: Finding) -> str:
    """Of a finding that no entry fits."""
    rule = _short(finding.rule) or "this rule"
    return f"No mapping says which behavior would show {rule}; write one and give it with --mapping."


def other_package(finding: Finding) -> str:
    """Of a finding about another package than the one that was run."""
    return f"The finding is about another package, {_short(finding.package)}."


def missing(finding: Finding, spot: Spot, report: Report) -> str:
    """Why nothing can be seen of a finding's code, as far as its file tells; "" where it can."""
    if not finding.file:
        named = _short(finding.module or finding.function)
        return f"The package has no such code as {named}." if named and is_missing(spot.direction) else ""
    if not spot.file:
        return f"The package has no such file as {_short(finding.file)}."
    if not spot.file.endswith(_PYTHON):
        return "The file is no Python code, and what happens is not told by its lines."
    if is_build_script(spot.file):
        archive = report.package.files[0].filename if report.package.files else ""
        return (
            "A wheel was installed, and the build script runs only where an sdist is."
            if archive.endswith(".whl")
            else ""
        )
    if is_missing(spot.direction):
        return "The file is in the package's archive and is not installed with it, so that nothing runs it."
    return ""


def confirmed(near: Near, found: Found, spot: Spot, meaning: str) -> str:
    """What was seen, and where; `meaning` is what the mapping says of such a finding."""
    names = _names((behavior for behavior, _ in found), "and")
    places = _places(found)
    during = _short(spot.direction.during) if spot.direction is not None else ""
    said = {
        "line": f"Seen at this line: {names}",
        "function": f"Seen in this function, at {places}: {names}",
        "file": f"Seen in this file, at {places}: {names}",
        "unplaced": f"Seen while the place was run ({during}), by code that is not the package's own or not known: {names}",
        "elsewhere": f"Seen in the package, at {places}: {names}" if places else f"Seen in the package: {names}",
    }[near]
    if not during and near == "unplaced":
        said = f"Seen in the package, by code that is not known: {names}"
    tried = " It was tried without success." if all(one.outcome == "attempted" for _, one in found) else ""
    return f"{said}.{tried}" + (f" {meaning}" if meaning else "")


def not_triggered(spot: Spot, expected: Collection[str], elsewhere: Found, report: Report, *, is_cut: bool) -> str:
    """How far the run came, what was not seen, and what keeps this from being the last word."""
    text = f"{_reached(spot)}; not seen there: {_names(expected, 'or')}."
    if elsewhere:
        text += f" Seen elsewhere, at {_places(elsewhere)}: {_names((behavior for behavior, _ in elsewhere), 'and')}."
    if is_cut and spot.may_have_run:
        text += " The report keeps only the first events of such a behavior."
    if report.completeness.status != "complete":
        text += f" The run is {report.completeness.status}, so that this is no proof."
    return text


def _reached(spot: Spot) -> str:
    if spot.is_whole and spot.reached in ("line", "function"):
        return "The function was run" if spot.function else "The file was run"
    if spot.direction is None and not spot.file and not spot.module:
        return "The finding names no place that was looked at"
    detail = spot.direction.detail if spot.direction is not None else ""
    if detail and spot.reached == "line":
        said = _short(detail)
        return said[:1].upper() + said[1:]
    return _REACHED[spot.reached] + (f" ({_short(detail)})" if detail else "")


def _names(ids: Iterable[str], word: str) -> str:
    """Some ids, each once: "a, b and 3 more"."""
    known = list(dict.fromkeys(ids))
    shown = known[:_NAMED] if len(known) > _NAMED + 1 else known
    if len(shown) < len(known):
        return f"{', '.join(shown)} {word} {len(known) - len(shown)} more"
    return f"{', '.join(shown[:-1])} {word} {shown[-1]}" if len(shown) > 1 else "".join(shown)


def _places(found: Found) -> str:
    """The first lines of code, as file:line."""
    places = (one.location for _, one in found if one.location is not None)
    lines = list(dict.fromkeys(f"{_short(installed(one.file))}:{one.line}" for one in places))
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return (", ".join(lines[:_NAMED]) + more) or "a place that is not known"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"…{text[-_SHOWN:]}"
