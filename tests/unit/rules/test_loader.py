"""Rule folders of the user's own, and what is said of broken ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from analyzer.errors import UsageError
from analyzer.rules import lint
from analyzer.rules.loader import Ruleset, builtin, ruleset
from tests.unit.rules.events import opened

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"behavior": "file.rename", "event": "file.open", "detail": "{path}"}
OWN = """description: ours
behaviors:
  - id: steal.recipes.read
    title: Reads the recipes
    description: The file of recipes was opened.
    severity: high
    innocent: Cooks may.
    observability: [syscall]
    since: 1.0.0
lists:
  - {name: our-recipes, title: Recipes, kind: paths, source: our kitchen, date: 2026-01-01, entries: ["~/recipes/"]}
rules:
  - behavior: steal.recipes.read
    event: file.open
    where: {path: {in: our-recipes}}
    detail: "{path}"
    examples:
      shows: [{path: /home/u/recipes/soup}]
      nearly: [{path: /home/u/recipes.txt}]
"""


def test_a_folder_adds_behaviors_lists_and_rules(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(OWN)
    found = ruleset([tmp_path])
    assert "steal.recipes.read" in found.taxonomy
    assert "steal.recipes.read" not in builtin().taxonomy
    assert found.taxonomy["steal.recipes.read"].category == "steal"
    (seen,) = [one for one in found.engine().observe([opened("/home/u/recipes/soup")]) if "recipes" in one.behavior]
    assert (seen.rule, seen.detail) == ("steal.recipes.read/1", "/home/u/recipes/soup")
    assert (found.origins[-1].file, found.origins[-1].line) == (str(tmp_path / "ours.yaml"), 13)


def test_files_of_a_folder_see_each_other_in_order(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OWN)
    (tmp_path / "b.yaml").write_text(
        yaml.safe_dump({"description": "x", "rules": [GOOD | {"behavior": "steal.recipes.read"}]})
    )
    assert len(ruleset([tmp_path]).rules) == len(builtin().rules) + 2


def test_without_a_folder_there_are_the_rules_of_this_version() -> None:
    assert ruleset() is builtin()


@pytest.mark.parametrize(
    ("change", "telling"),
    [
        ({"event": "file.eat"}, "unknown kind of event 'file.eat'"),
        ({"where": {"colour": "red"}}, "file.open has no field 'colour'"),
        ({"where": {"path": {"regex": "("}}}, "regex '(' is broken"),
        ({"where": {"path": {"in": "nothing"}}}, "no reference list 'nothing'"),
        ({"where": {"path": {"like": "a"}}}, "Extra inputs are not permitted"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"behavior": "file.eat"}, "the taxonomy has no behavior 'file.eat'"),
        ({"examples": {"shows": [{"size": 1}], "nearly": [{}]}}, "example 1 of `shows`: file.open has no field 'size'"),
        ({"examples": {"shows": [{}], "nearly": [{}]}}, "example 1 of `nearly` is observed"),
        (
            {"where": {"path": "/x"}, "examples": {"shows": [{}], "nearly": [{}]}},
            "example 1 of `shows` is not observed",
        ),
    ],
)
def test_a_broken_rule_is_one_clear_error(tmp_path: Path, change: dict[str, Any], telling: str) -> None:
    (tmp_path / "mine.yaml").write_text(
        yaml.safe_dump({"description": "x", "rules": [GOOD, GOOD | change]}, sort_keys=False)
    )
    with pytest.raises(UsageError) as caught:
        ruleset([tmp_path])
    message = str(caught.value)
    assert message.startswith(f"rule file {tmp_path / 'mine.yaml'}, line ")
    assert int(message.split("line ")[1].split(":")[0]) >= 6
    assert telling in message
    assert "\n" not in message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        (b"rules: [", "is not YAML"),
        (b"\xff\xfe\x00", "is not YAML"),
        (b"a: &a [*a]", "is not YAML: nested deeper"),
        (b"- 1", "line 1: "),
        (b"rules: []", "description: Field required"),
        (b"description: x\nrules: 5", "line 2: rules: "),
        (b"description: x\nrules:\n  - 5", "line 3: rules: "),
        (b"description: x\nrules: !!python/object/apply:os.system [id]", "is not YAML"),
    ],
)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, content: bytes, telling: str) -> None:
    (tmp_path / "mine.yaml").write_bytes(content)
    with pytest.raises(UsageError, match=r"rule file .*mine\.yaml") as caught:
        ruleset([tmp_path])
    assert telling in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OWN)
    (tmp_path / "b.yaml").write_text(OWN)
    with pytest.raises(UsageError, match="another reference list of the name 'our-recipes'"):
        ruleset([tmp_path])
    (tmp_path / "b.yaml").write_text(OWN.replace("our-recipes", "their-recipes"))
    with pytest.raises(UsageError, match=r"b\.yaml, line 3: the taxonomy has 'steal\.recipes\.read' already"):
        ruleset([tmp_path])


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("rules: [")
    with pytest.raises(UsageError, match="there is no rule file"):
        ruleset([tmp_path])
    with pytest.raises(UsageError, match="not a folder"):
        ruleset([tmp_path / "notes.txt"])


def changed(**changes: Any) -> Ruleset:
    found = builtin()
    names = ("taxonomy", "lists", "rules", "origins")
    return Ruleset(**({name: getattr(found, name) for name in names} | changes))


def test_the_linter_is_content_with_this_version() -> None:
    assert lint.findings(builtin()) == []


def test_the_linter_finds_what_is_dead_double_or_untested() -> None:
    found = builtin()
    pairs = [pair for pair in zip(found.rules, found.origins, strict=True) if pair[0].behavior != "file.rename"]
    untested = pairs[0][0].model_copy(update={"examples": None, "detail": "other words"})
    pairs.append((untested, pairs[0][1]))
    told = lint.findings(changed(rules=tuple(one for one, _ in pairs), origins=tuple(one for _, one in pairs)))
    assert "file.rename: no rule witnesses it" in told
    assert sum("another rule asks for the same" in one for one in told) == 2
    assert sum("has no examples" in one for one in told) == 1


def test_the_linter_finds_unreachable_conditions() -> None:
    found = builtin()
    impossible = found.rules[0].model_validate(
        GOOD
        | {
            "event": "file.write",
            "where": {"size": {"all": [{"min": 5}, {"max": 4}]}, "path": [], "call": {"prefix": ""}},
        }
    )
    told = lint.findings(changed(rules=(*found.rules, impossible), origins=(*found.origins, found.origins[0])))
    assert sum("'size' cannot be at least 5 and at most 4" in one for one in told) == 1
    assert sum("'path' may be none of nothing" in one for one in told) == 1
    assert sum("'call': every text fits `prefix`" in one for one in told) == 1


def test_the_linter_finds_unknown_techniques_and_unused_lists() -> None:
    found = builtin()
    behavior = next(iter(found.taxonomy)).model_copy(update={"id": "file.odd", "attack": ("T9999",), "mbc": ("B9999",)})
    one = next(iter(found.lists.values())).model_copy(update={"name": "unused"})
    told = lint.findings(changed(taxonomy=found.taxonomy.with_more([behavior]), lists={**found.lists, "unused": one}))
    assert told == [
        "file.odd: ATT&CK has no T9999",
        "file.odd: MBC has no B9999",
        "file.odd: no rule witnesses it",
        f"file.odd: observability says {', '.join(sorted(behavior.observability))}, and its rules witness by none",
        "reference list 'unused': no rule uses it",
    ]
