"""The mapping as data: what it refuses, which entry decides, and that it is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.confirm import load_mapping
from analyzer.confirm.lint import findings as lint
from analyzer.confirm.mapping import Mapping, MappingFile, builtin, expanded
from analyzer.errors import UsageError
from analyzer.taxonomy import load
from tests.unit.confirm.making import finding, mapping

_BANDIT = """
B101 B102 B103 B104 B105 B106 B107 B108 B110 B112 B113 B201 B202 B301 B302 B303 B304 B305 B306 B307 B308 B310 B311 B312 B313 B314 B315 B316
B317 B318 B319 B321 B323 B324 B401 B402 B403 B404 B405 B406 B407 B408 B409 B411 B412 B413 B415 B501 B502 B503 B504 B505 B506 B507 B508 B509
B601 B602 B603 B604 B605 B606 B607 B608 B609 B610 B611 B612 B613 B614 B615 B701 B702 B703 B704
"""
"""All tests of Bandit 1.9.4: its plug-ins, and its lists of calls and of imports."""

_GUARDDOG = """
capability-filesystem-browser capability-filesystem-delete capability-filesystem-read capability-filesystem-write-executable
capability-network-download capability-network-lolbas capability-network-outbound capability-process-hooks capability-process-schedule
capability-process-spawn capability-runtime-clipboard threat-filesystem-autostart threat-filesystem-destruction threat-filesystem-read
threat-network-dns-exfil threat-network-exfil-messenger threat-network-exfil-sysinfo threat-network-exfiltration
threat-network-outbound-shady-links threat-network-reverse-shell threat-npm-dependency-confusion threat-npm-http-dependency
threat-npm-preinstall-script threat-process-cryptomining threat-process-download-exec threat-process-hooks threat-process-injection-dll
threat-process-memory threat-process-powershell-encoded threat-process-spawn-silent threat-process-sysinfo threat-runtime-dynamic-loader
threat-runtime-enumeration threat-runtime-environment-read threat-runtime-keylogging threat-runtime-obfuscation-api
threat-runtime-obfuscation-base64exec threat-runtime-obfuscation-chr threat-runtime-obfuscation-dynamic-eval
threat-runtime-obfuscation-general threat-runtime-obfuscation-hidden-code threat-runtime-obfuscation-import-exec
threat-runtime-obfuscation-js-mangling threat-runtime-obfuscation-log-suppress threat-runtime-obfuscation-pyarmor
threat-runtime-obfuscation-steganography threat-runtime-obfuscation-unicode threat-runtime-obfuscation threat-runtime-screencapture
threat-runtime-self-propagation threat-runtime-system-info threat-setup-import-aliasing threat-setup-network-in-install
threat-setup-suspicious-imports
api-obfuscation bidirectional-characters clipboard-access cmd-overwrite code-execution dll-hijacking download-executable exec-base64
exfiltrate-sensitive-data obfuscation screenshot serialize-environment shady-links silent-process-execution steganography unicode
bundled_binary deceptive_author empty_information metadata_mismatch potentially_compromised_email_domain release_zero
repository_integrity_mismatch single_python_file typosquatting unclaimed_maintainer_email_domain
"""
"""The rules of GuardDog 3.2, those on code of its version 2, and those on metadata."""


def test_nothing_is_wrong_with_the_mapping_that_comes_along() -> None:
    assert lint(builtin(), load()) == []


@pytest.mark.parametrize("rule", _BANDIT.split())
def test_every_test_of_bandit_is_known(rule: str) -> None:
    assert builtin().decide(finding(rule=rule)) is not None


@pytest.mark.parametrize("rule", _GUARDDOG.split())
def test_every_rule_of_guarddog_is_known(rule: str) -> None:
    assert builtin().decide(finding(tool="GuardDog", rule=rule)) is not None


@pytest.mark.parametrize(
    ("tool", "rule", "cwes", "expected"),
    [
        (
            "Semgrep OSS",
            "python.lang.security.audit.subprocess-shell-true.subprocess-shell-true",
            [],
            "execution.shell.run",
        ),
        ("Semgrep OSS", "rules.exec-base64", [], "execution.code.base64"),
        ("CodeQL", "py/command-line-injection", ["CWE-78"], "execution.shell.run"),
        ("CodeQL", "py/some-new-query", ["CWE-502"], "execution.code.unmarshal"),
        ("capslock", "CAPABILITY_NETWORK", [], "network.tcp.connect"),
        ("anything", "X1", ["CWE-918"], "network.http.connect"),
    ],
)
def test_rules_of_other_scanners_are_known(tool: str, rule: str, cwes: list[str], expected: str) -> None:
    decision = builtin().decide(finding(tool=tool, rule=rule, cwes=cwes))
    assert decision is not None
    assert expected in decision.behaviors


@pytest.mark.parametrize(
    ("tool", "rule"), [("Bandit", "B324"), ("GuardDog", "typosquatting"), ("CodeQL", "py/hardcoded-credentials")]
)
def test_what_no_act_shows_has_a_reason(tool: str, rule: str) -> None:
    decision = builtin().decide(finding(tool=tool, rule=rule))
    assert decision is not None
    assert not decision.behaviors
    assert decision.why.endswith(".")


def test_the_first_entry_that_fits_decides_and_a_users_own_come_first(tmp_path: Path) -> None:
    own = mapping(
        tmp_path,
        """
