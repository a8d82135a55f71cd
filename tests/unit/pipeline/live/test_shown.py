from __future__ import annotations

import pytest

from analyzer.model.event import Event, FileOpen, Source
from analyzer.pipeline.live import shown as module
from analyzer.pipeline.live.shown import Shown
from analyzer.rules.loader import builtin


def opened(path: str, time: float = 1.0) -> Event:
    detail = FileOpen(path=path, access="read", flags=("O_RDONLY",), error="")
    return Event(
        time, "execute", "syscall", 1, "cat", "completed", "package", detail, Source("steps/01-execute.strace", 1)
    )


@pytest.fixture
def shown() -> Shown:
    return Shown(builtin(), builtin().engine(), "low")


def test_each_behavior_is_shown_once_upon_each_target_and_counted(shown: Shown) -> None:
    found = shown.take([opened("/etc/shadow"), opened("/etc/shadow"), opened("/home/alex/.ssh/id_rsa")])
    assert [one.id for one in found] == ["steal.password-file.read", "steal.ssh-key.read"]
    assert shown.take([opened("/etc/shadow")]) == []
    assert shown.count("steal.password-file.read", found[0].target) == 3
    assert shown.count("steal.password-file.read", "elsewhere") == 0


def test_targets_are_remembered_up_to_a_bound(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 1)
    keys = [opened(f"/home/alex/.ssh/id_{name}") for name in ("rsa", "ed25519", "rsa")]
    assert len(shown.take(keys)) == 1
    assert [one.id for one in shown.take([opened("/etc/shadow"), opened("/etc/shadow")])] == [
        "steal.password-file.read"
    ]
    assert len(shown._seen) == 1
