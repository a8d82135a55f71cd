"""How near a run came to the places that it was directed at: from the probe's lines in a record, so hearsay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from analyzer.model.direction import Direction, Place, Reached
from analyzer.model.event import PythonCall
from analyzer.paths import best_match, parts
from analyzer.pipeline.judging.reading import Reading
from analyzer.sandbox.directions import MAX_PLACES, numbers
from analyzer.store.record import Record, StepRecord
from analyzer.trace.authors.installed import Installed
from analyzer.trace.logs import probe

BUILD_SCRIPT: Final = "setup.py"
_ORDER: Final[tuple[Reached, ...]] = ("line", "function", "module")
_MARK: Final = f'"e":"{probe.REACHED}"'
_MAX_SIGNS: Final = 200_000
_CLOCK_SECONDS: Final = 1.0
_PACKAGES: Final = ("/site-packages/", "/dist-packages/")


@dataclass(frozen=True, slots=True)
class _Sign:
    """That a place was reached: in which command and when, how near, in which file and line, the function with its lines where told."""

    step: int
    time: float
    reached: Reached
    file: str
    line: int
    function: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _File:
    """An installed file, as the sandbox has it and relative to its folder of packages."""

    path: str
    relative: str


class _Files:
    """The installed files that a place may be in: the target's, and what it needs."""

    def __init__(self, installed: Installed) -> None:
        own: list[_File] = []
        others: list[_File] = []
        for one in installed.distributions:
            (own if one.requested else others).extend(_File(path, relative(path)) for path in one.files)
        self._groups = [{one.relative: one for one in files} for files in (own, others)]
        self._paths = {one.path for files in (own, others) for one in files}

    def find(self, place: Place) -> _File | None:
        """The file that is meant by a place: by its path, or else by its module."""
        for group in self._groups:
            if place.file:
                found = best_match(place.file, group)
            else:
                name = place.module.replace(".", "/")
                found = next((one for one in (f"{name}.py", f"{name}/__init__.py") if name and one in group), "")
            if found:
                return group[found]
        return None

    def is_in(self, sign: _Sign, file: _File | None) -> bool:
        """Whether a sign is of a file; or of one that is not installed: where packages are built, its files lie elsewhere."""
        if file is not None and sign.file == file.path:
            return True
        if sign.file in self._paths or any(folder in sign.file for folder in _PACKAGES):
            return False
        return file is None or parts(sign.file)[-len(parts(file.relative)) :] == parts(file.relative)


def relative(path: str) -> str:
    """A file of the sandbox relative to the folder of packages, or of the project, that it is in.

    >>> relative("/home/x/project/.venv/lib/python3.11/site-packages/pkg/a.py"), relative("/home/x/project/src/six/six.py")
    ('pkg/a.py', 'six.py')
    """
    for folder in _PACKAGES:
        _, found, after = path.rpartition(folder)
        if found:
            return after
    _, found, after = path.partition("/project/src/")
    return after.partition("/")[2] if found else path


def directions(record: Record, reading: Reading) -> list[Direction]:
    """One for each place that a run was directed at, in order; none where it was directed nowhere."""
    places = record.directions()
    if not places:
        return []
    signs: dict[int, list[_Sign]] = {}
    for number, sign in _signs(record, reading.steps):
        signs.setdefault(number, []).append(sign)
    known, files = numbers(places), _Files(reading.installed)
    traces = any(
        isinstance(one.detail, PythonCall) and one.detail.name == "sys.settrace" for one in reading.events.events
    )
    found = []
    for place in places:
        number = known.get(place, MAX_PLACES)
        found.append(_direction(place, number, signs.get(number, []), files, reading, traces=traces))
    return found


def _direction(
    place: Place, number: int, signs: Sequence[_Sign], files: _Files, reading: Reading, *, traces: bool
) -> Direction:
    file = files.find(place)
    own = [sign for sign in signs if files.is_in(sign, file)]
    is_script = file is None and bool(own) and parts(place.file)[-1:] == (BUILD_SCRIPT,)
    name = file.relative if file is not None else BUILD_SCRIPT if is_script else ""
    best = next((how for how in _ORDER if any(sign.reached == how for sign in own)), None)
    first = min((sign for sign in own if sign.reached == best), key=lambda sign: sign.time, default=None)
    within = next((sign for sign in own if sign.function), None)
    detail = _why(place, number, file, reading) if best is None else ""
    unseen = (
        ""
        if best == "line" or not traces
        else "the package traces its own code, so that lines of it may have been run unseen"
    )
    return Direction(
        asked=place.file,
        file=name,
        module=place.module or _module(name),
        function=place.function or (within.function if within is not None else ""),
        line=place.line,
        end_line=place.end_line,
        function_line=within.first if within is not None else 0,
        function_end=within.last if within is not None else 0,
        reached=best or ("unknown" if detail else "nothing"),
        during=reading.during.at(first.step, first.time) if first is not None else "",
        detail=detail or unseen or (_instead(place, first) if first is not None else ""),
    )


def _instead(place: Place, sign: _Sign) -> str:
    """What was run in the place of lines that have no code: they go on with a statement, or are left out as they can never run."""
    if sign.reached != "line" or not place.line or place.line <= sign.line <= max(place.line, place.end_line):
        return ""
    return f"the place has no code of its own; the nearest line before it, {sign.line}, was run"


def _why(place: Place, number: int, file: _File | None, reading: Reading) -> str:
    """Why it cannot be known whether a place was reached; "" where it can."""
    if number >= MAX_PLACES:
        return f"only the first {MAX_PLACES} places are watched"
    if reading.installed.target is None:
        return "the package is not installed"
    if file is None:
        if parts(place.file)[-1:] == (BUILD_SCRIPT,):
            return "no build script was seen running"
        return "the package has no such file as it is installed" if place.file else "the package has no such module"
    return "" if file.relative.endswith((".py", ".pyw")) else "what runs of such a file is not seen"


def _module(file: str) -> str:
    """The dotted name of a module's file, "" for what is none."""
    names = file.removesuffix(".py").split("/") if file.endswith(".py") else []
    names = names[:-1] if names[-1:] == ["__init__"] else names
    return ".".join(names) if all(name.isidentifier() for name in names) and file != BUILD_SCRIPT else ""


def _signs(record: Record, steps: Sequence[StepRecord]) -> Iterator[tuple[int, _Sign]]:
    """All that the probe told of places, each with the place's number; bounded."""
    return islice((one for step in steps for one in _signs_of(record, step)), _MAX_SIGNS)


def _signs_of(record: Record, step: StepRecord) -> Iterator[tuple[int, _Sign]]:
    told = (line for line in record.lines(f"steps/{step.stem}.probe") if _MARK in line)
    for _, call in probe.read(told):
        if call is None or call.name != probe.REACHED:
            continue
        if step.begin - _CLOCK_SECONDS <= call.time <= step.end + _CLOCK_SECONDS:
            sign = _sign(call, step)
            if sign is not None:
                yield sign


def _sign(call: probe.ProbeCall, step: StepRecord) -> tuple[int, _Sign] | None:
    number, how = (*call.arguments, "", "")[:2]
    reached: Reached | None = next((one for one in _ORDER if one == how), None)
    function, first, last = (*call.arguments[2:5], "", "", "")[:3]
    place = _number(number)
    if reached is None or place is None:
        return None
    return place, _Sign(
        step.step, call.time, reached, call.file, call.line, function, _number(first) or 0, _number(last) or 0
    )


def _number(text: str) -> int | None:
    """A number as the probe writes it: none with more than ten digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None
