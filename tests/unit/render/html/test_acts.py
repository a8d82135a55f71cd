from __future__ import annotations

from analyzer.render.html.acts import acts_of, moments_of
from analyzer.render.selection import walk
from tests.unit.render.eventful import rich_report
from tests.unit.render.sample import behavior, evidence, process, quiet_report


def test_an_act_is_of_the_process_that_it_names() -> None:
    report = rich_report()
    nodes = list(walk(report.processes))
    acts = acts_of(report, nodes)
    by_pid = {node.pid: [one.id for one, _ in acts.of.get(id(node), [])] for node in nodes}
    assert by_pid[17] == ["steal.ssh-key.read"]
    assert by_pid[31] == ["execution.shell.run"]
    assert by_pid[40] == []
    assert {one.id for one, _ in acts.others} == {"network.url.nonstandard-port", "autostart.interpreter.hook"}
    assert sum(map(len, acts.of.values())) + len(acts.others) == sum(len(one.evidence) for one in report.behaviors)


def test_of_two_processes_with_one_number_the_one_that_had_started_did_it() -> None:
    first, second = process(7, ["a"], 1.0), process(7, ["b"], 5.0)
    seen = behavior(
        "file.read", "Reads", "low", [evidence(text, at, pid=7) for text, at in (("0", 0.5), ("1", 4.9), ("2", 5.0))]
    )
    acts = acts_of(quiet_report(behaviors=[seen]), [second, first])
    assert [one.detail for _, one in acts.of[id(first)]] == ["1"]
    assert [one.detail for _, one in acts.of[id(second)]] == ["2"]
    assert [one.detail for _, one in acts.others] == ["0"]


def test_moments_are_the_first_of_each_kind_by_time() -> None:
    twice = behavior(
        "file.read", "Reads", "info", [evidence("late", 3), evidence("early", 2), evidence("other", 1, pid=99)]
    )
    grave = behavior("steal.x", "Steals", "critical", [evidence("same time", 2)])
    moments = moments_of(quiet_report(behaviors=[twice, grave]))
    assert [(one.evidence.detail, one.count) for one in moments] == [("other", 1), ("same time", 1), ("early", 2)]
