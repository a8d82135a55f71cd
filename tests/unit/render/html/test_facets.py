from __future__ import annotations

from analyzer.model.report import Network, Report
from analyzer.render.html.acts import Moment
from analyzer.render.html.facets import MOST, FacetIndex
from tests.unit.render.eventful import rich_report
from tests.unit.render.sample import START, behavior, change, evidence, location, process, quiet_report


def one_request(at: float, pid: int = 23) -> Report:
    """A report with one row of traffic and one behavior that the same process showed a second after the start."""
    row = rich_report().network.http[0].model_copy(update={"time": START + at, "pid": pid, "distribution": "Acme_Core"})
    seen = [evidence("POST x", 1.0, event="network.http"), evidence("/x", 1.0, event="file.open")]
    shown = [behavior("network.x", "X", "medium", seen[:1]), behavior("steal.x", "Y", "critical", seen[1:])]
    return quiet_report(behaviors=shown, network=Network(http=[row]))


def test_traffic_has_the_severity_of_what_its_process_did_at_that_millisecond() -> None:
    for at, expected in ((1.0, "network.x"), (1.001, "network.x"), (1.01, "")):
        report = one_request(at)
        facets = FacetIndex(report).of_traffic(report.network.http[0])
        assert (facets.shows.id if facets.shows else "") == expected
        assert facets.categories == ("network",)
        assert (facets.phases, facets.pids) == (("import",), (23,))
    other = one_request(1.0, pid=24)
    assert FacetIndex(other).of_traffic(other.network.http[0]).shows is None
    unknown = one_request(1.0, pid=0)
    assert FacetIndex(unknown).of_traffic(unknown.network.http[0]).pids == ()


def test_a_change_has_the_severity_of_the_gravest_behavior_that_names_its_path() -> None:
    report = quiet_report(
        behaviors=[
            behavior("file.write", "W", "info", [evidence("/home/a/.bashrc (12 bytes)", 1)]),
            behavior("autostart.shell", "A", "high", [evidence("writes /home/a/.bashrc: x", 1, event="file.write")]),
        ]
    )
    index = FacetIndex(report)
    facets = index.of_change(change("/home/a/.bashrc"))
    assert facets.shows is not None
    assert facets.shows.id == "autostart.shell"
    assert facets.categories == ("autostart", "file")
    assert index.of_change(change("/home/a")).shows is None


def test_distributions_are_numbered_by_their_normal_names_with_the_target_first() -> None:
    report = one_request(1.0)
    index = FacetIndex(report)
    assert index.distributions[:2] == ["six", "acme-core"]
    assert index.of_traffic(report.network.http[0]).distributions == (1,)
    by = {"installer": "the installer", "dependency": "a dependency"}
    changes = [change(f"/{who}", distribution="", attribution=who) for who in by]
    told = FacetIndex(quiet_report(files={"created": changes})).distributions
    assert told == ["six", *by.values()]


def test_behaviors_processes_and_moments_have_what_their_acts_have() -> None:
    code = location("x.py", 1, "requests")
    seen = behavior(
        "file.read", "R", "low", [evidence("a", 1, pid=5, location=code), evidence("b", 2, phase="execute")]
    )
    report = quiet_report(behaviors=[seen])
    index = FacetIndex(report)
    whole = index.of_behavior(seen)
    assert (whole.phases, whole.pids, whole.distributions, whole.categories) == (
        ("import", "execute"),
        (5, 23),
        (0, 1),
        ("file",),
    )
    moment = index.of_moment(Moment(seen, seen.evidence[0], 1))
    assert (moment.phases, moment.pids, moment.distributions) == (("import",), (5,), (1,))
    node = process(5, ["x"], 0)
    assert index.of_process(node, [(seen, seen.evidence[0])]).distributions == (1,)
    idle = index.of_process(node, [])
    assert (idle.shows, idle.pids, idle.distributions, idle.categories) == (None, (5,), (0,), ())


def test_a_package_with_endless_names_is_bounded() -> None:
    changes = [change(f"/{at}", distribution=f"{'n' * 500}{at}"[-300:]) for at in range(3 * MOST)]
    index = FacetIndex(quiet_report(files={"created": changes}))
    assert len(index.distributions) <= MOST
    assert max(map(len, index.distributions)) <= 200
