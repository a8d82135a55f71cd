"""Reading policies: every mistake is one line that says where it is and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.errors import UsageError
from analyzer.policy import Known, Source, default_policy, load_policy
from tests.unit.policy.making import known, policy, rule, suppression

MISTAKES = [
    ("", "there is no table [policy] in it"),
    ("[policy", "cannot be read: it is not TOML"),
    ("policy = 5", "a table is wanted, not 5"),
    ('policy = "other.toml"', "its policy is another file, 'other.toml'; name that one"),
    ("[policy]\n[rules]", "key 'rules': everything of a policy stands below [policy]"),
    ("[policy]\nfail_on = 'review'", "key 'fail_on': there is no such key; the nearest is 'fail-on'"),
    ("[policy]\nzzz = 1", "key 'zzz': there is no such key; there are fail-on, incomplete, defaults, rules, suppress"),
    ("[policy]\nfail-on = 'approve'", "key 'fail-on': 'approve' is none of 'review' or 'reject'"),
    ("[policy]\nincomplete = 'allow'", "key 'incomplete': 'allow' is none of 'review' or 'reject'"),
    ("[policy]\ndefaults = 'no'", "key 'defaults': true or false is wanted, not 'no'"),
    ("[policy]\nrules = 5", "key 'rules': a list of tables is wanted ([[policy.rules]]), not 5"),
    ("[policy]\nrules = [5]", "rule 1: a table is wanted, not 5"),
    ("[[policy.rules]]\nseverity = 'high'", "rule 1, key 'do': it is missing"),
    (rule("allow") + rule("deny"), "rule 2, key 'do': 'deny' is none of 'allow', 'warn' or 'reject'"),
    (rule("warn", behaviour="steal.*"), "rule 1, key 'behaviour': there is no such key; the nearest is 'behavior'"),
    (rule("warn", behavior="Steal.*"), "key 'behavior': 'Steal.*': an id has small letters"),
    (rule("warn", behavior=[]), "key 'behavior': at least one value is wanted"),
    (rule("warn", behavior=["network.*"] * 201), "key 'behavior': there are more than 200 values"),
    (
        rule("warn", behavior="steal.ssh-keys.read"),
        "no behavior 'steal.ssh-keys.read'; the nearest is 'steal.ssh-key.read'",
    ),
    (rule("warn", behavior="zzz.*"), "rule 1, key 'behavior': there is no behavior 'zzz.*'"),
    (
        rule("warn", issue="secret.leftsandbox"),
        "there is no issue 'secret.leftsandbox'; the nearest is 'secret.left-sandbox'",
    ),
    (rule("warn", category=["networks"]), "key 'category': there is no category 'networks'; the nearest is 'network'"),
    (rule("warn", severity="hi"), "key 'severity': 'hi' is none of 'info', 'low', 'medium', 'high' or 'critical'"),
    (rule("warn", severity=["high", "sever"]), "key 'severity': 'sever' is none of 'info', 'low'"),
    (rule("allow", severity="low"), 'to allow, list the very ones, such as ["info", "low"]'),
    (
        rule("warn", phase="instal"),
        "key 'phase': 'instal' is none of 'install', 'startup', 'import' or 'execute'; the nearest is 'install'",
    ),
    (
        rule("warn", prevalence="scarce"),
        "key 'prevalence': 'scarce' is none of 'common', 'uncommon', 'rare' or 'no data'",
    ),
    (rule("warn", attribution="packages"), "key 'attribution': 'packages' is none of 'package', 'dependency'"),
    (rule("warn", witness="kernel"), "key 'witness': 'kernel' is none of 'syscall', 'packet'"),
    (rule("warn", outcome="done"), "key 'outcome': 'done' is none of 'completed' or 'attempted'"),
    (rule("warn", called="yes"), "key 'called': true or false is wanted, not 'yes'"),
    (rule("warn", licence="Apache2.0"), "key 'licence': there is no licence 'Apache2.0'; the nearest is 'Apache-2.0'"),
    (rule("warn", licence="MIT", phase="install"), "rule 1: a licence has no phase; leave that key out"),
    (
        rule("warn", behavior="steal.*", issue="secret.*"),
        "nothing is a behavior and an issue at once; write a rule for each",
    ),
    (
        rule("warn", package="a b"),
        "key 'package': 'a b' is no name of a package, with or without versions, such as requests<3",
    ),
    (rule("warn", package="a[b]"), "key 'package': 'a[b]': only a name and versions are wanted"),
    (rule("warn", package="acme-*<3"), "key 'package': 'acme-*<3': a name with * has no versions"),
    (rule("warn", because="no"), "key 'because': at least 3 characters are wanted"),
    (suppression("network.tcp.conect"), "suppression 1, key 'behavior': there is no behavior 'network.tcp.conect'"),
    (
        suppression("network.*"),
        "suppression 1: a suppression names one id, without *; a rule with `package` is for more",
    ),
    (suppression(issue="secret.left-sandbox"), "suppression 1: a suppression names either a behavior or an issue"),
    (suppression(package="s*"), "suppression 1, key 'package': 's*' is no name of a package"),
    (suppression(expires="soon"), "suppression 1, key 'expires': a day is wanted, such as 2027-06-30"),
    (suppression(expires="2027-02-30"), "suppression 1, key 'expires': a day is wanted, such as 2027-06-30"),
    (suppression().replace('"2027-06-30"', "1e9"), "key 'expires': a day is wanted"),
    (suppression().replace('"2027-06-30"', "2027-06-30T00:00:00Z"), "key 'expires': a day is wanted"),
    (suppression().replace('reason = "looked at"\n', ""), "suppression 1, key 'reason': it is missing"),
    (suppression().replace('expires = "2027-06-30"\n', ""), "suppression 1, key 'expires': it is missing"),
]


@pytest.mark.parametrize(("text", "telling"), MISTAKES)
def test_a_mistake_is_one_line_that_says_where_and_what(tmp_path: Path, text: str, telling: str) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_policy(path, None, known())
    message = str(caught.value)
    assert telling in message
    assert str(path) in message
    assert "\n" not in message
    assert len(message) < 600


@pytest.mark.parametrize("content", [b"\xff", b"x = " + b"[" * 5000, b"x = " + b"9" * 5000, b"#" * 1_100_000])
def test_what_is_no_toml_of_bearable_size_is_a_mistake_too(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"my\.toml") as caught:
        load_policy(path, None, known())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.toml", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_policy(tmp_path / name, None, known())


def test_without_any_there_is_fumehoods_own() -> None:
    assert load_policy(None, None, known()) == default_policy()


def test_the_users_rules_come_before_fumehoods() -> None:
    own = policy(rule("allow", behavior="steal.*"), defaults=True)
    assert own.rules[0].table.behavior == ("steal.*",)
    assert own.rules[1:] == default_policy().rules
    assert own.name.endswith("policy.toml, then fumehood's default policy")


def test_a_policy_may_stand_alone() -> None:
    own = policy("[policy]\nfail-on = 'review'\nincomplete = 'reject'\n" + rule("warn", behavior="steal.*"))
    assert len(own.rules) == 1
    assert (own.fail_on, own.incomplete) == ("review", "reject")
    assert own.name.endswith("policy.toml")


def test_a_file_replaces_what_is_configured(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[policy]\nfail-on = 'review'\n")
    configured = Source("pyproject.toml", {"rules": [{"do": "warn", "category": "network"}]})
    assert load_policy(path, configured, known()).fail_on == "review"
    assert load_policy(path, configured, known()).rules == default_policy().rules
    assert load_policy(None, configured, known()).rules[0].origin == "pyproject.toml, rule 1"


def test_a_projects_file_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[project]\nname = 'x'\n[tool.fumehood]\nrules = []\n[tool.fumehood.policy]\nfail-on = 'review'\n")
    assert load_policy(path, None, known()).fail_on == "review"


def test_behaviors_of_the_users_own_rules_may_be_named() -> None:
    table = {"rules": [{"do": "warn", "behavior": "acme.secret.read"}]}
    with pytest.raises(UsageError, match="no behavior"):
        load_policy(None, Source("x", table), known())
    more = Known(known().behaviors | {"acme.secret.read"}, known().issues)
    assert load_policy(None, Source("x", table), more).rules[0].table.behavior == ("acme.secret.read",)


@pytest.mark.parametrize(
    "licence",
    ["MIT", "GPL-*", "gpl-2.0-ONLY", "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-acme", "unknown", "*"],
)
def test_licences_that_exist_may_be_named(licence: str) -> None:
    assert policy(rule("reject", licence=licence)).rules[0].table.licence == (licence,)


def test_a_rule_without_a_reason_is_told_by_its_keys() -> None:
    text = rule("warn", behavior=["steal.*", "file.*"], severity="high", called=False)
    words = policy(text).rules[0].words
    assert words.startswith("behavior steal.*, file.*; severity at least high; called false (")
    assert policy(rule("warn")).rules[0].words.startswith("whatever it is (")
