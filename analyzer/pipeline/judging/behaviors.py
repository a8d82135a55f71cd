"""From single observations to the report's behaviors: counted, with their phases, authors, witnesses and evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Final, TypeVar

from analyzer.model.event import PHASES, Attribution, Event, FileTree, Layer, Outcome, Phase
from analyzer.model.report import SEVERITIES, BehaviorReport, CodeLocation, Evidence, PrecedingEvent, TraceSource
from analyzer.pipeline.judging.during import During
from analyzer.pipeline.judging.placed import Key, Placed
from analyzer.rules.engine import Observation
from analyzer.taxonomy import Behavior, Taxonomy
from analyzer.trace.canonical.targets import Targets

T = TypeVar("T")
ReadLines = Callable[[str, Collection[int]], Mapping[int, str]]
"""Gives the texts of a record's lines by file and numbers, without those that are not there."""

Texts = Mapping[tuple[str, int], str]

MAX_EVIDENCE: Final = 100
"""Pieces that are told of one behavior."""
_MAX_PLACED: Final = 1000
"""Pieces that are told beyond that because the run was directed at what did it."""

_OF_A_PLACE: Final = 2
_MAX_DETAIL = 1000
AUTHORS: tuple[Attribution, ...] = ("package", "dependency", "installer", "interpreter")
"""In the order in which they are told."""

_LAYERS: tuple[Layer, ...] = ("syscall", "packet", "filesystem", "interpreter")
_OUTCOMES: tuple[Outcome, ...] = ("completed", "attempted")


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a run beside its observations: the record's lines, what ran when, and the analysed distribution's name.

    `targets` names what events were upon; `placed` tells which were by code that the run was directed at.
    """

    read_lines: ReadLines
    during: During
    target: str
    targets: Targets
    placed: Placed = field(default_factory=Placed)

    def distribution(self, event: Event) -> str:
        """The distribution whose code it was, as far as that is known."""
        if event.attribution == "package":
            return self.target
        if event.attribution != "dependency":
            return ""
        found = event.location.distribution if event.location is not None else ""
        owner = event.detail.distribution if isinstance(event.detail, FileTree) else ""
        return found if found and found != self.target else owner


@dataclass(slots=True)
class _Seen:
    """What is kept of a behavior's observations: numbers of all, and the first of each witness and outcome.

    `called` and `otherwise` count those of calls with made-up arguments, and all others of which that is known. `placed` are the first by
    code that the run was directed at, of each place.
    """

    counts: Counter[tuple[Layer, Outcome]] = field(default_factory=Counter)
    phases: set[Phase] = field(default_factory=set)
    authors: set[Attribution] = field(default_factory=set)
    first: dict[tuple[Layer, Outcome], list[Observation]] = field(default_factory=lambda: defaultdict(list))
    placed: list[Observation] = field(default_factory=list)
    places: Counter[Key] = field(default_factory=Counter)
    called: int = 0
    otherwise: int = 0
    at_once: int = 0
    last: Event | None = None

    def add(self, observation: Observation, is_call: bool | None, *, is_later: bool) -> None:
        event = observation.event
        if event is self.last:  # another rule says the same of it
            self._tell_more(observation)
            return
        self.last = event
        self.called += is_call is True
        self.otherwise += is_call is False
        self.at_once += not is_later
        key = (event.layer, event.outcome)
        self.counts[key] += 1
        self.phases.add(event.phase)
        self.authors.add(event.attribution)
        if len(self.first[key]) < MAX_EVIDENCE:
            self.first[key].append(observation)

    def keep(self, observation: Observation, places: list[Key]) -> None:
        """Keep one by code that the run was directed at, if it is among the first of any of these places."""
        if self.placed and self.placed[-1].event is observation.event:  # another rule says the same of it
            return
        wanted = [place for place in places if self.places[place] < _OF_A_PLACE]
        if wanted and len(self.placed) < _MAX_PLACED:
            self.places.update(wanted)
            self.placed.append(observation)

    def _tell_more(self, observation: Observation) -> None:
        """Keep the observation that names what led to the event, where another one of the same event does not."""
        kept = self.first[observation.event.layer, observation.event.outcome]
        if observation.before and kept and kept[-1].event is observation.event and not kept[-1].before:
            kept[-1] = observation


def collect(observations: Iterable[Observation], taxonomy: Taxonomy, context: Context) -> list[BehaviorReport]:
    """The behaviors that were observed, most severe first. Keeps no more than the evidence that is told."""
    seen: dict[str, _Seen] = defaultdict(_Seen)
    for observation in observations:
        event, during = observation.event, context.during
        seen[observation.behavior].add(observation, during.is_call(event), is_later=during.is_later(event))
        if places := context.placed.of(event):
            seen[observation.behavior].keep(observation, places)
    chosen = {identifier: _chosen(one) for identifier, one in seen.items()}
    texts = _texts([observation for some in chosen.values() for observation in some], context.read_lines)
    reports = [
        _report(
            taxonomy[identifier], one, [_evidence(observation, texts, context) for observation in chosen[identifier]]
        )
        for identifier, one in seen.items()
    ]
    return sorted(reports, key=lambda report: (-SEVERITIES.index(report.severity), report.id))


def _texts(observations: Iterable[Observation], read_lines: ReadLines) -> Texts:
    """The raw lines behind all evidence; each file of the record is read once."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for observation in observations:
        for event in (observation.event, *observation.before):
            if event.source.line:
                wanted[event.source.file].add(event.source.line)
    return {
        (file, number): _shortened(text.rstrip("\n"))
        for file, numbers in wanted.items()
        for number, text in read_lines(file, numbers).items()
    }


