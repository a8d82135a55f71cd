"""What each operator means, and which conditions are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from analyzer.model.event import FileOpen, ProcessExec, ProcessSleep
from analyzer.rules.lists import ReferenceList
from tests.unit.rules.events import FILE, FLOW, GOOD, event, observed, reference, rule

LISTS: dict[str, ReferenceList] = {
    "bad-tlds": reference("bad-tlds", "domains", "zip", "evil.example"),
    "nets": reference("nets", "addresses", "192.0.2.0/24", "2001:db8::/32"),
    "web-ports": reference("web-ports", "ports", 80, 443),
    "keys": reference(
        "keys", "paths", "~/.ssh/id_*", "/etc/cron*/**", "/var/spool/", "~/.config/*/key[0-9].db", "/etc/x"
    ),
    "tools": reference("tools", "names", "sudo", "su"),
    "tokens": reference("tokens", "patterns", "*_TOKEN", "AWS_*"),
    "formats": reference("formats", "extensions", "exe", "tar.gz"),
    "magics": reference("magics", "magic", "\x7fELF", "#!"),
}


def holds(field: str, condition: Any, detail: Any = FILE) -> bool:
    content = {"behavior": "file.write", "event": detail.kind, "where": {field: condition}, "detail": "x"}
    return bool(observed(content, event(detail), lists=LISTS))


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
        ("path", {"all": [{"prefix": "/home"}, {"not": {"glob": "*.pem"}}]}, False),
        ("path", {"all": [{"prefix": "/home"}, {"not": {"glob": "*.key"}}]}, True),
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
        ("port", {"in": "web-ports"}, True),
        ("port", {"not": {"in": "web-ports"}}, False),
        ("established", True, True),
        ("established", False, False),
        ("sent", [1, {"min": 5}], True),
        ("address", {"cidr": "192.0.2.0/24"}, True),
        ("address", {"cidr": ["198.51.100.0/24", "2001:db8::/32"]}, False),
        ("address", {"in": "nets"}, True),
    ],
)
def test_operators_on_numbers_and_addresses(field: str, condition: Any, *, expected: bool) -> None:
    assert holds(field, condition, FLOW) is expected


def test_a_number_may_have_a_fraction() -> None:
    assert holds("seconds", {"min": 4.5}, ProcessSleep("nanosleep", 4.6))
    assert not holds("seconds", {"min": 4.7}, ProcessSleep("nanosleep", 4.6))


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("bad-tlds", ["a.zip", "ZIP", "x.evil.example", "evil.example."], ["zip.example", "evilexample", "", "notevil.example"]),
        ("nets", ["192.0.2.7", "2001:db8::1"], ["192.0.3.1", "a.example", "", "2001:db9::1"]),
        (
            "keys",
            ["/home/u/.ssh/id_rsa", "/root/.ssh/id_x", "?/.ssh/id_a", "/etc/cron.d/job", "/var/spool/a/b", "/home/u/.config/a/key4.db", "/etc/x"],
            ["/home/u/.ssh/id_rsa/x", "/home/u/x/.ssh/id_rsa", "/etc/cron.d", "/var/spool/", "/home/u/.config/a/b/key4.db", "/etc/xy", "/etc/x\n"],
        ),
        ("tools", ["sudo"], ["sudoers", "SUDO", ""]),
        ("tokens", ["NPM_TOKEN", "npm_token", "aws_x"], ["TOKENS", "XAWS_"]),
        ("formats", ["/a.exe", "/a.EXE?x=1", "/b.tar.gz#f"], ["/a.exe/b", "exe", "/a?b.exe", "/a.exes"]),
        ("magics", ["\x7fELF\x02", "#!/bin/sh"], [" #!", "ELF", ""]),
    ],
)  # fmt: skip
def test_reference_lists(name: str, inside: list[str], outside: list[str]) -> None:
    assert [value for value in inside if not holds("path", {"in": name}, FileOpen(value, "read", (), ""))] == []
    assert [value for value in outside if holds("path", {"in": name}, FileOpen(value, "read", (), ""))] == []


def test_of_a_list_field_any_element_may_be_in_a_list() -> None:
    run = ProcessExec("/bin/sh", "sh", ("sh", "-c", "sudo"), "", "", "", "")
    assert holds("argv", {"in": "tools"}, run)
    assert not holds("argv", {"in": "bad-tlds"}, run)


@given(st.text(), st.sampled_from(sorted(set(LISTS) - {"web-ports"})))
def test_no_text_makes_a_list_fail(text: str, name: str) -> None:
    assert LISTS[name].matcher(text) in {True, False}


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
        ({"where": {"path": ["a", "b", "a"]}}, "names the same value twice"),
        ({"where": {"flags": "O_CREAT"}}, "'flags' is a list of texts"),
        ({"where": {"path": {"contains": "x"}}}, "`contains` asks for a text in a list"),
        ({"where": {"flags": {"contains": 5}}}, "`contains` asks for a text in a list"),
        ({"where": {"path": {"min": 5}}}, "`min` and `max` ask for a number"),
        ({"where": {"flags": {"regex": "x"}}}, "ask for a text, and 'flags' is a list of texts"),
        ({"where": {"flags": {"cidr": "192.0.2.0/24"}}}, "ask for a text, and 'flags' is a list of texts"),
        ({"where": {"path": {"not": {"max": 5}}}}, "`min` and `max` ask for a number"),
        ({"where": {"path": {"all": [{"prefix": "/"}, {"max": 5}]}}}, "`min` and `max` ask for a number"),
        ({"where": {"path": {"all": [{"prefix": "/"}]}}}, "at least 2 items"),
        ({"where": {"path": {"regex": "("}}}, "regex '(' is broken"),
        ({"where": {"path": {"regex": "x" * 401}}}, "at most 400 characters"),
        ({"where": {"path": {"regex": "(a+)+$"}}}, "repeats something that repeats"),
        ({"where": {"path": {"regex": "(x|(a*b)*)+$"}}}, "repeats something that repeats"),
        ({"where": {"path": {"cidr": "192.0.2.1/24"}}}, "host bits"),
        ({"where": {"path": {"in": "nothing"}}}, "no reference list 'nothing'"),
        ({"where": {"path": {"in": "web-ports"}}}, "'web-ports' lists numbers, and 'path' is a text"),
        ({"where": {"path": {"glob": "a", "prefix": "b"}}}, "exactly one operator"),
        ({"where": {"path": {}}}, "exactly one operator"),
        ({"where": {"path": {"like": "a"}}}, "Extra inputs are not permitted"),
        ({"where": {"path": {"same": "a.path"}}}, "names no earlier stage"),
        ({"detail": "{colour}"}, "the detail names 'colour'"),
        ({"detail": "{path.__class__}"}, "the detail names 'path.__class__'"),
        ({"detail": "{path!r}"}, "name the field only"),
        ({"detail": "{path:>9}"}, "name the field only"),
        ({"detail": "{path"}, "is broken"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
        ({"within": 5}, "belong to a sequence"),
        ({"count": {"at_least": 1, "within": 5}}, "greater than or equal to 2"),
        ({"count": {"at_least": 2, "within": 5, "distinct": ["colour"]}}, "`distinct` names 'colour'"),
        ({"examples": {"shows": [{"path": "x"}]}}, "nearly"),
    ],
)
def test_what_a_rule_may_not_say(change: dict[str, Any], telling: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rule(GOOD | change, LISTS)
    assert telling in str(caught.value)


@pytest.mark.parametrize("pattern", ["a+b+", "(ab)?c*", "(a{1,3})+", r"^/(x|y)/[^/]+\.pem$", "(?i)a.*b"])
def test_harmless_patterns_are_accepted(pattern: str) -> None:
    assert rule(GOOD | {"where": {"path": {"regex": pattern}}}).where


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        ({"kind": "ports", "entries": ["80"]}, "an entry of kind ports is not '80'"),
        ({"kind": "names", "entries": [80]}, "an entry of kind names is not 80"),
        ({"kind": "names", "entries": ["a", "b", "a"]}, "'a' is there twice"),
        ({"kind": "domains", "entries": ["Evil.example"]}, "lower case"),
        ({"kind": "addresses", "entries": ["192.0.2.0/33"]}, "192.0.2.0/33"),
        ({"kind": "names", "entries": []}, "at least 1 item"),
        ({"kind": "smells", "entries": ["a"]}, "Input should be"),
    ],
)
def test_what_a_list_may_not_be(content: dict[str, Any], telling: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ReferenceList.model_validate({"name": "a", "title": "a", "source": "tests", "date": "2026-01-01"} | content)
    assert telling in str(caught.value)
