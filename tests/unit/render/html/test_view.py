from __future__ import annotations

from analyzer.render.html.tree import Limits, prune
from analyzer.render.html.view import MOST_CHOICES, View
from tests.unit.render.eventful import rich_report
from tests.unit.render.sample import START, behavior, evidence, process, quiet_report


def test_the_gravest_marks_are_drawn_and_the_others_counted() -> None:
    report = rich_report()
    branches, _ = prune(report.processes, Limits())
    whole, cut = View(report, branches, 1000), View(report, branches, 2)
    nodes = [None, *whole.processes]
    every = [mark for node in nodes for mark in whole.marks(node)]
    assert whole.marks_left_out == 0
    assert cut.marks_left_out == len(every) - 2
    kept = [mark for node in nodes for mark in cut.marks(node)]
    assert [mark.behaviors[0].severity for mark in kept] == ["critical", "critical"]


def test_what_a_process_that_is_not_shown_did_stands_apart() -> None:
    report = rich_report()
    branches, _ = prune(report.processes, Limits(depth=1))
    told = {one.id for mark in View(report, branches, 1000).marks(None) for one in mark.behaviors}
    assert told >= {"execution.shell.run", "steal.ssh-key.read"}


def test_what_was_found_in_the_tree_afterwards_is_no_mark_of_a_process() -> None:
    seen = [evidence("opens /x", 1.5, pid=7), evidence("created /x", 9, pid=7, layer="filesystem")]
    report = quiet_report(processes=[process(7, ["x"], 1.0)], behaviors=[behavior("file.write", "W", "low", seen)])
    view = View(report, prune(report.processes, Limits())[0], 10)
    assert [mark.first for mark in view.marks(view.processes[0])] == [START + 1.5]
    assert [mark.first for mark in view.marks(None)] == [START + 9]
    assert view.of_process(view.processes[0]).categories == ("file",)


def test_choices_are_bounded_and_have_each_number_once() -> None:
    nodes = [process(at % 300, ["x"], at) for at in range(400)]
    branches, _ = prune(nodes, Limits(siblings=400))
    choices = View(quiet_report(processes=nodes), branches, 10).choices()
    assert [node.pid for node in choices] == list(range(300))[:MOST_CHOICES]
