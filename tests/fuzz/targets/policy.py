"""Policies, and the licences that packages name."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.errors import UsageError
from analyzer.model.report import Content, LicenseFact, Report
from analyzer.policy import Known, evaluate, load_policy
from analyzer.taxonomy import load
from tests.fuzz.target import target
from tests.unit.render.sample import behavior, evidence, quiet_report

_DAY = date(2026, 6, 30)


@cache
def _known() -> Known:
    return Known.of((one.id for one in load()), ("secret.left-sandbox",))


def _report(licence: str = "MIT") -> Report:
    fact = LicenseFact(
        distribution="six", version="1", role="target", source="License", text=licence, expression=licence, kinds=[]
    )
    seen = behavior("network.tcp.connect", "Connects", "low", [evidence("to 192.0.2.1", 1, target="192.0.2.1:80")])
    return quiet_report(behaviors=[seen], content=Content(files=1, bytes=1, licenses=[fact]))


@target(
    b"[policy]\n",
    b"[[policy.rules]]\n",
    b"[[policy.suppress]]\n",
    b'do = "reject"\n',
    b'do = "allow"\n',
    b'behavior = ["network.*"]\n',
    b'issue = "secret.left-sandbox"\n',
    b'severity = ["low"]\n',
    b'licence = "GPL-*"\n',
    b'package = "six<2"\n',
    b'package = "s*x"\n',
    b'target = "*:80"\n',
    b'reason = "looked at"\n',
    b"expires = 2027-06-30\n",
    b"defaults = false\n",
    b"[[[[",
    b"{a=",
    b"}",
    b"*",
    b'"""',
)
def policy_of_a_user(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "policy.toml"
        path.write_bytes(data)
        try:
            policy = load_policy(path, None, _known())
        except UsageError as error:
            assert "\n" not in str(error)
            return
    evaluate(_report(), policy, _DAY)


@target(
    b"MIT", b"GPL-2.0-only", b" AND ", b" OR ", b" WITH ", b"Classpath-exception-2.0", b"+", b"(", b")", b"LicenseRef-"
)
def licence_expression(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "policy.toml"
        path.write_text('[[policy.rules]]\ndo = "reject"\nlicence = "GPL-*"\n')
        policy = load_policy(path, None, _known())
    evaluate(_report(data.decode("utf-8", "replace")), policy, _DAY)