entries:
  - {rules: [B60*], message: ["*sudo*"], behaviors: [permissions.elevate]}
  - {tags: [mine], not_observable: "It is a matter of taste."}
""",
    )
    assert _behaviors(own, message="runs SUDO here") == ("permissions.elevate",)
    assert _behaviors(own, tags=["Mine"]) == ()
    assert "execution.shell.run" in (_behaviors(own) or ())


def _behaviors(own: Mapping, **changes: object) -> tuple[str, ...] | None:
    decision = own.decide(finding(**changes))
    return decision.behaviors if decision is not None else None


def test_patterns_of_behaviors_are_spelled_out() -> None:
    assert expanded(["network.webhook.*"]) == ("network.webhook.discord", "network.webhook.telegram")
    assert expanded(["network.webhook.none", "*.nothing"]) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("entries: [{rules: [a], behaviors: [no.such.thing]}]", "no behavior no.such.thing"),
        ("entries: [{behaviors: [file.read]}]", "fits nothing"),
        ("entries: [{rules: [a]}]", "either"),
        ("entries: [{rules: [a], behaviors: [file.read], not_observable: It has two answers.}]", "either"),
        ("entries: [{rules: [a], not_observable: It has a scope., at: line}]", "`at`"),
        ("entries: [{rules: [a], behaviors: [file.read], at: universe}]", "at"),
        ("entries: [{rules: [a], behaviour: [file.read]}]", "behaviour"),
        ("entries: []", "entries"),
        ("[", "is not YAML"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_file(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        mapping(tmp_path, text)
    message = str(raised.value)
    assert words in message
    assert "own.yaml" in message
    assert "\n" not in message


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_mapping((tmp_path / "none.yaml",))


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{"rules": ["a"], "behaviors": ["file.read"], "why": "It has no full stop"}], "full stop"),
        ([{"rules": ["a", "a"], "behaviors": ["file.read"]}], "twice"),
        ([{"rules": ["a"], "behaviors": ["file.read"]}, {"rules": ["A"], "behaviors": ["file.write"]}], "never comes"),
        ([{"rules": ["a"], "behaviors": ["network.oast.*"]}], "single behavior"),
    ],
)
def test_the_linter_finds(entries: list[dict[str, object]], words: str) -> None:
    own = Mapping((("own.yaml", MappingFile.model_validate({"entries": entries})),))
    assert any(words in one for one in lint(own, load()))
