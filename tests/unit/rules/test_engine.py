"""Which rules an event meets, counts, sequences, and that memory is bounded."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.model.event import FileOpen, FileWrite, NetworkHttp, NetworkSecret, ProcessExec, PythonCall, SocketConnect
from analyzer.rules import engine as engine_module
from analyzer.rules.engine import Engine
from tests.unit.rules.events import FLOW, GOOD, event, observed, opened, rule

SCAN = {
    "behavior": "network.hosts.scan",
    "event": "socket.connect",
    "count": {"at_least": 3, "distinct": ["address", "port"], "within": 10, "per": "step"},
    "detail": "{count} peers, the last {address} port {port}",
}
DOWNLOAD = {
    "behavior": "execution.download.run",
    "sequence": [
        {"name": "fetched", "event": "network.http", "where": {"response_bytes": {"min": 1}}},
        {"name": "written", "event": "file.write"},
        {"name": "run", "event": "process.exec", "where": {"argv": {"same": "written.path"}}},
    ],
    "within": 100,
    "detail": "{fetched.url} → {written.path}: {run.argv}",
}
HTTP = NetworkHttp(
    "GET", "http://a.example/x", "a.example", "192.0.2.1", 80, "/x", 200, 0, 9, tls=False, standard_port=True, headers=(), body="",
    version="", response_type="", mark="", own_port=40000,
)  # fmt: skip


def connect(port: int, time: float, **more: Any) -> Any:
    return event(SocketConnect("AF_INET", "SOCK_STREAM", "192.0.2.1", port, pending=False, error=""), time, **more)


def write(path: str, time: float, **more: Any) -> Any:
    return event(FileWrite(path, "write", 3, "", ""), time, **more)


def run(time: float, *argv: str, **more: Any) -> Any:
    return event(ProcessExec(f"/bin/{argv[0]}", argv[0], argv, "", "", "", ""), time, **more)


@pytest.mark.parametrize(
    ("when", "where", "expected"),
    [
        ({}, {}, True),
        ({"phase": "install"}, {"access": "write"}, True),
        ({"phase": "import"}, {"access": "write"}, False),
        ({"phase": "install"}, {"access": "read"}, False),
        ({"phase": "install", "outcome": "attempted"}, {}, False),
        ({"layer": ["syscall", "packet"], "process": {"prefix": "pyth"}, "pid": {"min": 1}}, {}, True),
    ],
)
def test_all_conditions_must_hold(when: dict[str, Any], where: dict[str, Any], *, expected: bool) -> None:
    assert bool(observed(GOOD | {"when": when, "where": where}, event())) is expected


def test_rules_see_their_own_kind_of_event_only() -> None:
    assert observed(GOOD, event(FLOW)) == []


def test_an_observation() -> None:
    (found,) = observed(GOOD | {"detail": "{path} {flags} {{}}"}, event())
    assert (found.behavior, found.detail, found.event) == ("file.write", "/home/u/a.pem O_WRONLY O_CREAT {}", event())
    assert (found.rule, found.before) == ("file.write/1", ())


def test_hostile_values_are_not_templates() -> None:
    (found,) = observed(GOOD, event(FileOpen("{flags.__class__}{0}", "read", (), "")))
    assert found.detail == "{flags.__class__}{0}"


def test_rules_of_a_behavior_are_numbered() -> None:
    rules = [rule(GOOD), rule(GOOD | {"behavior": "file.read"}), rule(GOOD)]
    assert [found.rule for found in Engine(rules).observe([event()])] == ["file.write/1", "file.read/1", "file.write/2"]


def test_many_rules_on_one_field_are_each_decided() -> None:
    rules = [rule(GOOD | {"where": {"path": f"/{number}"}}) for number in range(50)]
    engine = Engine([*rules, rule(GOOD | {"where": {"access": "write"}})])
    assert [found.rule for found in engine.observe([opened("/7"), opened("/99"), opened("/7", access="write")])] == [
        "file.write/8", "file.write/8", "file.write/51",
    ]  # fmt: skip


def test_what_is_remembered_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_MAX_REMEMBERED", 10)
    engine = Engine([rule(GOOD | {"where": {"path": {"prefix": "/1"}}})])
    found = list(engine.observe(opened(f"/{number}") for number in range(1000)))
    assert len(found) == 111
    assert all(len(kind.remembered) <= 10 for kind in engine._kinds.values())


def test_a_count_of_different_ones() -> None:
    events = [connect(1, 0.0), connect(1, 1.0), connect(2, 2.0), connect(3, 3.0)]
    (found,) = observed(SCAN, *events)
    assert found.detail == "3 peers, the last 192.0.2.1 port 3"
    assert (found.event, found.before) == (events[3], (events[0], events[2]))


def test_a_count_starts_anew_after_it_was_told() -> None:
    assert len(observed(SCAN, *(connect(port, port / 10) for port in range(7)))) == 2


def test_a_count_forgets_what_is_too_old() -> None:
    assert observed(SCAN, connect(1, 0.0), connect(2, 9.0), connect(3, 11.0)) == []


@pytest.mark.parametrize(
    ("per", "expected"), [("run", 1), ("step", 0), ("process", 0), ("file", 0)]
)  # fmt: skip
def test_what_a_count_takes_together(per: str, expected: int) -> None:
    events = [connect(1, 0.0), connect(2, 1.0, step=2), connect(3, 2.0, pid=6)]
    assert len(observed(SCAN | {"count": SCAN["count"] | {"per": per}}, *events)) == expected  # type: ignore[operator]


def test_a_count_of_groups_is_bounded_and_says_so() -> None:
    engine = Engine([rule(SCAN)])
    assert list(engine.observe(connect(1, number / 4000, step=number) for number in range(20_000))) == []
    assert engine.forgotten == 20_000 - 16_384
    assert len(engine._compiled[0]._counter._open) == 16_384  # type: ignore[union-attr]


def test_a_sequence() -> None:
    events = [event(HTTP, 1.0), write("/tmp/a", 2.0), write("/tmp/b", 3.0), run(4.0, "sh", "/tmp/a")]
    (found,) = observed(DOWNLOAD, *events)
    assert found.detail == "http://a.example/x → /tmp/a: sh /tmp/a"
    assert (found.event, found.before) == (events[3], (events[0], events[1]))


@pytest.mark.parametrize(
    "events",
    [
        [write("/tmp/a", 1.0), event(HTTP, 2.0), run(3.0, "sh", "/tmp/a")],
        [event(HTTP, 1.0), run(2.0, "sh", "/tmp/a"), write("/tmp/a", 3.0)],
        [event(HTTP, 1.0), write("/tmp/a", 2.0), run(3.0, "sh", "/tmp/b")],
        [event(HTTP, 1.0), write("/tmp/a", 2.0), run(102.0, "sh", "/tmp/a")],
        [event(HTTP, 1.0), write("/tmp/a", 2.0), run(3.0, "sh", "/tmp/a", step=2)],
        [event(HTTP, 1.0, step=2), write("/tmp/a", 2.0), run(3.0, "sh", "/tmp/a")],
    ],
)
def test_no_sequence(events: list[Any]) -> None:
    assert observed(DOWNLOAD, *events) == []


def test_an_attempt_does_not_use_a_sequence_up() -> None:
    events = [
        event(HTTP, 1.0),
        write("/tmp/a", 2.0),
        run(3.0, "sh", "/tmp/a", outcome="attempted"),
        run(4.0, "sh", "/tmp/a"),
    ]
    assert [found.event.outcome for found in observed(DOWNLOAD, *events, run(5.0, "sh", "/tmp/a"))] == [
        "attempted",
        "completed",
    ]


def test_a_sequence_is_used_up_unless_it_is_to_be_repeated() -> None:
    events = [event(HTTP, 1.0), write("/tmp/a", 2.0), run(4.0, "sh", "/tmp/a"), run(5.0, "sh", "/tmp/a")]
    assert len(observed(DOWNLOAD, *events)) == 1
    assert [found.before for found in observed(DOWNLOAD | {"repeated": True}, *events)] == [(events[0], events[1])] * 2


def test_the_only_element_of_a_list_is_the_same_as_a_text() -> None:
    content = {
        "behavior": "steal.secret.exfiltrate",
        "sequence": [
            {"name": "read", "event": "python.call", "where": {"name": "environ.get"}},
            {"name": "sent", "event": "network.secret", "where": {"variable": {"same": "read.arguments"}}},
        ],
        "detail": "{sent.secret}",
    }
    sent = NetworkSecret(
        "a token", "$TOKEN", "TOKEN", (), "header", 100, "headers", "http://a.example/", "tcp", "192.0.2.1", 80
    )
    assert len(observed(content, event(PythonCall("environ.get", ("TOKEN",)), 1.0), event(sent, 2.0))) == 1
    assert not observed(content, event(PythonCall("environ.get", ("OTHER",)), 1.0), event(sent, 2.0))
    assert not observed(content, event(PythonCall("environ.get", ("TOKEN", "x")), 1.0), event(sent, 2.0))


def test_processes_of_a_tree_belong_together() -> None:
    assert observed(DOWNLOAD, event(HTTP, 1.0, pid=1), write("/tmp/a", 2.0, pid=2), run(3.0, "sh", "/tmp/a", pid=3))


def test_one_event_is_not_two_stages() -> None:
    twice = {
        "behavior": "file.write",
        "sequence": [{"name": "one", "event": "file.open"}, {"name": "two", "event": "file.open"}],
        "detail": "{one.path} {two.path}",
    }
    assert observed(twice, opened("/a")) == []
    assert [found.detail for found in observed(twice, opened("/a"), opened("/b", 2.0))] == ["/a /b"]


def test_a_mention_is_part_of_a_text() -> None:
    stages = [
        *DOWNLOAD["sequence"][:2],
        {"name": "run", "event": "process.exec", "where": {"argv": {"mentions": "written.path"}}},
    ]
    events = [event(HTTP, 1.0), write("/tmp/a", 2.0), write("/x", 2.5), run(3.0, "sh", "-c", "exec /tmp/a --now")]
    (found,) = observed(DOWNLOAD | {"sequence": stages}, *events)
    assert found.before[1] == events[1]


def test_sequences_of_code_in_one_file() -> None:
    decoded = {
        "behavior": "file.write",
        "sequence": [
            {"name": "one", "event": "file.open", "where": {"access": "read"}},
            {"name": "two", "event": "file.open", "where": {"access": "write"}},
        ],
        "per": "file",
        "detail": "{one.path}",
    }
    assert observed(decoded, opened("/a", file="a.py"), opened("/b", 2.0, "write", file="a.py"))
    assert not observed(decoded, opened("/a", file="a.py"), opened("/b", 2.0, "write", file="b.py"))


def test_open_sequences_are_bounded_and_the_loss_is_counted() -> None:
    engine = Engine([rule(DOWNLOAD)])
    writes = (write(f"/tmp/{number}", 2.0 + number / 4000) for number in range(20_000))
    assert list(engine.observe([event(HTTP, 1.0), *writes])) == []
    assert engine.forgotten == 20_000 - 16_384
    assert sum(len(waiting.open) for waiting in engine._compiled[0]._sequence._waiting) <= 16_385  # type: ignore[union-attr]


def test_many_files_may_be_mentioned_later() -> None:
    """As many as a repository that is cloned has; writing one of them again and again takes no room."""
    stages = [
        *DOWNLOAD["sequence"][:2],
        {"name": "run", "event": "process.exec", "where": {"argv": {"mentions": "written.path"}}},
    ]
    engine = Engine([rule(DOWNLOAD | {"sequence": stages})])
    writes = [write(f"/tmp/file-{number // 40}.sh", 2.0 + number / 40_000) for number in range(40_000)]
    (found,) = engine.observe([event(HTTP, 1.0), *writes, run(4.0, "sh", "sh", "/tmp/file-0.sh")])
    assert found.before[1].detail.path == "/tmp/file-0.sh"
    assert engine.forgotten == 0
    assert list(engine.observe(write(f"/tmp/more-{number}.sh", 5.0) for number in range(1524))) == []
    assert engine.forgotten == 500


def test_what_is_over_is_forgotten_without_a_loss() -> None:
    engine = Engine([rule(DOWNLOAD | {"within": 1.0})])
    events = [
        one
        for number in range(20_000)
        for one in (event(HTTP, number * 2.0), write(f"/tmp/{number}", number * 2.0 + 0.5))
    ]
    assert list(engine.observe(events)) == []
    assert engine.forgotten == 0


@pytest.mark.parametrize(
    ("change", "telling"),
    [
        ({"event": "file.open"}, "either `event` or `sequence`"),
        ({"sequence": []}, "either `event` or `sequence`"),
        ({"where": {"path": "x"}}, "conditions in its stages"),
        ({"detail": "{url}"}, "the detail names 'url'"),
        ({"sequence": DOWNLOAD["sequence"][:1], "detail": "x"}, "at least two stages"),
        ({"sequence": [DOWNLOAD["sequence"][0]] * 2, "detail": "x"}, "a name of its own"),
        ({"sequence": list(reversed(DOWNLOAD["sequence"])), "detail": "x"}, "names no earlier stage"),
        ({"within": 100000}, "less than or equal to 3600"),
    ],
)  # fmt: skip
def test_what_a_sequence_may_not_be(change: dict[str, Any], telling: str) -> None:
    with pytest.raises(ValueError, match=telling):
        rule(DOWNLOAD | change)


def seen(rule_: dict[str, Any], *details: Any) -> list[str]:
    found = Engine([rule(rule_)]).observe(event(one, time) for time, one in enumerate(details))
    return [one.detail for one in found]


READS = {
    "behavior": "file.open",
    "event": "file.open",
    "where": {"path": {"prefix": "/etc/"}},
    "detail": "{path} {error}",
}


@pytest.mark.parametrize(
    ("path", "asked", "told"),
    [
        ("/etc/a", "", ["/etc/a "]),
        ("/etc/a", "/tmp/l", ["/etc/a, asked for as /tmp/l"]),
        ("/tmp/a", "/etc/l", ["/etc/l, which is /tmp/a"]),
        ("/etc/a", "/etc/l", ["/etc/a, asked for as /etc/l"]),
        ("/tmp/a", "/tmp/l", []),
    ],
)
def test_a_rule_sees_where_a_path_leads_and_what_was_asked_for(path: str, asked: str, told: list[str]) -> None:
    assert seen(READS, FileOpen(path, "read", (), "", asked)) == told


def test_one_event_by_two_names_counts_once() -> None:
    twice = READS | {"count": {"at_least": 2, "distinct": ["path"], "within": 10}}
    assert seen(twice, FileOpen("/etc/a", "read", (), "", "/etc/b")) == []
    pair = {
        "behavior": "file.open",
        "sequence": [
            {"name": "one", "event": "file.open", "where": {"path": "/etc/a"}},
            {"name": "two", "event": "file.open", "where": {"path": "/etc/b"}},
        ],
        "detail": "{one.path} {two.path}",
    }
    assert seen(pair, FileOpen("/etc/a", "read", (), "", "/etc/b")) == []


def test_a_program_and_a_socket_have_the_name_that_was_asked_for_too() -> None:
    runs = {
        "behavior": "execution.program.run",
        "event": "process.exec",
        "where": {"program": "sh"},
        "detail": "{path}",
    }
    assert seen(runs, ProcessExec("/tmp/x", "x", (), "", "", "", "", "/bin/sh")) == ["/bin/sh, which is /tmp/x"]
    joins = {
        "behavior": "network.tcp.connect",
        "event": "socket.connect",
        "where": {"address": "/run/a"},
        "detail": "{address}",
    }
    one = SocketConnect("AF_UNIX", "SOCK_STREAM", "/tmp/s", 0, pending=False, error="", asked="/run/a")
    assert seen(joins, one) == ["/run/a, which is /tmp/s"]
