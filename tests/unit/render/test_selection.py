from __future__ import annotations

from analyzer.model.report import Network
from analyzer.render.selection import by_category, count_severities, start_of, telling_evidence, walk
from tests.unit.render.eventful import rich_report
from tests.unit.render.hostile import deep_tree
from tests.unit.render.sample import START, behavior, evidence, location, quiet_report


def test_categories_and_behaviors_come_most_severe_first() -> None:
    groups = [(category, [each.id for each in behaviors]) for category, behaviors in by_category(rich_report())]
    assert groups == [
        ("steal", ["steal.ssh-key.read"]),
        ("autostart", ["autostart.interpreter.hook"]),
        ("execution", ["execution.shell.run"]),
        ("evasion", ["evasion.debugger.prevent"]),
        ("network", ["network.url.nonstandard-port", "network.http.connect", "network.tcp.connect"]),
        ("file", ["file.rename"]),
        ("settings", ["settings.time.query"]),
    ]


def test_severities_are_counted_from_the_top() -> None:
    assert count_severities(rich_report()) == [("critical", 1), ("high", 2), ("medium", 2), ("low", 2), ("info", 2)]
    assert count_severities(quiet_report()) == []


def test_evidence_with_a_location_and_a_detail_of_its_own_is_preferred() -> None:
    evidences = [evidence("a", 1), evidence("a", 2, location=location("m.py", 1)), evidence("b", 3), evidence("b", 4)]
    evidences += [evidence("c", 5, location=location("m.py", 2)), evidence("d", 6)]
    chosen = telling_evidence(behavior("file.write", "Writes.", "info", evidences), 3)
    assert [(each.detail, each.time - START) for each in chosen] == [("a", 2), ("b", 3), ("c", 5)]


def test_a_tree_is_walked_parents_first_however_deep_it_is() -> None:
    assert [node.pid for node in walk(rich_report().processes)] == [2, 17, 20, 23, 31, 32, 33, 40]
    assert sum(1 for _ in walk([deep_tree(200)])) == 200


def test_the_start_is_the_first_time_that_was_seen() -> None:
    assert start_of(rich_report()) == START
    assert start_of(quiet_report()) == 0
    first = rich_report().network.dns[0].model_copy(update={"time": START - 5})
    assert start_of(quiet_report(network=Network(dns=[first]))) == START - 5
