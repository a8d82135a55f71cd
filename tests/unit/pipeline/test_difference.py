"""What B shows beyond A, and nothing that both show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.difference import Difference
from analyzer.model.report import (
    SEVERITIES,
    BehaviorReport,
    Completeness,
    Evidence,
    Fact,
    IssueReport,
    LeftOut,
    Limit,
    Package,
    Report,
)
from analyzer.pipeline.difference import difference, has_targets
from tests.unit.render.sample import behavior, evidence, package_file, quiet_report


def act(target: str, phase: str = "import", detail: str = "") -> Evidence:
    return evidence(detail or f"detail of {target}", 1.0, target=target, phase=phase)


def seen(name: str, *acts: Evidence, severity: str = "low", **changes: object) -> BehaviorReport:
    return behavior(name, f"Does {name}", severity, list(acts), **changes)


def issue(name: str, *acts: Evidence, facts: tuple[Fact, ...] = (), severity: str = "medium") -> IssueReport:
    return IssueReport.model_validate(
        {
            "id": name, "title": name, "category": "secret", "severity": severity, "causes_risk": "x", "problem": "y",
            "next_steps": [], "evidence": list(acts), "facts": list(facts),
        }
    )  # fmt: skip


def report(*behaviors: BehaviorReport, version: str = "1.0", name: str = "six", **changes: object) -> Report:
    package = Package(name=name, version=version, files=[package_file(f"{name}-{version}.whl", sum(version.encode()))])
    return quiet_report(behaviors=list(behaviors), package=package, **changes)


def ids(found: Difference) -> tuple[list[str], list[str], list[str]]:
    """New, changed and removed behaviors."""
    parts = (found.new_behaviors, found.changed_behaviors, found.removed_behaviors)
    new, changed, removed = ([one.id for one in part] for part in parts)
    return new, changed, removed


def test_a_new_behavior_counts_and_comes_with_its_evidence() -> None:
    a = report(seen("file.read", act("~/x")))
    b = report(seen("file.read", act("~/x")), seen("a.b.c", act("y")), seen("z.y.x", act("z"), severity="high"))
    found = difference(a, b, ("six==1.0", "b.json"))
    assert ids(found) == (["z.y.x", "a.b.c"], [], [])
    assert found.new_behaviors[0].evidence[0].target == "z"
    assert found.has_new
    assert (found.a.target, found.b.target) == ("six==1.0", "b.json")
    assert found.notes == ["A and B are the same file"]


CHANGES = [
    # before, after, what is said of it
    (seen("x", act("1")), seen("x", act("1"), act("2")), {"new_count": 1, "evidence": ["2"]}),
    (seen("x", act("1"), act("2")), seen("x", act("1")), {"gone_count": 1, "gone": ["2"]}),
    (seen("x", act("1")), seen("x", act("1"), act("1", "install")), {"new_count": 1, "new_phases": ["install"]}),
    (seen("x", act("1"), act("1", "install")), seen("x", act("1")), {"gone_count": 1, "gone_phases": ["install"]}),
    (seen("x", act("1")), seen("x", act("1"), severity="high"), {"attributes": [("severity", "low", "high")]}),
    (
        seen("x", act("1"), outcome="attempted"),
        seen("x", act("1")),
        {"attributes": [("outcome", "attempted", "completed")]},
    ),
    (
        seen("x", act("1"), attribution=["dependency"]),
        seen("x", act("1"), attribution=["package", "dependency"]),
        {"attributes": [("attribution", "dependency", "package, dependency")]},
    ),
    (seen("x", act("1"), called_only=True), seen("x", act("1")), {"attributes": [("called_only", "yes", "no")]}),
    (seen("x", act("1")), seen("x", act("1"), later_only=True), {"attributes": [("later_only", "no", "yes")]}),
]


@pytest.mark.parametrize(("before", "after", "expected"), CHANGES)
def test_what_is_different_about_a_behavior(
    before: BehaviorReport, after: BehaviorReport, expected: dict[str, object]
) -> None:
    found = difference(report(before), report(after))
    assert not found.has_new
    (changed,) = found.changed_behaviors
    told = {
        "new_count": changed.new_count, "gone_count": changed.gone_count, "new_phases": changed.new_phases,
        "gone_phases": changed.gone_phases, "evidence": [one.target for one in changed.evidence],
        "gone": [one.target for one in changed.gone],
        "attributes": [(one.name, one.a, one.b) for one in changed.attributes],
    }  # fmt: skip
    assert {name: told[name] for name in expected} == expected
    assert not changed.may_be_old
    assert not changed.may_be_there


SAME = [
    (("api/{version}/x", "1.0"), ("api/{version}/x", "2.0")),  # its own version
    (("api/{version}/x", "1.0"), ("api/1.0/x", "2.0")),  # a protocol's version, which was its own once
    (("api/2.0/x", "1.0"), ("api/{version}/x", "2.0")),
]
OTHER = [
    (("api/{version}/x", "1.0"), ("api/3.0/x", "2.0")),
    (("api/1.0/x", "1.5"), ("api/{version}/x", "2.0")),
    (("{version}", "1.0"), ("{version}/y", "2.0")),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_the_own_version_is_no_difference(a: tuple[str, str], b: tuple[str, str]) -> None:
    one, other = (report(seen("x", act(target)), version=version) for target, version in (a, b))
    found = difference(one, other)
    assert found.changed_behaviors == []
    assert found.notes == []
    assert difference(other, one).changed_behaviors == []


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_another_version_is_one(a: tuple[str, str], b: tuple[str, str]) -> None:
    one, other = (report(seen("x", act(target)), version=version) for target, version in (a, b))
    assert difference(one, other).changed_behaviors[0].new_count == 1
    assert difference(other, one).changed_behaviors[0].new_count == 1


def test_issues_are_held_against_each_other_as_well() -> None:
    fact = Fact(source="content", detail="a key", file="six-1.0/six.py", line=3)
    moved = fact.model_copy(update={"file": "six-1.1/six.py", "line": 9})
    more = Fact(source="content", detail="another key", file="x.py", line=1)
    a = quiet_report(issues=[issue("kept", act("1"), facts=(fact,)), issue("gone"), issue("same", act("1"))])
    b = quiet_report(issues=[issue("kept", act("1"), facts=(moved, more)), issue("new"), issue("same", act("1"))])
    a = a.model_copy(update={"package": a.package.model_copy(update={"version": "1.0"})})
    b = b.model_copy(update={"package": b.package.model_copy(update={"version": "1.1"})})
    found = difference(a, b)
    assert [one.id for one in found.new_issues] == ["new"]
    assert [one.id for one in found.removed_issues] == ["gone"]
    (changed,) = found.changed_issues
    assert (changed.id, changed.new_count, changed.new_facts, changed.gone_facts_count) == ("kept", 0, [more], 0)
    assert found.has_new


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        (("content", "http://a.example/ (2 times in all files)"), ("content", "http://a.example/"), 0),
        (("content", "http://a.example/1"), ("content", "http://a.example/2"), 1),
        (("corpus", "it has 3 releases"), ("corpus", "it has 4 releases"), 0),
        (("osv", "X-1: fixed in 3"), ("osv", "X-2: fixed in 3"), 1),
        (("metadata", "GPL-3.0: b 1.2, which the package needs"), ("metadata", "GPL-3.0: b 1.3, which the package needs"), 0),
        (("metadata", "GPL-3.0: six 1.0"), ("metadata", "GPL-3.0: six 1.1"), 0),
    ],
)  # fmt: skip
def test_facts_are_the_same_but_for_their_numbers(before: tuple[str, str], after: tuple[str, str], new: int) -> None:
    facts = [Fact.model_validate({"source": source, "detail": detail}) for source, detail in (before, after)]
    a, b = (
        report(version=v, issues=[issue("x", facts=(fact,))]) for v, fact in zip(("1.0", "1.1"), facts, strict=True)
    )
    assert [one.new_facts_count for one in difference(a, b).changed_issues] == [1] * new


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [({"count": 7}, []), ({}, [LeftOut(part="behaviors.evidence", count=3)]), ({}, [LeftOut(part="texts", count=1)])],
)
def test_what_cut_evidence_lacks_is_not_claimed_to_be_new(changes: dict[str, object], left_out: list[LeftOut]) -> None:
    a = report(seen("x", act("1"), **changes), left_out=left_out)
    b = report(seen("x", act("2")))
    (changed,) = difference(a, b).changed_behaviors
    assert (changed.may_be_old, changed.may_be_there) == (True, False)
    (changed,) = difference(b, a).changed_behaviors
    assert (changed.may_be_old, changed.may_be_there) == (False, True)
    assert any("too large" in note for note in difference(a, b).notes) == bool(left_out)


def test_many_acts_are_bounded_and_counted() -> None:
    a, b = report(seen("x", act("1"))), report(seen("x", *(act(str(number)) for number in range(90))))
    (changed,) = difference(a, b).changed_behaviors
    assert (changed.new_count, len(changed.evidence)) == (89, 50)
    (changed,) = difference(b, a).changed_behaviors
    assert (changed.gone_count, len(changed.gone)) == (89, 50)


def test_reports_without_targets_are_held_against_each_other_by_their_texts() -> None:
    old = report(seen("x", act("", detail="/home/alex/x"), act("", detail="/home/alex/y")))
    new = report(seen("x", act("~/x", detail="/home/alex/x"), act("~/z", detail="/home/alex/z")))
    assert not has_targets(old)
    assert has_targets(new)
    found = difference(old, new)
    assert [one.detail for one in found.changed_behaviors[0].evidence] == ["/home/alex/z"]
    assert any("has no targets" in note for note in found.notes)
    assert Report.model_validate_json(old.model_dump_json(exclude={"anomalies"})) == old


NOTES = [
    ({"name": "other"}, "A and B are different packages: six and other"),
    ({"generator": "fumehood 0.2"}, "A is by fumehood 0.1.0, B by fumehood 0.2"),
    ({"python": "3.11.2"}, "A ran in docker with strace, Python 3.13 and a simulated network, B in docker with strace, Python 3.11"),
    ({"backend": "embedded"}, "B in embedded with strace"),
    ({"status": "incomplete"}, "B is incomplete: more may be new, and nothing is known to be gone"),
    ({"status": "failed"}, "B is failed"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), NOTES)
def test_what_a_comparison_cannot_rest_upon_is_said(changes: dict[str, str], expected: str) -> None:
    a = report(version="1.0")
    sandbox = {name: value for name, value in changes.items() if name in {"python", "backend"}}
    more: dict[str, object] = {"sandbox": a.sandbox.model_copy(update=sandbox)} if sandbox else {}
    if "generator" in changes:
        more["generator"] = changes["generator"]
    if "status" in changes:
        more["completeness"] = Completeness.model_validate({"status": changes["status"], "events": 1, "dropped": 0})
    b = report(version="1.0.1", name=changes.get("name", "six"), **more)
    found = difference(a, b)
    assert expected in found.notes[0]
    assert len(found.notes) == 1
    assert found.is_complete == ("status" not in changes)


def test_what_one_place_shows_less_of_is_said() -> None:
    limited = report(version="1.0").sandbox.model_copy(
        update={"limits": [Limit(text="no reads", behavior="file.read"), Limit(text="no x", behavior="x.y.z")]}
    )
    a, b = report(version="1.0", sandbox=limited), report(seen("file.read", act("~/x")), version="1.1")
    told = "where {} ran, these cannot be seen as well as where the other one did: file.read"
    assert difference(a, b).notes == [told.format("A")]
    assert difference(b, a).notes == [told.format("B")]


def test_a_patch_of_python_is_no_other_place() -> None:
    a = report(version="1.0")
    b = report(version="1.1", sandbox=a.sandbox.model_copy(update={"python": "3.13.9"}))
    assert difference(a, b).notes == []


def test_a_report_that_tells_an_id_twice_is_no_obstacle() -> None:
    a = report(seen("x", act("1")))
    b = report(seen("x", act("1")), seen("x", act("2")), seen("y", act("1")), seen("y", act("1")))
    assert ids(difference(a, b))[0] == ["y"]


TARGET = st.sampled_from(["~/x", "~/y", "GET http://a.example/{version}", "GET http://a.example/1.0", ""])
EVIDENCE = st.builds(act, TARGET, st.sampled_from(["install", "import", "execute"]))
BEHAVIOR = st.builds(
    lambda name, acts, severity, called: seen(name, *acts, severity=severity, called_only=called),
    st.sampled_from(["a.b.c", "d.e.f", "g.h.i"]),
    st.lists(EVIDENCE, min_size=1, max_size=5),
    st.sampled_from(SEVERITIES),
    st.booleans(),
)
REPORT = st.builds(
    lambda behaviors, issues, version: report(
        *behaviors, version=version, issues=[issue(one.id, *one.evidence) for one in issues]
    ),
    st.lists(BEHAVIOR, max_size=3, unique_by=lambda one: one.id),
    st.lists(BEHAVIOR, max_size=2, unique_by=lambda one: one.id),
    st.sampled_from(["1.0", "2.0"]),
)


@given(REPORT)
def test_a_report_does_not_differ_from_itself(one: Report) -> None:
    found = difference(one, one)
    assert (ids(found), found.new_issues, found.changed_issues, found.removed_issues) == (([], [], []), [], [], [])


@given(REPORT, REPORT)
def test_the_other_way_round_everything_is_the_other_way_round(a: Report, b: Report) -> None:
    there, back = difference(a, b), difference(b, a)
    assert {one.id for one in there.new_behaviors} == {one.id for one in back.removed_behaviors}
    assert {one.id for one in there.new_issues} == {one.id for one in back.removed_issues}
    for one, other in ((there.changed_behaviors, back.changed_behaviors), (there.changed_issues, back.changed_issues)):
        mirrored = {each.id: each for each in other}
        assert mirrored.keys() == {each.id for each in one}
        for each in one:
            mirror = mirrored[each.id]
            assert (each.new_count, each.gone_count) == (mirror.gone_count, mirror.new_count)
            assert (each.new_phases, each.gone_phases) == (mirror.gone_phases, mirror.new_phases)
            assert [(two.name, two.b, two.a) for two in each.attributes] == [
                (two.name, two.a, two.b) for two in mirror.attributes
            ]
    assert Difference.model_validate_json(there.model_dump_json()) == there