def _report(behavior: Behavior, seen: _Seen, evidence: list[Evidence]) -> BehaviorReport:
    layers = {layer for layer, _ in seen.counts}
    outcomes = {outcome for _, outcome in seen.counts}
    return BehaviorReport(
        id=behavior.id,
        title=behavior.title,
        category=behavior.category,
        severity=behavior.severity,
        description=behavior.description,
        innocent=behavior.innocent,
        count=_count(seen.counts),
        phases=_ordered(seen.phases, PHASES),
        attribution=_ordered(seen.authors, AUTHORS),
        witnesses=_ordered(layers, _LAYERS),
        outcome=_ordered(outcomes, _OUTCOMES)[0],
        called_only=bool(seen.called) and not seen.otherwise,
        later_only=not seen.at_once,
        attack=list(behavior.attack),
        mbc=list(behavior.mbc),
        aliases=list(behavior.aliases),
        evidence=evidence,
    )


def _count(counts: Counter[tuple[Layer, Outcome]]) -> int:
    """How often: by the witness that saw most, since independent witnesses of one act must not add up.

    Mere attempts count only where nothing was completed, or a search along PATH would be told as many programs.
    """
    outcome = next(outcome for outcome in _OUTCOMES if any(key[1] == outcome for key in counts))
    return max(counts[layer, outcome] for layer in _LAYERS)


def _ordered(values: set[T], order: tuple[T, ...]) -> list[T]:
    return [value for value in order if value in values]


def _chosen(seen: _Seen) -> list[Observation]:
    """The first of each witness, then what was completed, then attempts, within the limit, and those of places; in order of time."""
    kept = [observation for of_key in seen.first.values() for observation in of_key]
    ranked = sorted(kept, key=_rank)
    first = {one.event.layer: one for one in reversed(ranked)}
    firsts = {id(one) for one in first.values()}
    rest = [one for one in ranked if id(one) not in firsts]
    chosen = [*first.values(), *rest][:MAX_EVIDENCE]
    events = {id(one.event) for one in chosen}
    return sorted([*chosen, *(one for one in seen.placed if id(one.event) not in events)], key=_rank)


def _rank(one: Observation) -> tuple[bool, float]:
    return one.event.outcome == "attempted", one.event.time


def evidence_detail(observation: Observation) -> str:
    """What was seen, in one line, as the evidence of a report has it."""
    return _shortened(observation.detail.strip())


def _evidence(observation: Observation, texts: Texts, context: Context) -> Evidence:
    event = observation.event
    return Evidence(
        phase=event.phase,
        time=event.time,
        pid=event.pid,
        process=event.process,
        event=event.kind,
        detail=evidence_detail(observation),
        location=code_location(event),
        source=_source(event, texts),
        layer=event.layer,
        outcome=event.outcome,
        attribution=event.attribution,
        distribution=context.distribution(event),
        during=context.during.words(event),
        rule=observation.rule,
        target=context.targets.of(event, observation.before, observation.rule),
        before=[_preceding(one, texts) for one in observation.before],
    )


def code_location(event: Event) -> CodeLocation | None:
    """An event's location as the report has it."""
    at = event.location
    return CodeLocation(distribution=at.distribution, module=at.module, file=at.file, line=at.line) if at else None


def _preceding(event: Event, texts: Texts) -> PrecedingEvent:
    return PrecedingEvent(
        time=event.time,
        pid=event.pid,
        event=event.kind,
        detail=_shortened(_plain(event)),
        location=code_location(event),
        source=_source(event, texts),
    )


def _plain(event: Event) -> str:
    """An event's fields that say something, in one line."""
    values = ((one.name, getattr(event.detail, one.name)) for one in fields(event.detail))
    told = (f"{name}={' '.join(value) if isinstance(value, tuple) else value}" for name, value in values if value)
    return " ".join(told)


def _source(event: Event, texts: Texts) -> TraceSource:
    source = event.source
    return TraceSource(file=source.file, line=source.line, text=texts.get((source.file, source.line), ""))


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_DETAIL else text[: _MAX_DETAIL - 1] + "…"
