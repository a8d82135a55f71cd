"""What a run says of a finding, for each way in which the two may meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.confirm import Findings, answers, confirmation, load_mapping, places
from analyzer.confirm.answers import MAX_EVIDENCE
from analyzer.model.direction import Direction
from analyzer.model.report import CodeLocation, Completeness
from tests.unit.confirm.making import FILE, HTTP, answer, direction, finding, mapping, report, seen, shell
from tests.unit.render.sample import package_file


def lost(detail: str = "the package has no such file as it is installed") -> Direction:
    """What the run tells of a place whose file it has not found."""
    return direction("unknown", file="", module="", function="", function_line=0, function_end=0, detail=detail)


def test_a_behavior_at_the_line_confirms() -> None:
    found = answer(finding(), report([shell(seen(10))], [direction()]))
    assert (found.answer, found.where, found.reached) == ("confirmed", "line", "line")
    assert found.seen == ["execution.shell.run"]
    assert found.evidence[0].detail == "sh -c ls"
    assert found.file == FILE
    assert found.mapping.startswith("bandit.yaml")


def test_any_line_of_the_statement_counts_as_the_line() -> None:
    several = finding(line=9, end_line=12)
    of = report([shell(seen(12))], [direction(line=9, end_line=12)])
    assert answer(several, of).where == "line"


def test_a_behavior_beside_the_line_in_the_same_function_confirms_where_the_line_was_run() -> None:
    found = answer(finding(), report([shell(seen(11))], [direction()]))
    assert (found.answer, found.where) == ("confirmed", "function")


def test_a_behavior_beside_a_line_that_was_not_run_does_not_confirm() -> None:
    found = answer(finding(), report([shell(seen(11))], [direction("function")]))
    assert (found.answer, found.where, found.seen) == ("not triggered", "elsewhere", ["execution.shell.run"])
    assert "the line was not run" in found.why
    assert "pkg/a.py:11" in found.why


def test_the_line_of_a_definition_stands_for_the_function() -> None:
    place = finding(line=8, end_line=8)
    inside = report([shell(seen(11))], [direction("function", line=8, end_line=8)])
    outside = report([shell(seen(20, during="import of pkg.a"))], [direction("function", line=8, end_line=8)])
    assert answer(place, inside).where == "function"
    assert answer(place, outside).answer == "not triggered"


def test_another_function_of_the_file_counts_only_where_the_mapping_says_so() -> None:
    of = report([shell(seen(30, during="call of pkg.a:other"))], [direction()])
    assert answer(finding(), of).answer == "not triggered"
    imported = answer(finding(rule="B404"), of)
    assert (imported.answer, imported.where) == ("confirmed", "file")
    assert answer(finding(rule="B404"), report([shell(seen(30))], [direction("module")])).answer == "not triggered"


def test_another_file_of_the_package_never_confirms_a_place() -> None:
    found = answer(finding(), report([shell(seen(10, "pkg/b.py", during="import of pkg.b"))], [direction()]))
    assert (found.answer, found.where) == ("not triggered", "elsewhere")
    assert "pkg/b.py:10" in found.why
    assert (
        answer(finding(rule="B404"), report([shell(seen(10, "b/pkg/a.py"))], [direction()])).answer == "not triggered"
    )


def test_a_behavior_by_unknown_code_counts_while_the_place_ran_and_says_so() -> None:
    unplaced = seen(1, location=None)
    found = answer(finding(), report([shell(unplaced)], [direction()]))
    assert (found.answer, found.where) == ("confirmed", "elsewhere")
    assert "not known" in found.why
    later = report([shell(seen(1, location=None, during="import of pkg.b"))], [direction()])
    assert answer(finding(), later).answer == "not triggered"
    assert answer(finding(), report([shell(unplaced)], [direction("function")])).answer == "not triggered"


def test_what_a_dependency_does_while_the_place_runs_counts_like_unknown_code() -> None:
    of = report([shell(seen(7, "requests/api.py", attribution="dependency"))], [direction()])
    assert answer(finding(), of).where == "elsewhere"
    assert answer(finding(), of).answer == "confirmed"


@pytest.mark.parametrize(
    ("reached", "words"),
    [
        ("line", "The line was run"),
        ("function", "the line was not run"),
        ("module", "not this place"),
        ("nothing", "Nothing of the file"),
    ],
)
def test_what_was_not_seen_is_not_triggered_and_says_how_far_the_run_came(reached: str, words: str) -> None:
    found = answer(finding(), report([], [direction(reached)]))
    assert (found.answer, found.where, found.evidence) == ("not triggered", "", [])
    assert words in found.why
    assert "proof" not in found.why


def test_an_incomplete_run_proves_nothing() -> None:
    incomplete = Completeness(status="incomplete", reasons=["a phase was cut"], events=1, dropped=0)
    assert "no proof" in answer(finding(), report([], [direction()], completeness=incomplete)).why


def test_evidence_that_the_report_has_not_kept_is_told() -> None:
    of = report([shell(seen(50, "pkg/b.py"), count=200)], [direction()])
    assert "keeps only the first events" in answer(finding(), of).why


def test_an_attempt_confirms_and_is_called_one() -> None:
    found = answer(finding(), report([shell(seen(10, outcome="attempted"))], [direction()]))
    assert found.answer == "confirmed"
    assert "without success" in found.why


def test_evidence_is_bounded_and_counted() -> None:
    found = answer(finding(), report([shell(*(seen(10) for _ in range(40)))], [direction()]))
    assert (len(found.evidence), found.evidence_count) == (MAX_EVIDENCE, 40)


def test_a_file_that_the_package_has_not_is_kept_and_not_observable() -> None:
    gone = finding(file="other/never.py")
    nowhere = lost()
    for of, files in ((report([], [nowhere]), None), (report(), [FILE])):
        found = answer(gone, of, files)
        assert (found.answer, found.file) == ("not observable", "")
        assert found.why == "The package has no such file as other/never.py."


def test_a_file_of_the_archive_that_is_not_installed_is_told_apart() -> None:
    nowhere = lost()
    found = answer(finding(file="tests/t.py"), report([], [nowhere]), [FILE, "pkg-1.0/tests/t.py"])
    assert found.answer == "not observable"
    assert "not installed" in found.why


def test_a_place_that_was_not_looked_at_is_not_taken_for_a_missing_one() -> None:
    of = report([shell(seen(10))], [lost("the run was not directed at this place")])
    assert answer(finding(), of, None).answer == "confirmed"
    missed = answer(finding(), report([], [lost("the package is not installed")]), [FILE])
    assert missed.answer == "not triggered"
    assert "(the package is not installed)" in missed.why


def test_a_file_that_is_no_python_code_is_not_observable() -> None:
    found = answer(finding(file="pkg/run.js"), report([], [direction("unknown", file="pkg/run.js")]))
    assert found.answer == "not observable"
    assert "no Python" in found.why


def test_a_build_script_is_run_by_the_installation_of_an_sdist_alone() -> None:
    script = finding(file="./setup.py")
    nowhere = lost()
    built = seen(10, phase="install", during="install")
    built = built.model_copy(
        update={"location": built.location.model_copy(update={"file": "/tmp/build-1/setup.py"})}
        if built.location
        else {}
    )
    files = ["pkg-1.0/setup.py", "pkg-1.0/src/pkg/a.py"]
    assert answer(script, report([shell(built)], [nowhere]), files).where == "line"
    wheel = answer(script, report([], [nowhere]), files)
    assert wheel.answer == "not observable"
    assert "wheel" in wheel.why
    package = report().package.model_copy(update={"files": [package_file("six-1.0.tar.gz", 10)]})
    assert answer(script, report([], [nowhere], package=package), files).answer == "not triggered"


def test_a_finding_without_a_place_is_confirmed_by_the_package() -> None:
    whole = finding(file="", line=0, end_line=0)
    found = answer(whole, report([shell(seen(10, "pkg/b.py"))]))
    assert (found.answer, found.where) == ("confirmed", "elsewhere")
    assert answer(whole, report()).answer == "not triggered"


def test_what_no_act_shows_is_not_observable_and_says_why() -> None:
    found = answer(finding(rule="B105"), report([shell(seen(10))], [direction()]))
    assert (found.answer, found.expected) == ("not observable", [])
    assert "password" in found.why


def test_a_rule_that_no_mapping_knows_asks_for_one() -> None:
    found = answer(finding(tool="Own", rule="own-rule"), report([shell(seen(10))], [direction()]))
    assert (found.answer, found.mapping) == ("not observable", "")
    assert "--mapping" in found.why


def test_a_finding_about_another_package_is_not_answered_by_this_one() -> None:
    of = report([shell(seen(10))], [direction()])
    assert answer(finding(package="flask"), of).answer == "not observable"
    assert answer(finding(package="Six"), of).answer == "confirmed"


def test_a_findings_own_behaviors_decide() -> None:
    own = finding(tool="table", rule="x", behaviors=["network.http.*"])
    assert answer(own, report([shell(seen(10), name=HTTP)], [direction()])).seen == [HTTP]
    assert answer(own, report([shell(seen(10))], [direction()])).answer == "not triggered"


def test_a_users_mapping_comes_first(tmp_path: Path) -> None:
    own = mapping(tmp_path, "entries: [{rules: [B602], behaviors: [network.http.connect], at: line}]")
    found = answer(finding(), report([shell(seen(10)), shell(seen(11), name=HTTP)], [direction()]), own=own)
    assert (found.answer, found.mapping) == ("not triggered", "own.yaml, entry 1")


def test_a_run_that_was_not_directed_answers_by_the_findings_own_paths() -> None:
    assert answer(finding(), report([shell(seen(10))]), None).where == "line"
    assert answer(finding(), report([shell(seen(10))])).where == "line"
    assert "not known" in answer(finding(), report()).why


def test_code_that_is_no_file_counts_like_unknown_code() -> None:
    text = seen(1, "<string>").model_copy(
        update={"location": CodeLocation(distribution="", module="", file="<string>", line=1)}
    )
    found = answer(finding(), report([shell(text)], [direction()]))
    assert (found.answer, found.where) == ("confirmed", "elsewhere")


@pytest.mark.parametrize(
    ("known", "file", "answered"),
    [
        ("six-1.17.0/six.py", "six.py", "confirmed"),
        ("six-1.17.0/src/six.py", "six.py", "confirmed"),
        ("six-1.17.0/vendored/six.py", "six.py", "not triggered"),
        ("pkg-1.0/src/pkg/a.py", "pkg/a.py", "confirmed"),
        ("pkg-1.0/src/pkg/a.py", "other/pkg/a.py", "not triggered"),
    ],
)
def test_files_of_an_archive_are_known_again_as_installed(known: str, file: str, answered: str) -> None:
    assert answer(finding(file=known), report([shell(seen(10, file))]), [known]).answer == answered


def test_directions_belong_to_the_findings_places_in_their_order() -> None:
    asked = [finding(), finding(line=20, end_line=20), finding(rule="B603"), finding(file="", line=0, end_line=0)]
    assert [one.line for one in places(asked)] == [10, 20]
    of = report([], [direction("line"), direction("nothing", line=20, end_line=20)])
    assert [one.reached for one in answers(asked, load_mapping(), of)] == ["line", "nothing", "line", "unknown"]


def test_the_document_counts_its_answers() -> None:
    asked = Findings(
        "found.json", "bandit", (finding(), finding(rule="B105"), finding(line=99, end_line=99)), ("a note",)
    )
    made = confirmation(asked, load_mapping(), report([shell(seen(10))], [direction()]), [FILE])
    assert made.counts.model_dump() == {"confirmed": 1, "not_triggered": 1, "not_observable": 1}
    assert [one.answer for one in made.answers] == ["confirmed", "not observable", "not triggered"]
    assert (made.input.tools, made.input.notes, made.package.name) == (["Bandit"], ["a note"], "six")
