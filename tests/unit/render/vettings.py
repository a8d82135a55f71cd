"""What `fumehood vet` tells of several packages, for the formats of all."""

from __future__ import annotations

from analyzer.model.report import Reason, Report, Suppressed, Verdict
from analyzer.model.vetting import Anchor, Numbers, VettedPackage, Vetting
from tests.unit.render.sample import behavior, evidence, location, quiet_report
from tests.unit.render.vetted import issue


def heading(**changes: object) -> Vetting:
    fields: dict[str, object] = {
        "generator": "fumehood 0.1.0",
        "created": "2025-10-09T08:53:25Z",
        "decision": "REJECT",
        "violated": True,
        "policy": "ours",
        "numbers": Numbers(packages=3, analysed=2, approve=1, reject=1, not_analysed=1),
        "notes": ["r.txt, line 9: --pre is passed over"],
        "packages": [],
    }
    return Vetting.model_validate(fields | changes)


def thief() -> Report:
    """Rejected for a behavior and a licence; one behavior is suppressed, one is small, one is notable."""
    at = location("acme/a.py", 3)
    return quiet_report(
        behaviors=[
            behavior("steal.ssh-key.read", "Reads SSH keys", "medium", [evidence("~/.ssh/id", 1, location=at), evidence("~/.ssh/x", 2)]),
            behavior("network.tcp.connect", "Connects", "low", [evidence("x", 1)]),
            behavior("network.http.connect", "Speaks HTTP", "low", [evidence("y", 1)]),
            behavior("execution.shell.run", "Runs a shell", "high", [evidence("sh", 1)]),
        ],
        issues=[issue("project.rare", "Seldom used", "low")],
        verdict=Verdict(
            decision="REJECT",
            policy="ours",
            reasons=[
                Reason(decision="REJECT", kind="behavior", id="steal.ssh-key.read", title="Reads SSH keys", rule="reject steal.*"),
                Reason(decision="REVIEW", kind="licence", title="GPL-3.0-only of six", rule="warn licence GPL-*"),
            ],
            suppressed=[Suppressed(kind="behavior", id="network.tcp.connect", reason="it is a client", expires="2030-01-01")],
        ),
    )  # fmt: skip


def packages() -> list[VettedPackage]:
    approved = quiet_report(verdict=Verdict(decision="APPROVE", policy="ours"))
    return [
        VettedPackage(
            target="six", places=["r.txt, line 3"], anchors=[Anchor(file="deps/r.txt", line=3), Anchor(file="d.txt", line=1)],
            standing="complete", decision="REJECT", report=thief(),
        ),
        VettedPackage(
            target="gone==1", places=["r.txt, line 4"], anchors=[Anchor(file="deps/r.txt", line=4)], standing="not analysed",
            error="the index has no such project",
        ),
        VettedPackage(target="win", places=[], standing="not wanted", error="it is wanted only elsewhere"),
        VettedPackage(target="idna", standing="complete", decision="APPROVE", report=approved),
    ]  # fmt: skip


def hostile_packages(report: Report, text: str) -> list[VettedPackage]:
    """The report under a name, at a place and with an error that are hostile, beside one that was not analysed."""
    anchors = [Anchor(file=text, line=-1)]
    return [
        VettedPackage(target=text, places=[text] * 4, anchors=anchors, standing="complete", decision="REJECT", report=report),
        VettedPackage(target=text, places=[text], anchors=anchors, standing="not analysed", error=text),
    ]  # fmt: skip
