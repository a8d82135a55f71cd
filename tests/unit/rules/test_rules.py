"""The language of the rules: what it refuses, and what each operator means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from analyzer.errors import UsageError
from analyzer.model.event import Event, FileOpen, NetworkFlow, Source
from analyzer.rules import lint
from analyzer.rules.engine import Engine
from analyzer.rules.loader import PACKS, rules
from analyzer.rules.schema import Rule
from analyzer.taxonomy import load

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"behavior": "file.write", "event": "file.open", "detail": "{path}"}
FILE = FileOpen("/home/u/a.pem", "write", ("O_WRONLY", "O_CREAT"), "")
FLOW = NetworkFlow("tcp", "192.0.2.1", 443, 5, 7, established=True, incoming=False)


def event(detail: Any = FILE) -> Event:
    return Event(1.0, "install", "syscall", 5, "python", "completed", "package", detail, Source("x", 1))


def holds(field: str, condition: Any, detail: Any = FILE) -> bool:
    rule = Rule.model_validate(
        {"behavior": "file.write", "event": detail.kind, "where": {field: condition}, "detail": "x"}
    )
    return bool(list(Engine([rule]).observe([event(detail)])))


@pytest.mark.parametrize(
    ("field", "condition", "expected"),
    [
        ("path", "/home/u/a.pem", True),
        ("path", "/home/u/a", False),
        ("path", ["/x", "/home/u/a.pem"], True),
        ("path", [], False),
        ("path", {"glob": "/home/*/*.pem"}, True),
        ("path", {"glob": "*.pem"}, True),
        ("path", {"glob": "u/*.pem"}, False),
        ("path", {"glob": "/home/u"}, False),
        ("path", {"regex": r"\.pem$"}, True),
        ("path", {"regex": r"^\.pem"}, False),
        ("path", {"prefix": "/home/"}, True),
        ("path", {"prefix": "home"}, False),
        ("path", {"not": "/x"}, True),
        ("path", {"not": {"prefix": "/home"}}, False),
        ("path", {"not": [{"prefix": "/x"}, {"glob": "*.pem"}]}, False),
        ("path", {"not": {"not": {"prefix": "/home"}}}, True),
        ("path", ["/x", {"prefix": "/home"}], True),
        ("flags", {"contains": "O_CREAT"}, True),
        ("flags", {"contains": "O_CRE"}, False),
        ("access", "write", True),
        ("access", ["read", "read-write"], False),
        ("access", {"prefix": "wri"}, True),
    ],
)
def test_operators_on_texts(field: str, condition: Any, *, expected: bool) -> None:
    assert holds(field, condition) is expected


@pytest.mark.parametrize(
    ("field", "condition", "expected"),
    [
        ("port", 443, True),
        ("port", {"min": 443}, True),
        ("port", {"min": 444}, False),
        ("port", {"max": 443}, True),
        ("port", {"max": 442}, False),
        ("established", True, True),
        ("established", False, False),
        ("sent", [1, {"min": 5}], True),
    ],
)
def test_operators_on_numbers(field: str, condition: Any, *, expected: bool) -> None:
    assert holds(field, condition, FLOW) is expected


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
    rule = Rule.model_validate(GOOD | {"when": when, "where": where})
    assert bool(list(Engine([rule]).observe([event()]))) is expected


def test_rules_see_their_own_kind_of_event_only() -> None:
    assert list(Engine([Rule.model_validate(GOOD)]).observe([event(FLOW)])) == []


def test_an_observation() -> None:
    rule = Rule.model_validate(GOOD | {"detail": "{path} {flags} {{}}"})
    (found,) = Engine([rule]).observe([event()])
    assert (found.behavior, found.detail, found.event) == ("file.write", "/home/u/a.pem O_WRONLY O_CREAT {}", event())


def test_hostile_values_are_not_templates() -> None:
    (found,) = Engine([Rule.model_validate(GOOD)]).observe([event(FileOpen("{flags.__class__}{0}", "read", (), ""))])
    assert found.detail == "{flags.__class__}{0}"


@pytest.mark.parametrize(
    ("change", "telling"),
    [
        ({"event": "file.eat"}, "unknown kind of event 'file.eat'"),
        ({"where": {"colour": "red"}}, "file.open has no field 'colour'"),
        ({"when": {"colour": "red"}}, "header has no field 'colour'"),
        ({"when": {"time": 1}}, "header has no field 'time'"),
        ({"when": {"phase": "instal"}}, "'phase' is never 'instal'"),
        ({"where": {"access": "writing"}}, "'access' is never 'writing'"),
        ({"where": {"path": 5}}, "'path' is a text, and 5 is not"),
        ({"where": {"flags": "O_CREAT"}}, "'flags' is a list of texts"),
        ({"where": {"path": {"contains": "x"}}}, "`contains` asks for a text in a list"),
        ({"where": {"flags": {"contains": 5}}}, "`contains` asks for a text in a list"),
        ({"where": {"path": {"min": 5}}}, "`min` and `max` ask for a number"),
        ({"where": {"flags": {"regex": "x"}}}, "ask for a text, and 'flags' is a list of texts"),
        ({"where": {"path": {"not": {"max": 5}}}}, "`min` and `max` ask for a number"),
        ({"where": {"path": {"regex": "("}}}, "regex '(' is broken"),
        ({"where": {"path": {"regex": "x" * 401}}}, "at most 400 characters"),
        ({"where": {"path": {"glob": "a", "prefix": "b"}}}, "exactly one operator"),
        ({"where": {"path": {}}}, "exactly one operator"),
        ({"where": {"path": {"like": "a"}}}, "Extra inputs are not permitted"),
        ({"detail": "{colour}"}, "the detail names 'colour'"),
        ({"detail": "{path.__class__}"}, "the detail names 'path.__class__'"),
        ({"detail": "{path!r}"}, "name the field only"),
        ({"detail": "{path:>9}"}, "name the field only"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
        ({"behavior": "file.eat"}, "the taxonomy has no behavior 'file.eat'"),
    ],
)
def test_a_broken_rule_is_one_clear_error(tmp_path: Path, change: dict[str, Any], telling: str) -> None:
    pack = {"description": "x", "rules": [GOOD, GOOD | change]}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(pack))
    with pytest.raises(UsageError) as caught:
        rules(tmp_path, load())
    message = str(caught.value)
    assert message.startswith("rule file mine.yaml, rule 2")
    assert telling in message
    assert "\n" not in message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        (b"rules: [", "is not YAML"),
        (b"\xff\xfe\x00", "is not YAML"),
        (b"- 1", "top level: "),
        (b"description: x", "rules: Field required"),
        (b"description: x\nrules: 5", "rules: "),
        (b"description: x\nrules: [5]", "rule 1: "),
    ],
)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, content: bytes, telling: str) -> None:
    (tmp_path / "mine.yaml").write_bytes(content)
    with pytest.raises(UsageError, match=r"rule file mine\.yaml") as caught:
        rules(tmp_path, load())
    assert telling in str(caught.value)
    assert "\n" not in str(caught.value)


def test_only_yaml_files_are_packs(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("rules: [")
    assert rules(tmp_path, load()) == []


def test_the_linter_is_content_with_this_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint.main() == 0
    assert capsys.readouterr().err == ""


def test_the_linter_finds_dead_and_double_entries(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = rules(PACKS, load())
    fewer = [rule for rule in found if rule.behavior != "file.rename"]
    twin = fewer[0].model_copy(update={"detail": "other words"})
    monkeypatch.setattr(lint, "rules", lambda folder, taxonomy: [*fewer, twin])
    assert lint.main() == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "file.rename: no rule witnesses it"
    assert told[1].startswith("the same rule stands 2 times")
    assert len(told) == 2


def test_the_linter_tells_broken_files(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(folder: object, taxonomy: object) -> None:
        raise UsageError("rule file x.yaml is not YAML")

    monkeypatch.setattr(lint, "rules", broken)
    assert lint.main() == 1
    assert capsys.readouterr().err == "rule file x.yaml is not YAML\n"
