"""Every piece of a report's evidence says what was acted upon, as far as the record tells what is the place's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.pipeline.recording import SITE, Recording

if TYPE_CHECKING:
    from pathlib import Path

CALLS = f"""
execve("/bin/sh", ["/bin/sh", "-c", "cat sample-1.0.txt"], 0x1 /* 1 var */) = 0
openat(AT_FDCWD, "/home/alex/.ssh/id_rsa", O_RDONLY|O_CLOEXEC) = 3</home/alex/.ssh/id_rsa>
openat(AT_FDCWD, "{SITE}/other/x-1.0.dat", O_WRONLY|O_CREAT, 0666) = 4<{SITE}/other/x-1.0.dat>
"""


def test_evidence_has_targets(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    recording.step("import", CALLS)
    report = recording.report()
    targets = {(one.id, evidence.target) for one in report.behaviors for evidence in one.evidence}
    assert targets >= {
        ("steal.ssh-key.read", "~/.ssh/id_rsa"),
        ("execution.shell.run", "/bin/sh -c cat sample-{version}.txt"),
        ("file.open", "{site}/other/x-{version}.dat"),
    }
    assert all(target for _, target in targets)
    of_issues = {evidence.target for one in report.issues for evidence in one.evidence}
    assert of_issues <= {target for _, target in targets}


def test_what_rules_count_is_told_by_what_is_common(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.installed()
    recording.step("install", argv=["/opt/uv/uv"])
    calls = 'execve("/bin/sh", ["/bin/sh"], 0x1 /* 1 var */) = 0\n'
    calls += "".join(f'unlink("/home/alex/Documents/{number}.odt") = 0\n' for number in range(6))
    recording.step("import", calls)
    (wiped,) = [one for one in recording.report().behaviors if one.id == "file.data.wipe"]
    assert {evidence.target for evidence in wiped.evidence} == {"~/Documents/*"}
