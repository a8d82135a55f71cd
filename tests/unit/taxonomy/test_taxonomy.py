from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.errors import UsageError
from analyzer.taxonomy import behavior as behavior_module
from analyzer.taxonomy import load

FIXED = (Path(__file__).parents[2] / "data" / "behavior-ids.txt").read_text(encoding="ascii").split()
"""The ids of the published vocabulary. They stay as they are; a new one of our own is added to the list's end."""

TEN = {
    "Sends data on a connected TCP socket.": "network.tcp.send",
    "Receives data from a connected TCP socket.": "network.tcp.receive",
    "Permits an incoming connection on a TCP socket.": "network.tcp.accept",
    "Opens a socket listening for an incoming connection.": "network.socket.listen",
    "Connects through HTTP.": "network.http.connect",
    "Contains URLs that link to interesting file formats.": "network.url.interesting-format",
    "Contains URLs that use non-standard ports.": "network.url.nonstandard-port",
    "Renames a file or directory.": "file.rename",
    "Creates shortcuts during installation or upon launch.": "file.shortcut.create",
    "Queries the system time.": "settings.time.query",
}


def test_ids_are_of_the_fixed_vocabulary() -> None:
    assert len(FIXED) == len(set(FIXED)) >= 215
    assert {behavior.id for behavior in load()} <= set(FIXED)


@pytest.mark.parametrize(("phrase", "identifier"), list(TEN.items()))
def test_the_ten_known_phrases_are_aliases(phrase: str, identifier: str) -> None:
    assert [behavior.id for behavior in load() if phrase in behavior.aliases] == [identifier]


@pytest.mark.parametrize("behavior", list(load()), ids=lambda behavior: behavior.id)
def test_titles_are_our_own(behavior: behavior_module.Behavior) -> None:
    words = behavior.title.lower().rstrip(".")
    assert words not in {alias.lower().rstrip(".") for alias in behavior.aliases}
    assert behavior.title[0].isupper()
    assert not behavior.title.endswith(".")
    assert behavior.description.endswith(".")
    assert behavior.innocent.endswith(".")


def test_titles_and_aliases_are_unique() -> None:
    titles = [behavior.title for behavior in load()]
    aliases = [alias for behavior in load() for alias in behavior.aliases]
    assert len(titles) == len(set(titles))
    assert len(aliases) == len(set(aliases))


def test_lookup() -> None:
    taxonomy = load()
    assert "file.rename" in taxonomy
    assert "file.eat" not in taxonomy
    assert taxonomy["file.rename"].category == "file"


def test_limits_are_by_tracer() -> None:
    limits = load().limits("strace")
    assert set(limits) == {
        "evasion.debugger.prevent", "file.read", "permissions.namespace.enter", "settings.limits.change", "settings.time.query",
    }  # fmt: skip
    assert all(text.endswith(".") for text in limits.values())
    assert load().limits("kernel") == load().limits("none") == {}


ENTRY = "{id: ID, title: Tit, description: Des., severity: low, since: 0.1.0, innocent: Inn., observability: [syscall]}"


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        ("category: [", "while parsing"),
        ("category: file", "Field required"),
        (
            f"category: file\ndescription: Des.\nbehaviors: [{ENTRY.replace('ID', 'network.x.y')}]",
            "does not belong to category file",
        ),
        (
            f"category: file\ndescription: Des.\nbehaviors: [{ENTRY.replace('ID', 'File Eat')}]",
            "String should match pattern",
        ),
        (
            f"category: file\ndescription: Des.\nbehaviors: [{ENTRY.replace('ID', 'file.x').replace('low', 'bad')}]",
            "'critical'",
        ),
        (
            f"category: file\ndescription: Des.\nbehaviors: [{', '.join([ENTRY.replace('ID', 'file.x')] * 2)}]",
            "file.x is there twice",
        ),
    ],
)
def test_a_broken_file_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, telling: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.yaml").write_text(content)
    monkeypatch.setattr(behavior_module, "files", lambda package: tmp_path)
    with pytest.raises(UsageError, match=r"taxonomy file mine\.yaml") as caught:
        load.__wrapped__()
    assert telling in str(caught.value)
    assert "\n" not in str(caught.value)
